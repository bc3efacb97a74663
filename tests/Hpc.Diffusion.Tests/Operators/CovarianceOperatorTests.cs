using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Operators;

/// <summary>Every operator against the matrix that its definition gives, element by element.</summary>
public class CovarianceOperatorTests
{
    private const int N = 11, P = 37, M = 53, Draws = 3;

    public static TheoryData<string, double> Storages => new()
    {
        // Entries are averages of products of numbers below 1, rounded once each to 2^-24 in single.
        { "regenerated", 1e-13 }, { "double", 1e-13 }, { "single", 1.3e-7 },
    };

    [Theory]
    [MemberData(nameof(Storages))]
    public void Sampled_moments_are_the_averages_over_draws(string storage, double tolerance)
    {
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(N, P, M), 5, team);
        var forward = new ForwardProcess(0.3);
        using var moments = new SampledMoments(realization, forward, Draws, Storage(storage), team);
        double[,] u = new double[P, P], v = new double[P, N];
        int start = realization.ClassStarts[1], size = realization.ClassSizes[1];
        var stream = new RandomStream(5, StreamPurpose.TrainingNoise);
        double[] noise = new double[N], phi = new double[P];
        for (int d = 1; d <= Draws; d++)
        {
            for (int m = start; m < start + size; m++)
            {
                stream.FillNormals(d, (long)m * N, noise);
                for (int i = 0; i < P; i++)
                {
                    double h = 0;
                    for (int n = 0; n < N; n++)
                    {
                        h += realization.FirstLayer[i, n] * (forward.Decay * realization.Samples[m, n] + forward.NoiseAmplitude * noise[n]);
                    }

                    phi[i] = Math.Tanh(h / Math.Sqrt(N));
                }

                for (int i = 0; i < P; i++)
                {
                    for (int j = 0; j < P; j++)
                    {
                        u[i, j] += phi[i] * phi[j] / (size * Draws);
                    }

                    for (int n = 0; n < N; n++)
                    {
                        v[i, n] += phi[i] * noise[n] / (size * Draws);
                    }
                }
            }
        }

        FeatureMoments train = moments.Train(1);
        AssertMatrix(u, train.Covariance, tolerance);
        using Matrix<double> block = new(P, 4);
        train.Correlation(5, block.View);
        for (int i = 0; i < P; i++)
        {
            for (int n = 0; n < 4; n++)
            {
                Assert.Equal(v[i, 5 + n], block[i, n], 1e-13);
            }
        }

        // The average over all samples is that over the classes by their sizes.
        double[,] other = Dense(moments.Train(0).Covariance), all = new double[P, P];
        for (int i = 0; i < P; i++)
        {
            for (int j = 0; j < P; j++)
            {
                all[i, j] = (size * u[i, j] + (M - size) * other[i, j]) / M;
            }
        }

        AssertMatrix(all, moments.TrainAll.Covariance, tolerance);
        // Stored rows come in groups of 8 and pieces of 16; without storage each class has one tile of all its vectors here.
        int stored = realization.ClassSizes.Sum(m => (m * Draws + 7) / 8 * 8 * ((P + 15) / 16 * 16));
        Assert.Equal(
            storage == "regenerated" ? 8 * P * Draws * M : storage == "single" ? 4 * stored : 8 * stored,
            moments.TrainAll.Covariance.MemoryBytes);
    }

    [Theory]
    [MemberData(nameof(Storages))]
    public void Equivalent_moments_are_the_formula(string storage, double tolerance)
    {
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(N, P, M), 5, team);
        var forward = new ForwardProcess(0.3);
        var random = new System.Random(2);
        NeuronCoefficients[] coefficients = [.. Enumerable.Range(0, 2).Select(_ => new NeuronCoefficients(Draw(-0.3), Draw(0.5),
            Draw(0.1), Draw(0.05)))];
        using var moments = new EquivalentMoments(realization, forward, coefficients, Storage(storage), team);
        double[,] all = new double[P, P];
        for (int c = 0; c < 2; c++)
        {
            (double[] alpha, double[] kappa, double[] sample, double[] noise) = (coefficients[c].MeanFeature, coefficients[c].LinearGain,
                coefficients[c].SampleVariance, coefficients[c].NoiseVariance);
            double[,] train = new double[P, P], test = new double[P, P];
            int start = realization.ClassStarts[c], size = realization.ClassSizes[c];
            double[,] f = new double[P, size];
            double[] omega = new double[size];
            for (int i = 0; i < P; i++)
            {
                new RandomStream(5, StreamPurpose.EquivalentFeatures).FillNormals(i, start, omega);
                for (int m = 0; m < size; m++)
                {
                    double linear = 0;
                    for (int n = 0; n < N; n++)
                    {
                        linear += realization.FirstLayer[i, n] * (realization.Samples[start + m, n] - realization.Centroids[c, n]);
                    }

                    f[i, m] = alpha[i] + kappa[i] * forward.Decay * linear / Math.Sqrt(N) + Math.Sqrt(sample[i]) * omega[m];
                }
            }

            double total = forward.NoisedVariance(realization.Model.Classes[c].Variance);
            for (int i = 0; i < P; i++)
            {
                for (int j = 0; j < P; j++)
                {
                    double overlap = Enumerable.Range(0, N).Sum(n => realization.FirstLayer[i, n] * realization.FirstLayer[j, n]) / N;
                    train[i, j] = Enumerable.Range(0, size).Sum(m => f[i, m] * f[j, m]) / size
                        + forward.NoiseLevel * kappa[i] * kappa[j] * overlap + (i == j ? noise[i] : 0);
                    test[i, j] = alpha[i] * alpha[j] + total * kappa[i] * kappa[j] * overlap + (i == j ? sample[i] + noise[i] : 0);
                    all[i, j] += train[i, j] * size / M;
                }
            }

            AssertMatrix(train, moments.Train(c).Covariance, 10 * tolerance);
            AssertMatrix(test, moments.Test(c).Covariance, 1e-13);
        }

        AssertMatrix(all, moments.TrainAll.Covariance, 10 * tolerance);
        using var block = new Matrix<double>(P, 1);
        moments.TrainAll.Correlation(3, block.View);
        for (int i = 0; i < P; i++)
        {
            double gain = Enumerable.Range(0, 2).Sum(c => coefficients[c].LinearGain[i] * realization.ClassSizes[c]) / M;
            Assert.Equal(Math.Sqrt(forward.NoiseLevel / N) * gain * realization.FirstLayer[i, 3], block[i, 0], 1e-14);
        }

        double[] Draw(double center) => [.. Enumerable.Range(0, P).Select(_ => center * (1 + random.NextDouble()))];
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Erf)]
    [InlineData(Activation.Relu)]
    public void Panels_of_the_Mehler_series_are_the_exact_statistics(Activation activation)
    {
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(40, P, M, activation), 5, team);
        var forward = new ForwardProcess(0.1);
        var statistics = new ExactStatistics(realization, forward, team);
        using var dense = new DenseMoments(realization, statistics, forward, team);
        using var covariances = new SimdExactCovariances(realization, forward, single: false, team);
        ExactCovariance train = covariances.Renew(realization.Samples.View, forward.NoiseAmplitude);
        using Matrix<double> expected = new(P, 2), found = new(P, 2);
        foreach ((FeatureMoments exact, FeatureMoments panels) in (ReadOnlySpan<(FeatureMoments, FeatureMoments)>)
            [(dense.Test(1), ExactAverage.Test(realization, forward, 1, covariances)),
                (dense.TrainAll, new FeatureMoments(
                    train.Operator, GainCorrelation.Columns(realization.FirstLayer, forward, train.Series.Gain)))])
        {
            AssertMatrix(Dense(exact.Covariance), panels.Covariance, 1e-13);
            exact.Correlation(2, expected.View);
            panels.Correlation(2, found.View);
            for (int i = 0; i < P; i++)
            {
                Assert.Equal(expected[i, 1], found[i, 1], 1e-13);
            }
        }

        // The last of the panels is smaller than the others.
        var series = (MehlerCovariance)train.Operator;
        series.LargestPanel = 10;
        AssertMatrix(Dense(dense.TrainAll.Covariance), series, 1e-13);
        using var stored = new StoredCovariance<double>(series, team);
        AssertMatrix(Dense(dense.TrainAll.Covariance), stored, 1e-13);
    }

    [Theory]
    [InlineData(false, 1e-13)]
    [InlineData(true, 1e-6)]
    public void Kept_matrices_give_the_exact_statistics_of_every_class(bool single, double tolerance)
    {
        using var team = new ThreadTeam(2);
        ModelSpec model = TestModels.TwoClasses(40, P, M) with
        {
            Classes = [new ClassSpec(0.2, 0.3), new ClassSpec(0.5, 0.5), new ClassSpec(0.3, 0.25)],
            CentroidGram = [[1, 0.3, 0], [0.3, 1.5, 0.1], [0, 0.1, 0.4]],
        };
        using var realization = new Realization(model, 5, team);
        var forward = new ForwardProcess(0.1);
        using var dense = new DenseMoments(realization, new ExactStatistics(realization, forward, team), forward, team);
        using var kept = new ExactMoments(realization, forward, single, team);
        using Matrix<double> expected = new(P, 1), found = new(P, 1);
        foreach ((FeatureMoments exact, FeatureMoments moments) in (ReadOnlySpan<(FeatureMoments, FeatureMoments)>)
            [(dense.TrainAll, kept.TrainAll), .. Enumerable.Range(0, 3).Select(c => (dense.Train(c), kept.Train(c))),
                .. Enumerable.Range(0, 3).Select(c => (dense.Test(c), kept.Test(c)))])
        {
            AssertMatrix(Dense(exact.Covariance), moments.Covariance, tolerance);
            exact.Correlation(7, expected.View);
            moments.Correlation(7, found.View);
            for (int i = 0; i < P; i++)
            {
                Assert.Equal(expected[i, 0], found[i, 0], 1e-13);
            }
        }

        Assert.InRange(kept.SeriesOrder, 2, 48);
        Assert.InRange(kept.SeriesRemainder, 0, 1e-3);
    }

    [Fact]
    public void No_draw_is_refused()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(N, P, M), 5, team);
        Assert.Contains("at least one", Assert.Throws<ArgumentException>(
            () => new SampledMoments(realization, new ForwardProcess(0.3), 0, FeatureStorage.Single, team)).Message);
    }

    private static FeatureStorage Storage(string name) => name switch
    {
        "regenerated" => FeatureStorage.Regenerated,
        "single" => FeatureStorage.Single,
        _ => FeatureStorage.Double,
    };

    private static double[,] Dense(ISymmetricOperator apply)
    {
        // Columns of the identity in two blocks of different width.
        var result = new double[P, P];
        foreach ((int first, int count) in ((int, int)[])[(0, 1), (1, P - 1)])
        {
            using Matrix<double> unit = new(count, P), image = new(P, count);
            for (int i = 0; i < count; i++)
            {
                unit[i, first + i] = 1;
            }

            apply.Apply(unit.Transposed, image.View);
            for (int i = 0; i < P; i++)
            {
                for (int j = 0; j < count; j++)
                {
                    result[i, first + j] = image[i, j];
                }
            }
        }

        return result;
    }

    private static void AssertMatrix(double[,] expected, ISymmetricOperator apply, double tolerance)
    {
        Assert.Equal(P, apply.Dimension);
        Assert.True(apply.Flops(2) > 0);
        double[,] found = Dense(apply);
        for (int i = 0; i < P; i++)
        {
            for (int j = 0; j < P; j++)
            {
                Assert.Equal(expected[i, j], found[i, j], tolerance);
            }
        }

        // (e_i + e_j)ᵀ A (e_i + e_j) for i and j = 5i.
        using var pairs = new Matrix<double>(P, P);
        double[] forms = new double[P];
        for (int i = 0; i < P; i++)
        {
            pairs[i, i] += 1;
            pairs[i, 5 * i % P] += 1;
        }

        apply.QuadraticForms(pairs.Transposed, forms);
        for (int i = 0; i < P; i++)
        {
            int j = 5 * i % P;
            Assert.Equal(expected[i, i] + expected[j, j] + 2 * expected[i, j], forms[i], 4 * tolerance);
        }
    }
}
