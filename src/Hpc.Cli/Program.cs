using System.Runtime.InteropServices;
using CommandLine;
using CommandLine.Text;
using Hpc.Cli;
using Hpc.Cli.Verbs;
using Hpc.Cluster;
using Hpc.Diffusion.Spec;

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

using var parser = new Parser(settings =>
{
    settings.CaseInsensitiveEnumValues = true;
    settings.HelpWriter = null;
    settings.AllowMultiInstance = true;
});
ParserResult<object> parsed = parser.ParseArguments<RunOptions, TheoryOptions, MergeOptions, StatusOptions, PlotOptions, DevicesOptions>(TheoryVerb.GatherRepeatedOptions(args));
try
{
    return parsed.MapResult(
        (RunOptions options) => RunVerb.Execute(options, stop.Token),
        (TheoryOptions options) => TheoryVerb.Execute(options),
        (MergeOptions options) => MergeVerb.Execute(options),
        (StatusOptions options) => StatusVerb.Execute(options),
        (PlotOptions options) => PlotVerb.Execute(options),
        (DevicesOptions _) => DevicesVerb.Execute(),
        Help);
}
catch (Exception e) when (e is UsageException or SpecException or FolderInUseException)
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

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
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
