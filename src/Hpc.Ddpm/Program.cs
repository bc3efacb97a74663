using CommandLine;
using Hpc.Cli;
using Hpc.Cluster;
using Hpc.Ddpm.Torch;
using Hpc.Ddpm.Verbs;

// Before anything that loads a native library: MPI libraries would take the signals over.
using var stop = new StopRequest();

return CommandLineProgram.Run(
    $"hpc-ddpm {Provenances.EngineVersion}: how denoising diffusion models memorize classes of pictures",
    parser => parser.ParseArguments<DdpmRunOptions, DdpmPlanOptions, DdpmMergeOptions, DdpmStatusOptions, DdpmPlotOptions>(args),
    (parsed, help) => parsed.MapResult(
        (DdpmRunOptions options) => WithTorch(() => DdpmRunVerb.Execute(options, stop)),
        (DdpmPlanOptions options) => WithTorch(() => DdpmPlanVerb.Execute(options)),
        (DdpmMergeOptions options) => DdpmFolderVerbs.Merge(options),
        (DdpmStatusOptions options) => DdpmFolderVerbs.Status(options),
        (DdpmPlotOptions options) => DdpmFolderVerbs.Plot(options),
        help));

static int WithTorch(Func<int> run)
{
    try
    {
        NativeTorch.Load();
    }
    catch (DllNotFoundException e)
    {
        throw new UsageException(e.Message);
    }

    return run();
}
