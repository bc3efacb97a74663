using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>What listening to the kernels costs: two kinds of descent without a listener, with counters, and with counters and a trace.</summary>
internal static class ProfileSection
{
    private const double LargestOverhead = 0.02;

    /// <summary>Large enough for every span of a contender.</summary>
    private const int TraceCapacity = 500_000;

    private const int Epochs = 50, Calls = 1_000_000;

    public static void Run()
    {
        Report.Info("Overhead of profiling, one thread");
        using var team = new ThreadTeam(1);
        using (var workload = new EpochWorkload(1))
        {
            Compare($"{Epochs} fresh-noise epochs", 5, () =>
            {
                for (int i = 0; i < Epochs; i++)
                {
                    workload.Run();
                }
            });
        }

        ISymmetricEigensolver eigensolver = SymmetricEigensolvers.Find("auto");
        Compare("noise-averaged, quick.json", 9, () => RunQuick(team, eigensolver));
        Kernel kernel = Kernel.Of<double>("nothing");
        double[] seconds = Timing.Medians(1, 9, () => Enter(kernel), () => Listen(() => Enter(kernel)), () => Trace(() => Enter(kernel)));
        Report.Info($"  a call of a kernel: {1e9 * seconds[0] / Calls:F1} ns without a listener, {1e9 * seconds[1] / Calls:F0} ns counted, {1e9 * seconds[2] / Calls:F0} ns counted and traced");
        Report.Info(string.Empty);
    }

    private static void Compare(string what, int rounds, Action work)
    {
        double[] seconds = Timing.Medians(1, rounds, work, () => Listen(work), () => Trace(work));
        Report.Ratio($"{what}, counters", $"{1e3 * seconds[1]:F1} against {1e3 * seconds[0]:F1} ms", "overhead", seconds[1] / seconds[0] - 1, Report.Better.AtMost, LargestOverhead);
        Report.Ratio($"{what}, trace", $"{1e3 * seconds[2]:F1} against {1e3 * seconds[0]:F1} ms", "overhead", seconds[2] / seconds[0] - 1, Report.Better.AtMost, LargestOverhead);
    }

    private static void Listen(Action work)
    {
        using var profile = new KernelProfile();
        work();
    }

    private static void Trace(Action work)
    {
        using var recorder = new SpanRecorder(TraceCapacity);
        Listen(work);
    }

    private static void Enter(Kernel kernel)
    {
        for (int i = 0; i < Calls; i++)
        {
            using KernelScope scope = kernel.Enter(1, 1);
        }
    }

    /// <summary>The kernels of one seed of runs/quick.json, in the order of a task, with a fifth of its test samples.</summary>
    private static void RunQuick(ThreadTeam team, ISymmetricEigensolver eigensolver)
    {
        const double LearningRate = 1e-3;
        var model = new ModelSpec
        {
            Dimension = 50,
            Features = 600,
            Samples = 300,
            Classes = [new ClassSpec(0.5, 0.5), new ClassSpec(0.5, 0.25)],
            CentroidGram = Gram.Zero(2),
        };
        var forward = new ForwardProcess(0.01);
        using var realization = new Realization(model, 0, team);
        using var eigensystem = new FeatureEigensystem(realization, new ExactStatistics(realization, forward, team), forward, LearningRate, eigensolver, team);
        var descent = new NoiseAveragedDescent(eigensystem, LearningRate);
        long[] epochs = EpochSchedule.Logarithmic(10_000_000, 120);
        descent.Losses(epochs);
        using var readouts = new NoiseAveragedReadouts(descent, epochs);
        new LossSampler(realization, forward, 2_000, team).OnFreshSamples(readouts);
    }
}
