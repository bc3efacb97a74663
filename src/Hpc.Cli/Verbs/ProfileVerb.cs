using System.Diagnostics;
using System.Globalization;
using Hpc.Cli.Devices;
using Hpc.Cli.Figures;
using Hpc.Cli.Planning;
using Hpc.Cli.Profiling;
using Hpc.Cli.Running;
using Hpc.Cluster;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;
using Hpc.Results;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc profile</c>: the first task of a spec, as <c>hpc run</c> would run it, with a listener at every kernel.</summary>
public static class ProfileVerb
{
    /// <summary>Most spans in a trace: some 100 MB of JSON, about what a viewer takes.</summary>
    private const int LargestTrace = 500_000;

    public static int Execute(ProfileOptions options, StopRequest stop)
    {
        ExperimentSpec given = SpecReader.ReadFile(options.Spec, options.Overrides);
        double available = AvailableMemory.Of(1);
        ISymmetricEigensolver eigensolver = RunVerb.FindEigensolver("auto");
        int threadCount = RunVerb.Threads(options.Threads, new SingleProcessCommunicator());
        var single = new SingleProcessCommunicator();
        using ComputeChoice computing = ComputeChoice.Find(
            options.Device, RunVerb.IsSingle(given, ""), given, single, threadCount, limit => RunVerb.FitsAny(given, "", available, limit));
        ExperimentSpec spec = Planner.Resolve(given, available, single: false, threadCount, eigensolver, computing.Limit).Spec;
        RunVerb.RefuseWhatIsNotSimulated(spec);
        string precision = RunVerb.Precision(spec, "");
        var planner = new Planner(available, rates: null, precision == "single", computing.Limit);
        ExperimentTask task = ExperimentTask.Expand(spec, precision)[0];
        ThreadPlan plan = ThreadPlan.Choose(1, planner.Require(task.Point.Spec), available, threadCount, ranks: 1);
        string folder = options.Out ?? Path.Combine("runs", "out", $"{spec.Name}-profile"), figures = Path.Combine(folder, "figures");
        MakeFolder(figures, "--out");
        if (options.Trace is { } trace)
        {
            if (Directory.Exists(trace))
            {
                throw new UsageException($"--trace is the folder '{trace}'; give the name of a file");
            }

            MakeFolder(Path.GetDirectoryName(Path.GetFullPath(trace))!, "--trace");
        }

        string file = Path.Combine(folder, $"{spec.Name}.h5");
        using var workspace = new TaskWorkspace(new ThreadTeam(plan.ThreadsPerWorker));
        Progress.Say($"{spec.Name}: {task.Name}, {precision} precision, {plan.Reason}; {SimdSupport.Widest}, eigensolver {eigensolver.Description}");
        computing.Open(profiling: true);
        if (computing.IsDevice)
        {
            Progress.Say($"device {computing.Backend.Description}");
        }

        MachineLimits limits = MachinePeak.Measure(workspace.Team);
        if (Run(Rehearsal(task), planner, computing.Backend, eigensolver, workspace, file, null, stop.Token) is { } refusal)
        {
            Console.Error.WriteLine($"hpc: {refusal}");
            return ExitCode.TaskFailed;
        }

        using var profile = new KernelProfile();
        using SpanRecorder? recorder = options.Trace is null ? null : new SpanRecorder(LargestTrace);
        var progress = new Progress(1);
        var clock = Stopwatch.StartNew();
        string? failure = Run(task, planner, computing.Backend, eigensolver, workspace, file, stage => progress.Stage(task.Name, stage), stop.Token);
        double seconds = clock.Elapsed.TotalSeconds;
        if (failure is not null)
        {
            Console.Error.WriteLine($"hpc: {failure}");
            return ExitCode.TaskFailed;
        }

        string threads = plan.ThreadsPerWorker == 1 ? "1 thread" : $"{plan.ThreadsPerWorker} threads";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{spec.Name}, {task.Name}: {seconds:F2} s with {threads}; peak {limits.SingleFlops / 1e9:F0} GFLOP/s single, {limits.DoubleFlops / 1e9:F0} double, reading {limits.Bandwidth / 1e9:F1} GB/s"));
        Console.Write(RooflineTable.Format(profile.Kernels, limits, seconds));
        if (RooflineFigure.Draw($"{spec.Name}: {threads}", profile.Kernels, limits) is { } drawing)
        {
            FigureSet.Write(drawing, figures);
        }

        if (recorder is not null)
        {
            AtomicFile.Write(options.Trace!, stream => ChromeTrace.Write(stream, $"hpc profile {spec.Name}", recorder.Spans));
            if (recorder.Dropped > 0)
            {
                Progress.Say($"the trace holds the first {LargestTrace} calls that ended; {recorder.Dropped} later ones are in the table alone: lower descent.epochs for a whole trace");
            }
        }

        return ExitCode.Done;
    }

    /// <summary>Runs the task and writes its result.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    private static string? Run(ExperimentTask task, Planner planner, IBackend backend, ISymmetricEigensolver eigensolver, TaskWorkspace workspace, string file, Action<string>? stage, CancellationToken cancellation)
    {
        DateTime start = DateTime.UtcNow;
        using var span = new TaskSpan(task, stage);
        try
        {
            IReadOnlyList<Dataset> datasets = new TaskRunner(task, planner.Of(task.Point.Spec), backend, eigensolver, workspace, span.Enter, cancellation).Run();
            span.Enter("writing the result");
            Provenance provenance = Provenances.Create(
                SpecWriter.Write(task.Point.Spec), task.Hash, [task.Seed], backend.Description, task.Precision, 1, start,
                new Dictionary<string, string>(backend.Versions) { ["eigensolver"] = eigensolver.Description });
            ResultFile.Write(file, new ResultGroup(datasets, provenance.ToAttributes()));
            return null;
        }
        catch (Exception e) when (e is not (SpecException or OperationCanceledException or IOException))
        {
            return e.Message;
        }
    }

    /// <summary>
    /// A small task that takes the same way through the program: once it has run, everything is compiled and the times of the task itself
    /// are those of its kernels (compilation takes about a second in all).
    /// </summary>
    private static ExperimentTask Rehearsal(ExperimentTask task)
    {
        const int Features = 256, PerClass = 8, Records = 2;
        const double LearningRate = 1e-6;
        ExperimentSpec spec = task.Point.Spec;
        double samples = Math.Ceiling(PerClass / spec.Model.Classes.Min(c => c.Weight));
        return task with
        {
            Point = task.Point with
            {
                Spec = spec with
                {
                    Model = spec.Model with { Features = Math.Min(spec.Model.Features, Features), Samples = (int)Math.Min(spec.Model.Samples, samples) },
                    Spectrum = spec.Spectrum is not { } spectrum ? null : spectrum with
                    {
                        Probes = Math.Min(spectrum.Probes, PerClass),
                        Steps = Math.Min(spectrum.Steps, PerClass),
                        Largest = Math.Min(spectrum.Largest, Records),
                        Smallest = 0,
                        Block = Math.Min(spectrum.Block, Records),
                    },
                    Descent = spec.Descent is not { } descent ? null : descent with
                    {
                        LearningRate = Math.Min(descent.LearningRate, LearningRate),
                        Epochs = Math.Min(descent.Epochs, Records),
                        Records = Math.Min(descent.Records, Records),
                        TestSamples = Math.Min(descent.TestSamples, PerClass),
                    },
                },
            },
        };
    }

    private static void MakeFolder(string folder, string option)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write to '{folder}': {e.Message.TrimEnd('.')}; choose another with {option}");
        }
    }
}
