using Hpc.Cli.Running;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc merge</c>: the finished tasks of a run in one file.</summary>
public static class MergeVerb
{
    public static int Execute(MergeOptions options)
    {
        OutputFolder folder = OutputFolder.Open(options.Folder);
        Finishing.Merge(folder, Finishing.TasksOf(folder), default);
        Console.WriteLine(folder.MergedFile);
        return ExitCode.Done;
    }
}
