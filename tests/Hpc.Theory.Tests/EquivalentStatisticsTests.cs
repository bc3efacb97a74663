using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Theory.Tests;

/// <summary>The Gaussian equivalent against the exact statistics of the same realizations (the paper's figure 7).</summary>
public class EquivalentStatisticsTests
{
    private static readonly ForwardProcess Forward = new(0.05);

    private static ModelSpec Model(int dimension) => new()
    {
        Dimension = dimension,
        Features = 6 * dimension,
        Samples = 3 * dimension,
        Classes = [new ClassSpec(0.7, 0.5), new ClassSpec(0.3, 0.25)],
        CentroidGram = [[1, 0.3], [0.3, 1.5]],
    };

    [Fact]
    public void U_and_V_are_the_formula_on_plain_arrays()
    {
        using var team = new ThreadTeam(2);
        ModelSpec model = Model(5);
        using var realization = new Realization(model, 3, team);
        var statistics = new EquivalentStatistics(realization, Forward, team);
        using Matrix<double> all = new(30, 30), first = new(30, 30), second = new(30, 30), test = new(30, 30);
        double[] gain = statistics.TrainAll(all), firstGain = statistics.Train(0, first), secondGain = statistics.Train(1, second);
        double share = (double)realization.ClassSizes[0] / model.Samples;
        double[] testGain = statistics.Test(0, test);
        var equivalence = new GaussianEquivalence(model.Activation, 0.5, Forward.Time);
        EquivalentCoefficients[] own = [.. Enumerable.Range(0, 30).Select(i =>
            equivalence.At(Enumerable.Range(0, 5).Sum(n => realization.FirstLayer[i, n] * realization.Centroids[0, n]) / Math.Sqrt(5)))];
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(share * firstGain[i] + (1 - share) * secondGain[i], gain[i], 1e-13);
            Assert.Equal(own[i].LinearGain, testGain[i], 1e-13);
            for (int j = 0; j < 30; j++)
            {
                Assert.Equal(share * first[i, j] + (1 - share) * second[i, j], all[i, j], 1e-12);
                double overlap = Enumerable.Range(0, 5).Sum(n => realization.FirstLayer[i, n] * realization.FirstLayer[j, n]) / 5;
                double expected = own[i].MeanFeature * own[j].MeanFeature + Forward.NoisedVariance(0.5) * own[i].LinearGain * own[j].LinearGain * overlap;
                Assert.Equal(expected + (i == j ? own[i].SampleVariance + own[i].NoiseVariance : 0), test[i, j], 1e-12);
            }
        }
    }

    /// <summary>
    /// Traces of the resolvent and losses of equivalent and exact covariance, averaged over seeds: the difference is a finite-size effect
    /// and must shrink as N grows.
    /// </summary>
    [Fact]
    public void The_equivalent_approaches_the_exact_statistics_as_N_grows()
    {
        double[] small = Differences(24, 12), large = Differences(120, 4);
        for (int i = 0; i < small.Length; i++)
        {
            // From N = 24 to 120 a difference of O(1/N) falls by five; three leaves room for the spread over seeds.
            Assert.True(large[i] < small[i] / 3 || large[i] < 0.004, $"quantity {i}: {small[i]} at N = 24, {large[i]} at N = 120");
            Assert.True(large[i] < 0.03, $"quantity {i}: {large[i]} at N = 120");
        }
    }

    /// <summary>Relative differences of tr(U + 0.1)⁻¹/P and of train and test losses of both classes at two epochs.</summary>
    private static double[] Differences(int dimension, int seeds)
    {
        using var team = new ThreadTeam(2);
        ISymmetricEigensolver eigensolver = SymmetricEigensolvers.Find("auto");
        long[] epochs = [3_000, 100_000];
        double[][] means = [new double[9], new double[9]];
        for (int seed = 0; seed < seeds; seed++)
        {
            using var realization = new Realization(Model(dimension), seed, team);
            IFeatureStatistics[] kinds = [new ExactStatistics(realization, Forward, team), new EquivalentStatistics(realization, Forward, team)];
            for (int k = 0; k < 2; k++)
            {
                using var eigensystem = new FeatureEigensystem(realization, kinds[k], Forward, 5e-4, eigensolver, team);
                var descent = new NoiseAveragedDescent(eigensystem, 5e-4);
                (ClassLosses train, ClassLosses test) = descent.Losses(epochs);
                double[] values = [eigensystem.Values.Average(v => 1 / (v + 0.1)), .. train.Values, .. test.Values];
                for (int i = 0; i < 9; i++)
                {
                    means[k][i] += values[i] / seeds;
                }
            }
        }

        return [.. means[0].Zip(means[1], (exact, equivalent) => Math.Abs(equivalent / exact - 1))];
    }
}
