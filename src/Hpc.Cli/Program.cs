using CommandLine;
using CommandLine.Text;
using Hpc.Cli;
using Hpc.Cli.Verbs;
using Hpc.Cluster;
using Hpc.Cluster.Mpi;
using Hpc.Diffusion.Spec;

// Before anything that loads a native library: MPI libraries would take the signals over.
using var stop = new StopRequest();

using var parser = new Parser(settings =>
{
    settings.CaseInsensitiveEnumValues = true;
    settings.HelpWriter = null;
    settings.AllowMultiInstance = true;
});
ParserResult<object> parsed = parser.ParseArguments<RunOptions, PlanOptions, TheoryOptions, MergeOptions, StatusOptions, PlotOptions, DevicesOptions, ProfileOptions, ReproduceOptions>(TheoryVerb.GatherRepeatedOptions(args));
try
{
    return parsed.MapResult(
        (RunOptions options) => RunVerb.Execute(options, stop),
        (PlanOptions options) => PlanVerb.Execute(options),
        (TheoryOptions options) => TheoryVerb.Execute(options),
        (MergeOptions options) => MergeVerb.Execute(options),
        (StatusOptions options) => StatusVerb.Execute(options),
        (PlotOptions options) => PlotVerb.Execute(options),
        (DevicesOptions _) => DevicesVerb.Execute(),
        (ProfileOptions options) => ProfileVerb.Execute(options, stop),
        (ReproduceOptions options) => ReproduceVerb.Execute(options, stop),
        Help);
}
catch (Exception e) when (e is UsageException or SpecException or FolderInUseException or MpiException)
{
    Console.Error.WriteLine($"hpc: {e.Message}");
    return ExitCode.BadInput;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("hpc: stopped; run again to go on");
    return ExitCode.Stopped;
}
catch (IOException e)
{
    Console.Error.WriteLine($"hpc: {e.Message}");
    return ExitCode.TaskFailed;
}

int Help(IEnumerable<Error> errors)
{
    HelpText text = HelpText.AutoBuild(parsed, help =>
    {
        help.Heading = $"hpc {Provenances.EngineVersion}: how diffusion models learn, at finite size and in theory";
        help.Copyright = "";
        help.AdditionalNewLineAfterOption = false;
        help.MaximumDisplayWidth = 120;
        return HelpText.DefaultParsingErrorsHandler(parsed, help);
    });
    if (errors.IsVersion())
    {
        Console.WriteLine(Provenances.EngineVersion);
        return ExitCode.Done;
    }

    if (errors.IsHelp())
    {
        Console.WriteLine(text);
        return ExitCode.Done;
    }

    Console.Error.WriteLine(text);
    return ExitCode.BadInput;
}
