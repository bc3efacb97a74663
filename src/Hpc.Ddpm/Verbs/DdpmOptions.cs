using CommandLine;
using Hpc.Cli.Verbs;

namespace Hpc.Ddpm.Verbs;

[Verb("run", HelpText = "Train and measure the networks that a spec with a ddpm block asks for, merge the seeds and draw the figures; goes on where an earlier run stopped.")]
public sealed class DdpmRunOptions : SpecOptions
{
    [Option("out", MetaValue = "DIR", HelpText = "Output folder (default: runs/out/NAME).")]
    public string? Out { get; init; }

    [Option("data", MetaValue = "DIR", HelpText = "Folder of the data set (default: that of HPC_DATA, else data or shared/data here or above).")]
    public string? Data { get; init; }

    [Option("device", Default = "cpu", MetaValue = "DEVICE", HelpText = "cpu or cuda[:i]; without an index the ranks of a machine take its devices in turn.")]
    public required string Device { get; init; }

    [Option("threads", Default = 0, MetaValue = "N", HelpText = "Number of threads (default: all processors).")]
    public int Threads { get; init; }

    [Option("max-time", MetaValue = "TIME", HelpText = "Stop after this time with everything saved (exit code 3), written as h:mm:ss.")]
    public TimeSpan? MaxTime { get; init; }

    [Option("checkpoint", MetaValue = "TIME", HelpText = "Least time between two checkpoints, written as h:mm:ss (default: 0:02:00); saving never takes more than 1 % of the time.")]
    public TimeSpan? Checkpoint { get; init; }
}

[Verb("plan", HelpText = "Print parameters, operations, memory and predicted time of a spec with a ddpm block, from steps timed here.")]
public sealed class DdpmPlanOptions : SpecOptions
{
    [Option("ranks", Default = 1, MetaValue = "N", HelpText = "Number of ranks that share the tasks.")]
    public int Ranks { get; init; }

    [Option("device", Default = "cpu", MetaValue = "DEVICE", HelpText = "cpu or cuda[:i].")]
    public required string Device { get; init; }

    [Option("threads", Default = 0, MetaValue = "N", HelpText = "Threads of each rank (default: all processors).")]
    public int Threads { get; init; }
}

[Verb("merge", HelpText = "Merge the finished tasks of a run into one HDF5 file with means and standard errors over seeds.")]
public sealed class DdpmMergeOptions : FolderOptions
{
    [Option("data", MetaValue = "DIR", HelpText = "As in run.")]
    public string? Data { get; init; }
}

[Verb("plot", HelpText = "Draw the figures and the report of a run again from its merged file.")]
public sealed class DdpmPlotOptions : FolderOptions;

[Verb("status", HelpText = "List the tasks of a run: done, running, missing, damaged.")]
public sealed class DdpmStatusOptions : FolderOptions;
