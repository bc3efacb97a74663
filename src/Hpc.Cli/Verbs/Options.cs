using CommandLine;

namespace Hpc.Cli.Verbs;

/// <summary>A spec and what is changed in it.</summary>
public abstract class SpecOptions
{
    [Value(0, MetaName = "SPEC", Required = true, HelpText = "The spec, a JSON file (see runs/README.md).")]
    public required string Spec { get; init; }

    [Value(1, MetaName = "key=value", HelpText = "Values that replace those of the spec, for example model.dimension=200 seeds.count=4.")]
    public required IEnumerable<string> Overrides { get; init; }
}

[Verb("run", HelpText = "Simulate what a spec asks for, merge the seeds, draw the figures and write the report; goes on where an earlier run stopped.")]
public sealed class RunOptions : SpecOptions
{
    [Option("out", MetaValue = "DIR", HelpText = "Output folder (default: runs/out/NAME).")]
    public string? Out { get; init; }

    [Option("device", Default = "auto", MetaValue = "DEVICE", HelpText = "auto (the fastest), cpu, cuda[:i], opencl[:i] or ilgpu-cpu; 'hpc devices' lists what there is.")]
    public required string Device { get; init; }

    [Option("threads", Default = 0, MetaValue = "N", HelpText = "Number of threads (default: all processors).")]
    public int Threads { get; init; }

    [Option("precision", Default = "", MetaValue = "single|double", HelpText = "Precision of the products with features (default: single for fresh-noise descent, double otherwise); eigensystem and readout are always in double.")]
    public required string Precision { get; init; }

    [Option("max-time", MetaValue = "TIME", HelpText = "Stop after this time with everything saved (exit code 3), written as h:mm:ss.")]
    public TimeSpan? MaxTime { get; init; }

    [Option("checkpoint", MetaValue = "TIME", HelpText = "Least time between two checkpoints of a fresh-noise descent, written as h:mm:ss (default: 0:02:00); saving never takes more than 1 % of the time.")]
    public TimeSpan? Checkpoint { get; init; }

    [Option("eigensolver", Default = "auto", MetaValue = "NAME", HelpText = "auto, openblas, mkl, lapack, managed, or the path of a LAPACK library.")]
    public required string Eigensolver { get; init; }
}

[Verb("plan", HelpText = "Print memory, operations, bytes and predicted time of every stage for each method, from measured rates of this machine.")]
public sealed class PlanOptions : SpecOptions
{
    [Option("ranks", Default = 1, MetaValue = "N", HelpText = "Number of ranks that share the tasks.")]
    public int Ranks { get; init; }

    [Option("threads", Default = 0, MetaValue = "N", HelpText = "Threads of each rank (default: all processors).")]
    public int Threads { get; init; }

    [Option("device", Default = "cpu", MetaValue = "DEVICE", HelpText = "cpu, cuda[:i], opencl[:i] or ilgpu-cpu; 'hpc devices' lists what there is.")]
    public required string Device { get; init; }

    [Option("precision", Default = "", MetaValue = "single|double", HelpText = "As in 'hpc run'.")]
    public required string Precision { get; init; }
}

/// <summary>An output folder of an earlier run.</summary>
public abstract class FolderOptions
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The output folder of a run.")]
    public required string Folder { get; init; }
}

[Verb("merge", HelpText = "Merge the finished tasks of a run into one HDF5 file with means and standard errors over seeds.")]
public sealed class MergeOptions : FolderOptions;

[Verb("status", HelpText = "List the tasks of a run: done, running, missing, damaged.")]
public sealed class StatusOptions : FolderOptions;

[Verb("plot", HelpText = "Draw the figures and the report of a run again from its merged file.")]
public sealed class PlotOptions : FolderOptions;

[Verb("devices", HelpText = "List what the engine can compute with on this machine, and why not where it cannot.")]
public sealed class DevicesOptions;

[Verb("theory", HelpText = "Compute the exact high-dimensional limit of what a spec simulates: spectrum, losses, time scales, outliers.")]
public sealed class TheoryOptions : SpecOptions
{
    [Option("json", MetaValue = "FILE", HelpText = "Write one JSON object to FILE, or to standard output for '-'.")]
    public string? Json { get; init; }

    [Option("at", Separator = TheoryVerb.Separator, MetaValue = "RE,IM", HelpText = "Resolvent traces at this z; may be repeated, for example --at=-0.1,0 --at=1,0.5.")]
    public required IEnumerable<string> At { get; init; }

    [Option('s', TheoryVerb.TimeOption, Separator = TheoryVerb.Separator, MetaValue = "S", HelpText = "Losses at this training time instead of the epochs of the descent; may be repeated, also as --s=S.")]
    public required IEnumerable<string> S { get; init; }

    [Option("sensitivity", HelpText = "How the time scales depend on variances, centroid norms, angles and weights.")]
    public bool Sensitivity { get; init; }

    [Option("out", MetaValue = "DIR", HelpText = "Folder of the figures (default: runs/out/NAME-theory).")]
    public string? Out { get; init; }
}

[Verb("reproduce", HelpText = "Make every figure of the paper, check its claims in numbers and write one page with all of them.")]
public sealed class ReproduceOptions
{
    [Value(0, MetaName = "key=value", HelpText = "Values that replace those of every spec, for example seeds.count=2.")]
    public required IEnumerable<string> Overrides { get; init; }

    [Option("quick", HelpText = "Small sizes: minutes on two cores.")]
    public bool Quick { get; init; }

    [Option("paper", HelpText = "Sizes of the paper: print the plan and how to run it on a cluster; with --run, run it here.")]
    public bool Paper { get; init; }

    [Option("run", HelpText = "With --paper: run what is not done yet, then check the claims and write the page.")]
    public bool Run { get; init; }

    [Option("only", MetaValue = "NAME", HelpText = "Only this experiment, for example fig4; may be repeated.")]
    public required IEnumerable<string> Only { get; init; }

    [Option("runs", Default = "runs", MetaValue = "DIR", HelpText = "Folder of the specs.")]
    public required string Runs { get; init; }

    [Option("out", MetaValue = "DIR", HelpText = "Output folder (default: runs/out/reproduce or runs/out/paper).")]
    public string? Out { get; init; }

    [Option("device", Default = "auto", MetaValue = "DEVICE", HelpText = "As in 'hpc run'.")]
    public required string Device { get; init; }

    [Option("threads", Default = 0, MetaValue = "N", HelpText = "Number of threads (default: all processors).")]
    public int Threads { get; init; }
}

[Verb("profile", HelpText = "Run the first task of a spec and say what each kernel took, against what the machine can do.")]
public sealed class ProfileOptions : SpecOptions
{
    [Option("trace", MetaValue = "FILE", HelpText = "Write every call as a Chrome trace, for ui.perfetto.dev.")]
    public string? Trace { get; init; }

    [Option("threads", Default = 0, MetaValue = "N", HelpText = "Number of threads (default: all processors).")]
    public int Threads { get; init; }

    [Option("device", Default = "auto", MetaValue = "DEVICE", HelpText = "auto (the fastest), cpu, cuda[:i], opencl[:i] or ilgpu-cpu; 'hpc devices' lists what there is.")]
    public required string Device { get; init; }

    [Option("out", MetaValue = "DIR", HelpText = "Folder of the result and the figure (default: runs/out/NAME-profile).")]
    public string? Out { get; init; }
}
