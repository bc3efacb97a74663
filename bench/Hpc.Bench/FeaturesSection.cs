using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>The features tanh(W X) in one pass against the bare product W X.</summary>
internal static class FeaturesSection
{
    private const int Dimension = 100;
    private const int Features = 6000;
    private const int Samples = 3000;

    public static void Run()
    {
        Report.Info($"Features tanh(W X), N = {Dimension}, P = {Features}, M = {Samples}, single");
        foreach (int threads in new[] { 1, 2 })
        {
            using var team = new ThreadTeam(threads);
            using Matrix<float> w = RandomMatrix.Create<float>(Features, Dimension, Math.Sqrt(3.0 / Dimension));
            using Matrix<float> x = RandomMatrix.Create<float>(Dimension, Samples);
            using Matrix<float> features = new(Features, Samples);
            double[] seconds = Timing.Medians(
                threads, 21,
                () => Gemm.Multiply(team, 1, w.View, x.View, 0, features.View),
                () => Gemm.Multiply<float, Tanh>(team, 1, w.View, x.View, 0, features.View));
            Report.Ratio(
                $"{threads} thread(s)", $"{1e3 * seconds[1]:F1} against {1e3 * seconds[0]:F1} ms", "of the product",
                seconds[1] / seconds[0], Report.Better.AtMost, 1.4);
        }

        Report.Info(string.Empty);
    }
}
