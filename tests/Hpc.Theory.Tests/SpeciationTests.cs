using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Diffusion.Speciation;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Theory.Tests;

/// <summary>The simulated overlaps against the outlier theory.</summary>
public class SpeciationTests
{
    [Theory]
    [InlineData(CovarianceKind.Exact)]
    [InlineData(CovarianceKind.Equivalent)]
    public void Simulated_overlaps_and_outliers_are_those_of_the_theory(CovarianceKind kind)
    {
        ModelSpec model = new()
        {
            Dimension = 120,
            Features = 300,
            Samples = 240,
            Classes = [new ClassSpec(0.7, 0.5), new ClassSpec(0.3, 0.25)],
            CentroidGram = [[1, 0], [0, 1]],
        };
        const int Seeds = 8;
        using var team = new ThreadTeam(2);
        double[] times = [1, 1.5];
        var overlaps = new FeatureOverlap[times.Length, Seeds];
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var realization = new Realization(model, seed, team);
            using var covariance = new Matrix<double>(model.Features, model.Features);
            for (int i = 0; i < times.Length; i++)
            {
                var forward = new ForwardProcess(times[i]);
                IFeatureStatistics statistics = kind == CovarianceKind.Exact
                    ? new ExactStatistics(realization, forward, team)
                    : new EquivalentStatistics(realization, forward, team);
                statistics.TrainAll(covariance);
                double[][] means = kind == CovarianceKind.Exact
                    ? MeanFeatures.Exact(realization, forward, team)
                    : [.. EquivalentStatistics.Coefficients(realization, forward, team).Select(c => c.MeanFeature)];
                overlaps[i, seed] = FeatureOverlap.Dense(covariance, means, SymmetricEigensolvers.Find("auto"), team.Count);
            }
        }

        for (int i = 0; i < times.Length; i++)
        {
            Outliers theory = Outliers.Compute(model, times[i]);
            for (int c = 0; c < 2; c++)
            {
                // The theory is a limit: at N = 120 it leaves differences of order 1/N.
                Check(theory.Rms[c], s => overlaps[i, s].Rms[c], 1.0 / model.Dimension);
                Check(theory.Eigenvalues[c], s => overlaps[i, s].Eigenvalues[c], 2 * theory.Eigenvalues[c] / model.Dimension);
            }

            void Check(double expected, Func<int, double> value, double finiteSize)
            {
                double[] values = [.. Enumerable.Range(0, Seeds).Select(value)];
                double mean = values.Average(), error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Seeds / (Seeds - 1));
                TestContext.Current.TestOutputHelper!.WriteLine($"t {times[i]}: theory {expected:G5}, simulation {mean:G5} ± {error:G2}");
                Assert.InRange(mean, expected - 3 * error - finiteSize, expected + 3 * error + finiteSize);
            }
        }
    }

    /// <summary>Classes of finite weight: overlap, gain from conditioning and posterior turn at ½ log N plus numbers that N does not change.</summary>
    [Fact]
    public void Spectrum_loss_and_posterior_turn_together_when_weights_are_finite()
    {
        using var team = new ThreadTeam(2);
        double[][] shifts = [.. new[] { 300, 2400 }.Select(Shifts)];
        for (int i = 0; i < shifts[0].Length; i++)
        {
            // The overlaps are exact theory; the others are averages over samples, whose errors at the threshold are about 0.01 in t.
            Assert.Equal(shifts[0][i], shifts[1][i], i < 2 ? 0.005 : 0.04);
            Assert.InRange(shifts[1][i], -0.6, 0);
        }

        // The sum of both classes' gains is half of 1 − φ: φ is half-way between the two times of the gains.
        Assert.InRange(shifts[1][4], shifts[1][2], shifts[1][3]);
        Assert.Equal(shifts[1][4], shifts[1][5], 0.04);

        double[] Shifts(int dimension)
        {
            ModelSpec model = Orthogonal(dimension, 0.3);
            double half = 0.5 * Math.Log(dimension);
            double[] times = [.. Enumerable.Range(0, 31).Select(i => half - 1 + 0.05 * i)];
            var loss = new ConditionalLoss(model, 1, 8000, team);
            ConditionalLossPoint[] points = [.. times.Select(t => loss.At(new ForwardProcess(t)))];
            return
            [
                .. new[]
                {
                    Outliers.TransitionTime(model, 0, half - 1, half + 1), Outliers.TransitionTime(model, 1, half - 1, half + 1),
                    Falling(p => 1 - p.Gain[0], 0.5), Falling(p => 1 - p.Gain[1], 0.5), Falling(p => p.Posterior[0], 0.85), Falling(p => p.Posterior[1], 0.65),
                }.Select(t => t - half),
            ];

            double Falling(Func<ConditionalLossPoint, double> value, double threshold) => TransitionTimes.Falling(times, [.. points.Select(value)], threshold);
        }
    }

    /// <summary>A class of weight N^{−a}: the spectrum loses it at (1 − a)/2 log N, before the mixture's posterior does.</summary>
    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void A_small_class_is_lost_earlier_by_the_spectrum_and_not_by_the_posterior(double exponent)
    {
        double[] sizes = [2000, 64000];
        double[][] times = [.. sizes.Select(n =>
        {
            ModelSpec model = Orthogonal((int)n, Math.Pow(n, -exponent));
            double scale = Math.Log(n);
            return new[] { Outliers.TransitionTime(model, 0, 0.1 * scale, 0.8 * scale), Outliers.TransitionTime(model, 1, 0.1 * scale, 0.8 * scale) };
        })];
        double[] slopes = [.. Enumerable.Range(0, 2).Select(c => (times[1][c] - times[0][c]) / Math.Log(sizes[1] / sizes[0]))];
        Assert.Equal((1 - exponent) / 2, slopes[1], 0.003);
        Assert.Equal(0.5, slopes[0], 0.02);

        // The posterior of the small class is still near 1 where the spectrum has lost it.
        using var team = new ThreadTeam(2);
        ConditionalLossPoint point = new ConditionalLoss(Orthogonal(2000, Math.Pow(2000, -exponent)), 1, 1000, team).At(new ForwardProcess(times[0][1]));
        Assert.InRange(point.Posterior[1], 0.7, 1);
    }

    private static ModelSpec Orthogonal(int dimension, double weight) => new()
    {
        Dimension = dimension,
        Features = 2 * dimension,
        Samples = 2 * dimension,
        Classes = [new ClassSpec(1 - weight, 0.5), new ClassSpec(weight, 0.5)],
        CentroidGram = [[1, 0], [0, 1]],
    };
}
