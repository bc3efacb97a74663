using CommandLine;
using Hpc.Cli;
using Hpc.Cli.Verbs;
using Hpc.Cluster;

// Specs with a ddpm block belong to a program of their own, which takes the place of this one.
if (DdpmProgram.Serves(args))
{
    return CommandLineProgram.Guard(() => DdpmProgram.Become(args));
}

// Before anything that loads a native library: MPI libraries would take the signals over.
using var stop = new StopRequest();

return CommandLineProgram.Run(
    $"hpc {Provenances.EngineVersion}: how diffusion models learn, at finite size and in theory",
    parser => parser.ParseArguments<RunOptions, PlanOptions, TheoryOptions, MergeOptions, StatusOptions, PlotOptions, DevicesOptions, ProfileOptions, ReproduceOptions>(TheoryVerb.GatherRepeatedOptions(args)),
    (parsed, help) => parsed.MapResult(
        (RunOptions options) => RunVerb.Execute(options, stop),
        (PlanOptions options) => PlanVerb.Execute(options),
        (TheoryOptions options) => TheoryVerb.Execute(options),
        (MergeOptions options) => MergeVerb.Execute(options),
        (StatusOptions options) => StatusVerb.Execute(options),
        (PlotOptions options) => PlotVerb.Execute(options),
        (DevicesOptions _) => DevicesVerb.Execute(),
        (ProfileOptions options) => ProfileVerb.Execute(options, stop),
        (ReproduceOptions options) => ReproduceVerb.Execute(options, stop),
        help));
