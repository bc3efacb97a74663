using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Covariance;

/// <summary>The series against the two-dimensional Gaussian integrals that it sums.</summary>
public class MehlerSeriesTests
{
    public static TheoryData<Activation, double> Cases => new()
    {
        { Activation.Tanh, 0.001 }, { Activation.Tanh, 0.1 }, { Activation.Tanh, 1 }, { Activation.Erf, 0.1 }, { Activation.Erf, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void U_and_V_over_the_training_samples_are_the_noise_averages(Activation activation, double time)
    {
        using var team = new ThreadTeam(2);
        ModelSpec model = TestModels.TwoClasses(12, 7, 9, activation);
        using var realization = new Realization(model, 3, team);
        NeuronGeometry geometry = realization.Geometry(team);
        var forward = new ForwardProcess(time);
        var statistics = new ExactStatistics(realization, forward, team);
        using var covariance = new Matrix<double>(7, 7);
        double[] gain = statistics.Train(1, covariance);

        // Features i and j of a sample see the noises n_i z and n_j (ρ z + √(1 − ρ²) z').
        var rule = new GaussHermite(120);
        for (int i = 0; i < 7; i++)
        {
            double expectedGain = 0;
            for (int j = 0; j < 7; j++)
            {
                double expected = 0;
                foreach (double[] means in Means(realization, forward, 1))
                {
                    expected += Pair(rule, activation, means[i], means[j], forward.NoiseAmplitude * geometry.Norms[i], forward.NoiseAmplitude * geometry.Norms[j], geometry.Correlations[i, j])
                        / realization.ClassSizes[1];
                }

                Assert.Equal(expected, covariance[i, j], i == j ? 1e-12 : statistics.SeriesRemainder + 1e-12);
            }

            foreach (double[] means in Means(realization, forward, 1))
            {
                // E[φ'] = E[φ z]/deviation.
                double deviation = forward.NoiseAmplitude * geometry.Norms[i];
                for (int q = 0; q < rule.Order; q++)
                {
                    expectedGain += rule.Weights[q] * rule.Nodes[q] * Value(activation, means[i] + deviation * rule.Nodes[q]) / deviation / realization.ClassSizes[1];
                }
            }

            Assert.Equal(expectedGain, gain[i], 1e-10);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_population_average_is_the_integral_over_the_whole_class(Activation activation, double time)
    {
        using var team = new ThreadTeam(1);
        ModelSpec model = TestModels.TwoClasses(40, 6, 9, activation);
        using var realization = new Realization(model, 4, team);
        NeuronGeometry geometry = realization.Geometry(team);
        var forward = new ForwardProcess(time);
        var statistics = new ExactStatistics(realization, forward, team);
        using var covariance = new Matrix<double>(6, 6);
        statistics.Test(0, covariance);
        double deviation = Math.Sqrt(forward.Decay * forward.Decay * 0.5 + forward.NoiseLevel);
        var rule = new GaussHermite(160);
        double[] means = [.. Enumerable.Range(0, 6).Select(i => forward.Decay * Dot(realization.FirstLayer.Row(i), realization.Centroids.Row(0)) / Math.Sqrt(40))];
        for (int i = 0; i < 6; i++)
        {
            for (int j = 0; j < 6; j++)
            {
                double expected = Pair(rule, activation, means[i], means[j], deviation * geometry.Norms[i], deviation * geometry.Norms[j], geometry.Correlations[i, j]);
                Assert.Equal(expected, covariance[i, j], i == j ? 1e-11 : statistics.SeriesRemainder + 1e-11);
            }
        }
    }

    [Fact]
    public void Relu_without_centroids_gives_the_arc_cosine_kernel()
    {
        using var team = new ThreadTeam(1);
        ModelSpec model = TestModels.TwoClasses(60, 5, 9, Activation.Relu) with { CentroidGram = Gram.Zero(2) };
        using var realization = new Realization(model, 4, team);
        NeuronGeometry geometry = realization.Geometry(team);
        var forward = new ForwardProcess(0.3);
        var statistics = new ExactStatistics(realization, forward, team);
        using var covariance = new Matrix<double>(5, 5);
        statistics.Test(0, covariance);
        double variance = forward.NoisedVariance(0.5);
        for (int i = 0; i < 5; i++)
        {
            for (int j = 0; j < 5; j++)
            {
                // Cho and Saul (2009), order 1, for variances n_i² Γ² and correlation cos θ.
                double angle = Math.Acos(Math.Min(1, geometry.Correlations[i, j]));
                double expected = variance * geometry.Norms[i] * geometry.Norms[j] * (Math.Sin(angle) + (Math.PI - angle) * Math.Cos(angle)) / (2 * Math.PI);
                Assert.Equal(expected, covariance[i, j], statistics.SeriesRemainder + 1e-13);
            }
        }
    }

    [Fact]
    public void Relu_coefficients_are_the_integrals()
    {
        var average = new ReluAverage();
        double[] means = [-1.3, -0.2, 0, 0.4, 2];
        double[] result = new double[5];
        const double Deviation = 0.7;
        for (int k = 0; k <= 6; k++)
        {
            average.HermiteCoefficient(k, means, Deviation, result);
            for (int i = 0; i < 5; i++)
            {
                Assert.Equal(Integral(z => Math.Max(0, means[i] + Deviation * z) * Hermite(k, z)), result[i], 1e-9);
            }
        }

        average.SecondMoment(means, Deviation, result);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Integral(z => Math.Pow(Math.Max(0, means[i] + Deviation * z), 2)), result[i], 1e-9);
        }

        // Midpoint rule on a fine grid: the kink costs h²/12 at most.
        static double Integral(Func<double, double> f)
        {
            double sum = 0;
            const double Step = 2e-5;
            for (double z = -9 + Step / 2; z < 9; z += Step)
            {
                sum += f(z) * Math.Exp(-0.5 * z * z) * Step;
            }

            return sum / Math.Sqrt(2 * Math.PI);
        }

        static double Hermite(int k, double z)
        {
            double previous = 0, current = 1;
            for (int j = 1; j <= k; j++)
            {
                (previous, current) = (current, (z * current - Math.Sqrt(j - 1) * previous) / Math.Sqrt(j));
            }

            return current;
        }
    }

    [Fact]
    public void The_remainder_bound_holds_and_is_small_against_the_noise_floor()
    {
        using var team = new ThreadTeam(1);
        ModelSpec model = TestModels.TwoClasses(30, 40, 25);
        using var realization = new Realization(model, 3, team);
        var statistics = new ExactStatistics(realization, new ForwardProcess(0.1), team);
        using var covariance = new Matrix<double>(40, 40);
        statistics.TrainAll(covariance);
        Assert.InRange(statistics.SeriesOrder, 2, 12);
        Assert.InRange(statistics.SeriesRemainder, 0, 1e-5);
    }

    private static IEnumerable<double[]> Means(Realization realization, ForwardProcess forward, int c) =>
        Enumerable.Range(realization.ClassStarts[c], realization.ClassSizes[c]).Select(m =>
            Enumerable.Range(0, realization.Model.Features)
                .Select(i => forward.Decay * Dot(realization.FirstLayer.Row(i), realization.Samples.Row(m)) / Math.Sqrt(realization.Model.Dimension)).ToArray());

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int n = 0; n < a.Length; n++)
        {
            sum += a[n] * b[n];
        }

        return sum;
    }

    private static double Pair(GaussHermite rule, Activation activation, double meanI, double meanJ, double deviationI, double deviationJ, double correlation)
    {
        double sum = 0, rest = Math.Sqrt(Math.Max(0, 1 - correlation * correlation));
        for (int p = 0; p < rule.Order; p++)
        {
            double inner = 0;
            for (int q = 0; q < rule.Order; q++)
            {
                inner += rule.Weights[q] * Value(activation, meanJ + deviationJ * (correlation * rule.Nodes[p] + rest * rule.Nodes[q]));
            }

            sum += rule.Weights[p] * Value(activation, meanI + deviationI * rule.Nodes[p]) * inner;
        }

        return sum;
    }

    private static double Value(Activation activation, double x) =>
        activation == Activation.Tanh ? Math.Tanh(x) : MathNet.Numerics.SpecialFunctions.Erf(x);
}
