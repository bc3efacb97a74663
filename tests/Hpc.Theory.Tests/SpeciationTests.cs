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
            using var geometry = new NeuronGeometry(realization.FirstLayer, team);
            using var covariance = new Matrix<double>(model.Features, model.Features);
            for (int i = 0; i < times.Length; i++)
            {
                var forward = new ForwardProcess(times[i]);
                IFeatureStatistics statistics = kind == CovarianceKind.Exact
                    ? new ExactStatistics(realization, geometry, forward, team)
                    : new EquivalentStatistics(realization, geometry, forward, team);
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
}
