using Hpc.Cli.Running;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc plot</c>: figures and report from the merged file alone.</summary>
public static class PlotVerb
{
    public static int Execute(PlotOptions options)
    {
        OutputFolder folder = OutputFolder.Open(options.Folder);
        foreach (string file in Finishing.Draw(folder))
        {
            Console.WriteLine(file);
        }

        return ExitCode.Done;
    }
}
