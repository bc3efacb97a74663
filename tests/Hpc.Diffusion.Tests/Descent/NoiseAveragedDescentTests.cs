using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Descent;

public class NoiseAveragedDescentTests
{
    private static readonly ISymmetricEigensolver Eigensolver = SymmetricEigensolvers.Find("auto");

    [Fact]
    public void The_closed_form_is_the_descent_step_by_step()
    {
        const int N = 40, P = 61, M = 37;
        const double LearningRate = 0.02;
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(N, P, M), 6, team);
        var forward = new ForwardProcess(0.2);
        var statistics = new ExactStatistics(realization, forward, team);
        using var eigensystem = new FeatureEigensystem(realization, statistics, forward, LearningRate, Eigensolver, team);
        var descent = new NoiseAveragedDescent(eigensystem, LearningRate);
        long[] epochs = [1, 2, 10, 300];
        (ClassLosses train, ClassLosses test) = descent.Losses(epochs);

        // A ← A − η∇L with ∇L = (2√Δ/N) Vᵀ + (2Δ/N) A U and η = η₀N/Δ, on plain arrays.
        using Matrix<double> u = new(P, P), part = new(P, P);
        double[] gain = statistics.TrainAll(u);
        double[,] v = Correlation(gain), a = new double[N, P];

        // Σ_i w_i λ_i^k = (1/N) tr VᵀU^kV for k = 0 and 1.
        double zeroth = 0, first = 0;
        for (int n = 0; n < N; n++)
        {
            for (int i = 0; i < P; i++)
            {
                zeroth += v[i, n] * v[i, n] / N;
                first += Enumerable.Range(0, P).Sum(j => v[i, n] * u[i, j] * v[j, n]) / N;
            }
        }

        Assert.Equal(zeroth, eigensystem.NoiseWeights.Sum(), 1e-12 * zeroth);
        Assert.Equal(first, eigensystem.NoiseWeights.Zip(eigensystem.Values, (w, value) => w * value).Sum(), 1e-12 * first);
        int record = 0;
        for (int epoch = 1; epoch <= epochs[^1]; epoch++)
        {
            var step = new double[N, P];
            for (int n = 0; n < N; n++)
            {
                for (int i = 0; i < P; i++)
                {
                    double product = 0;
                    for (int j = 0; j < P; j++)
                    {
                        product += a[n, j] * u[j, i];
                    }

                    step[n, i] = 2 * LearningRate * (v[i, n] / Math.Sqrt(forward.NoiseLevel) + product);
                }
            }

            for (int n = 0; n < N; n++)
            {
                for (int i = 0; i < P; i++)
                {
                    a[n, i] -= step[n, i];
                }
            }

            if (epoch == epochs[record])
            {
                double squaredNorm = a.Cast<double>().Sum(x => x * x);
                for (int c = 0; c < 2; c++)
                {
                    // What a series leaves out of a class changes its loss by at most (Δ/N) ‖A‖² times the bound, divided by the class's
                    // share of the samples where the class is computed as the difference of all and the others.
                    double tolerance = 1e-12 + forward.NoiseLevel / N * squaredNorm * statistics.SeriesRemainder / 0.3;
                    Assert.InRange(tolerance, 0, 1e-5);
                    Assert.Equal(Loss(statistics.Train(c, part), part), train[record, c], tolerance);
                    Assert.Equal(Loss(statistics.Test(c, part), part), test[record, c], tolerance);
                }

                record++;
            }
        }

        Assert.Equal(epochs.Length, record);

        double[,] Correlation(double[] gains)
        {
            var result = new double[P, N];
            for (int i = 0; i < P; i++)
            {
                for (int n = 0; n < N; n++)
                {
                    result[i, n] = Math.Sqrt(forward.NoiseLevel / N) * gains[i] * realization.FirstLayer[i, n];
                }
            }

            return result;
        }

        // L = 1 + (2√Δ/N) tr(A V) + (Δ/N) tr(A U Aᵀ).
        double Loss(double[] gains, Matrix<double> covariance)
        {
            double[,] correlation = Correlation(gains);
            double linear = 0, quadratic = 0;
            for (int n = 0; n < N; n++)
            {
                for (int i = 0; i < P; i++)
                {
                    linear += a[n, i] * correlation[i, n];
                    for (int j = 0; j < P; j++)
                    {
                        quadratic += a[n, i] * covariance[i, j] * a[n, j];
                    }
                }
            }

            return 1 + 2 * Math.Sqrt(forward.NoiseLevel) / N * linear + forward.NoiseLevel / N * quadratic;
        }
    }

    /// <summary>theory.md, "Reference numbers": exact simulation of an independent implementation, mean of four seeds, ±0.003.</summary>
    [Fact]
    public void Losses_agree_with_the_reference_table()
    {
        const double LearningRate = 5e-5;
        double[] times = [1, 3, 10, 100, 1000];
        double[,] reference =
        {
            { .8452, .8607, .8269, .8316 }, { .7810, .8648, .7378, .7659 }, { .7300, .9575, .6670, .7630 },
            { .5927, 1.3676, .5355, .9832 }, { .5632, 1.7540, .5137, 1.1690 },
        };
        using var team = new ThreadTeam(2);
        long[] epochs = [.. times.Select(s => (long)Math.Round(s / (2 * LearningRate)))];
        var values = new double[5, 4, 4];
        for (int seed = 0; seed < 4; seed++)
        {
            using var realization = new Realization(TestModels.TwoClasses(150, 900, 450), seed, team);
            var forward = new ForwardProcess(0.05);
            var statistics = new ExactStatistics(realization, forward, team);
            using var eigensystem = new FeatureEigensystem(realization, statistics, forward, LearningRate, Eigensolver, team);
            var descent = new NoiseAveragedDescent(eigensystem, LearningRate);
            (ClassLosses train, ClassLosses test) = descent.Losses(epochs);
            for (int r = 0; r < times.Length; r++)
            {
                (values[r, 0, seed], values[r, 1, seed], values[r, 2, seed], values[r, 3, seed]) = (train[r, 0], test[r, 0], train[r, 1], test[r, 1]);
            }
        }

        for (int r = 0; r < times.Length; r++)
        {
            for (int q = 0; q < 4; q++)
            {
                double[] seeds = [.. Enumerable.Range(0, 4).Select(s => values[r, q, s])];
                double mean = seeds.Average(), error = Math.Sqrt(seeds.Sum(v => (v - mean) * (v - mean)) / 3 / 4);

                // Three standard errors of both means; the table's are ±0.003 of a loss of order one.
                double tolerance = 3 * Math.Sqrt(error * error + 0.003 * 0.003);
                Assert.True(Math.Abs(mean - reference[r, q]) < tolerance, $"s = {times[r]}, column {q}: {mean:F4} ± {error:F4}, reference {reference[r, q]:F4}");
            }
        }
    }

    [Fact]
    public void Losses_on_fresh_samples_agree_with_the_population_average()
    {
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(30, 120, 60), 2, team);
        var forward = new ForwardProcess(0.1);
        var statistics = new ExactStatistics(realization, forward, team);
        using var eigensystem = new FeatureEigensystem(realization, statistics, forward, 0.001, Eigensolver, team);
        var descent = new NoiseAveragedDescent(eigensystem, 0.001);
        long[] epochs = [100, 10_000, 1_000_000];
        (ClassLosses train, ClassLosses test) = descent.Losses(epochs);
        using var readouts = new NoiseAveragedReadouts(descent, epochs);
        var sampler = new LossSampler(realization, forward, 4000, team);
        SampledLosses fresh = sampler.OnFreshSamples(readouts, TestContext.Current.CancellationToken), training = sampler.OnTrainingSamples(readouts, TestContext.Current.CancellationToken);
        var score = new MixtureScore(realization, forward);
        for (int r = 0; r < epochs.Length; r++)
        {
            for (int c = 0; c < 2; c++)
            {
                Assert.Equal(test[r, c], fresh.Test[r, c], 4 * fresh.TestError[r, c]);
                Assert.Equal(train[r, c], training.Test[r, c], 4 * training.TestError[r, c]);
                Assert.InRange(fresh.TestError[r, c], 1e-5, 0.05);
            }

            // Over the whole mixture, L_test = Δ E‖s_A − ∇log p_t‖²/N + 1 − Δ E‖∇log p_t‖²/N (Vincent 2011).
            double loss = 0.7 * test[r, 0] + 0.3 * test[r, 1], scoreError = 0.7 * fresh.Score[r, 0] + 0.3 * fresh.Score[r, 1];
            Assert.Equal(loss, forward.NoiseLevel * scoreError + 1 - forward.NoiseLevel * MeanSquareScore(), 0.02);
        }

        double MeanSquareScore()
        {
            double sum = 0;
            using var inputs = new Matrix<double>(2000, 30);
            double[] value = new double[30];
            var random = new System.Random(1);
            for (int c = 0; c < 2; c++)
            {
                realization.DrawTestSamples(c, 0, inputs);
                for (int i = 0; i < inputs.Rows; i++)
                {
                    for (int n = 0; n < 30; n++)
                    {
                        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                        inputs[i, n] = forward.Decay * inputs[i, n] + forward.NoiseAmplitude * normal;
                    }

                    score.Evaluate(inputs.Row(i), value);
                    sum += (c == 0 ? 0.7 : 0.3) * value.Sum(v => v * v) / 30 / inputs.Rows;
                }
            }

            return sum;
        }
    }

    [Fact]
    public void A_learning_rate_that_diverges_is_refused_and_one_just_below_is_not()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(10, 40, 30), 6, team);
        var forward = new ForwardProcess(0.2);
        var statistics = new ExactStatistics(realization, forward, team);
        double largest;
        using (var eigensystem = new FeatureEigensystem(realization, statistics, forward, 1e-6, Eigensolver, team))
        {
            largest = eigensystem.Values[^1];
        }

        using (var eigensystem = new FeatureEigensystem(realization, statistics, forward, 0.999 / largest, Eigensolver, team))
        {
            Assert.Throws<SpecException>(() => new NoiseAveragedDescent(eigensystem, 1.001 / largest));
        }

        SpecException error = Assert.Throws<SpecException>(() => new FeatureEigensystem(realization, statistics, forward, 1.001 / largest, Eigensolver, team));
        Assert.Contains("2·learningRate·λ_max", error.Message);
        Assert.Contains("lower descent.learningRate", error.Message);
    }

    [Fact]
    public void The_number_of_threads_changes_nothing_but_rounding()
    {
        double[][] curves = [.. ((int[])[1, 3]).Select(threads =>
        {
            using var team = new ThreadTeam(threads);
            using var realization = new Realization(TestModels.TwoClasses(10, 40, 30), 6, team);
            var forward = new ForwardProcess(0.2);
            var statistics = new ExactStatistics(realization, forward, team);
            using var eigensystem = new FeatureEigensystem(realization, statistics, forward, 0.001, Eigensolver, team);
            var descent = new NoiseAveragedDescent(eigensystem, 0.001);
            (ClassLosses train, ClassLosses test) = descent.Losses([1, 100, 10_000]);
            return (double[])[.. train.Values, .. test.Values];
        })];
        Assert.All(curves[0].Zip(curves[1]), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }
}
