using Hpc.Diffusion.Spec;
using Hpc.Theory;

namespace Hpc.Bench;

/// <summary>The exact theory on one thread.</summary>
internal static class TheorySection
{
    private const int Rounds = 5;

    public static void Run()
    {
        Report.Info("Exact theory, one thread");
        var homogeneous = new TheoryModel(2, 1, Activation.Tanh, [new ClassSpec(1, 1)], [[0]], 0.01);
        double[] grid = [.. Enumerable.Range(1, 400).Select(i => 0.15 * i)];
        Time("density, homogeneous, 400 points", 0.03, () => SpectralDensity.At(new ResolventEquations(homogeneous), grid));

        ClassSpec[] classes = [new ClassSpec(0.5, 0.5), new ClassSpec(0.5, 0.25)];
        var centered = new TheoryModel(60, 30, Activation.Tanh, classes, [[0, 0], [0, 0]], 0.001);
        TheoryModel orthogonal = centered with { CentroidGram = [[1, 0], [0, 1]] };
        double[] times = [.. Enumerable.Range(0, 200).Select(i => 1e-4 * Math.Pow(2e6, i / 199.0))];
        Time($"losses of fig2, {times.Length} times", 2, () => LossCurves.Compute(centered, times, 5e-5));
        Time("whole density, zero centroids", 0.2, () => SpectralDensity.Compute(new ResolventEquations(centered)));
        Time("whole density, two orthogonal", 2, () => SpectralDensity.Compute(new ResolventEquations(orthogonal)));
        Report.Info(string.Empty);
    }

    private static void Time(string what, double limit, Action action)
    {
        double seconds = Timing.Medians(1, Rounds, action)[0];
        Report.Ratio(what, $"{1e3 * seconds:F1} of {1e3 * limit:F0} ms", "of the limit", seconds / limit, Report.Better.AtMost, 1);
    }
}
