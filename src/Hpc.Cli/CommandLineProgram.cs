using CommandLine;
using CommandLine.Text;
using Hpc.Cluster;
using Hpc.Cluster.Mpi;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli;

/// <summary>What every program of the engine does with its command line and with what goes wrong.</summary>
public static class CommandLineProgram
{
    /// <summary>Parses the arguments and runs the verb.</summary>
    /// <param name="heading">What the help begins with.</param>
    /// <param name="parse">Parses the arguments into the options of a verb.</param>
    /// <param name="execute">Runs the verb of the options; the second argument answers errors of the command line.</param>
    /// <returns>The exit code of the program.</returns>
    public static int Run(string heading, Func<Parser, ParserResult<object>> parse, Func<ParserResult<object>, Func<IEnumerable<Error>, int>, int> execute)
    {
        using var parser = new Parser(settings =>
        {
            settings.CaseInsensitiveEnumValues = true;
            settings.HelpWriter = null;
            settings.AllowMultiInstance = true;
        });
        ParserResult<object> parsed = parse(parser);
        return Guard(() => execute(parsed, errors => Help(heading, parsed, errors)));
    }

    /// <summary>Runs something and turns what goes wrong into a message and an exit code.</summary>
    public static int Guard(Func<int> run)
    {
        try
        {
            return run();
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
    }

    private static int Help(string heading, ParserResult<object> parsed, IEnumerable<Error> errors)
    {
        HelpText text = HelpText.AutoBuild(parsed, help =>
        {
            help.Heading = heading;
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
}
