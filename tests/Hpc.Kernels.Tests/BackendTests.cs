using System.Numerics;
using Hpc.Kernels.Devices;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;
using MathNet.Numerics;

namespace Hpc.Kernels.Tests;

/// <summary>
/// The operations of the solvers against the same in plain loops on the host; one body for all backends and both precisions.
/// </summary>
public abstract class BackendTests<T, TTanh, TRelu>(string device)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTanh : struct, IElementwise<T>
    where TRelu : struct, IElementwise<T>
{
    private const int Features = 21, Dimension = 6, Samples = 11, TileSamples = 4;
    private const uint Seed = 5;
    private const double LearningRate = 0.02;

    private static readonly double Epsilon = typeof(T) == typeof(float) ? Math.Pow(2, -24) : Math.Pow(2, -53);
    private static readonly double Decay = Math.Exp(-0.2), Amplitude = Math.Sqrt(1 - Decay * Decay);

    private readonly KernelLibrary<T> library = KernelLibrary<T>.Create(TestDevices.Open(device));

    [Fact]
    public void Fresh_noise_descent_follows_the_update_of_the_paper()
    {
        double[,] w = Host.Random(Features, Dimension, 1), x = Host.Random(Samples, Dimension, 2),
            start = Host.Random(Features, Dimension, 3);
        using IScoreModel model = Model(w, x);
        using Matrix<double> readout = start.ToMatrix();
        model.LoadReadout(readout.View, 40);
        model.Descend(3);
        Assert.Equal(43, model.Epoch);
        model.StoreReadout(readout.View);

        double[,] expected = start;
        for (long epoch = 40; epoch < 43; epoch++)
        {
            double[,] noise = Normals(StreamPurpose.TrainingNoise, epoch, 0, Samples);
            double[,] features = FeaturesOf(w, Noised(x, noise));
            double[,] residuals = Residuals(features, expected, noise);
            double[,] gradient = Host.Multiply(features, residuals).Product;
            var next = (double[,])expected.Clone();
            for (int i = 0; i < Features; i++)
            {
                for (int j = 0; j < Dimension; j++)
                {
                    next[i, j] -= 2 * LearningRate / (Samples * Amplitude) * gradient[i, j];
                }
            }

            expected = next;
        }

        // Three epochs, each with three chained sums of at most 21 terms of order one; normals in single precision err by 5e-7 of their
        // radius.
        double tolerance = 3 * 3 * Features * 12 * Epsilon + (typeof(T) == typeof(float) ? 1e-5 : 0);
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                Assert.Equal(expected[i, j], readout[i, j], tolerance);
            }
        }
    }

    [Fact]
    public void Losses_of_training_samples_are_those_of_their_residuals()
    {
        double[,] w = Host.Random(Features, Dimension, 1), x = Host.Random(Samples, Dimension, 2),
            readout = Host.Random(Features, Dimension, 3);
        using IScoreModel model = Model(w, x);
        using Matrix<double> host = readout.ToMatrix();
        model.LoadReadout(host.View, 0);
        var losses = new double[9];
        model.TrainingLosses(2, 5, 7, 3, losses);

        double[,] noise = Normals(StreamPurpose.TestNoise, 7, 3, losses.Length);
        var drawn = new double[losses.Length, Dimension];
        for (int d = 0; d < losses.Length; d++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                drawn[d, j] = x[2 + (3 + d) % 5, j];
            }
        }

        CheckLosses(Residuals(FeaturesOf(w, Noised(drawn, noise)), readout, noise), losses);
    }

    [Fact]
    public void Losses_of_fresh_samples_are_those_of_their_residuals()
    {
        double[,] w = Host.Random(Features, Dimension, 1), x = Host.Random(Samples, Dimension, 2),
            readout = Host.Random(Features, Dimension, 3);
        using IScoreModel model = Model(w, x);
        using Matrix<double> host = readout.ToMatrix();
        model.LoadReadout(host.View, 0);
        double[] centroid = [0.5, -0.25, 1, 0, -1, 0.125];
        var losses = new double[9];
        model.FreshLosses(centroid, 0.7, 1, 6, losses);

        double[,] noise = Normals(StreamPurpose.TestNoise, 1, 6, losses.Length),
            data = Normals(StreamPurpose.TestData, 1, 6, losses.Length);
        for (int d = 0; d < losses.Length; d++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                data[d, j] = centroid[j] + 0.7 * data[d, j];
            }
        }

        CheckLosses(Residuals(FeaturesOf(w, Noised(data, noise)), readout, noise), losses);
    }

    [Fact]
    public void The_covariance_is_the_Gaussian_average_of_pairs_of_features()
    {
        const int Orders = 19;
        double[,] w = Host.Random(Features, Dimension, 1), x = Host.Random(Samples, Dimension, 2);
        var rule = new GaussHermite(24);
        (double[] nodes, double[] weights) = (rule.Nodes.ToArray(), rule.Weights.ToArray());
        var table = new HermiteTable(nodes, weights, Orders);
        using Matrix<double> layer = w.ToMatrix(), sources = x.ToMatrix(), covariance = new(Features, Features);
        using var backend = new Covariance.AcceleratorFeatureCovariance<T, TTanh>(library, layer, Decay, Orders);
        backend.Compute(sources.View, Amplitude, table);
        backend.Store(covariance.View);
        HermiteMoments moments = backend.Moments(sources.View, Amplitude, table);

        double[,] h = Host.Multiply(w, Host.Transpose(x)).Product;
        double[,] gram = Host.Multiply(w, Host.Transpose(w)).Product;
        for (int i = 0; i < Features; i++)
        {
            double ni = Math.Sqrt(gram[i, i] / Dimension), gain = 0;
            for (int j = 0; j < Features; j++)
            {
                double nj = Math.Sqrt(gram[j, j] / Dimension), rho = gram[i, j] / Math.Sqrt(gram[i, i] * gram[j, j]), expected = 0;
                for (int m = 0; m < Samples; m++)
                {
                    double hi = Decay * h[i, m] / Math.Sqrt(Dimension), hj = Decay * h[j, m] / Math.Sqrt(Dimension);
                    for (int p = 0; p < nodes.Length; p++)
                    {
                        double zi = nodes[p], first = weights[p] * Math.Tanh(hi + Amplitude * ni * zi);
                        gain += i == j ? weights[p] * (1 - Math.Pow(Math.Tanh(hi + Amplitude * ni * zi), 2)) / Samples : 0;
                        for (int q = 0; q < nodes.Length; q++)
                        {
                            double zj = i == j ? zi : rho * zi + Math.Sqrt(1 - rho * rho) * nodes[q];
                            expected += first * weights[q] * Math.Tanh(hj + Amplitude * nj * zj) / Samples;
                        }
                    }
                }

                // The series is cut at order 19, where the coefficients are below 1e-9; what is left is rounding of sums of order one.
                Assert.Equal(expected, covariance[i, j], 1e-9 + 400 * Epsilon);
            }

            Assert.Equal(covariance[i, i], moments.SecondMoment[i], 1e-12 + 20 * Epsilon);
            Assert.Equal(gain, moments.FirstOrder[i] / (Amplitude * ni), 1e-9 + 400 * Epsilon);
            Assert.Equal(moments.SecondMoment[i], moments.Squares.Sum(order => order[i]), 1e-9 + 400 * Epsilon);
        }

        double[,] block = Host.Random(Features, 3, 4), image = new double[Features, 3];
        using Matrix<double> vectors = block.ToMatrix(), product = new(Features, 3);
        backend.Apply(vectors.View, product.View);
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                image[i, j] = Enumerable.Range(0, Features).Sum(k => covariance[i, k] * block[k, j]);
                Assert.Equal(image[i, j], product[i, j], Features * Features * Epsilon);
            }
        }
    }

    /// <summary>
    /// Against E[φ_i φ_j] = ∫ φ_i(z) E[φ_j | z], the inner average in closed form and the outer one by a fine midpoint rule.
    /// </summary>
    [Fact]
    public void The_covariance_of_rectified_features_needs_no_quadrature()
    {
        const int Orders = 40, Steps = 4000;
        double[,] w = Host.Random(5, Dimension, 1), x = Host.Random(3, Dimension, 2);
        using Matrix<double> layer = w.ToMatrix(), sources = x.ToMatrix(), covariance = new(5, 5);
        using var backend = new Covariance.AcceleratorFeatureCovariance<T, TRelu>(library, layer, Decay, Orders);
        backend.Compute(sources.View, Amplitude, new HermiteTable([0], [1], Orders));
        backend.Store(covariance.View);
        double[,] h = Host.Multiply(w, Host.Transpose(x)).Product, gram = Host.Multiply(w, Host.Transpose(w)).Product;
        for (int i = 0; i < 5; i++)
        {
            for (int j = 0; j < 5; j++)
            {
                double rho = gram[i, j] / Math.Sqrt(gram[i, i] * gram[j, j]), expected = 0;
                double si = Amplitude * Math.Sqrt(gram[i, i] / Dimension), sj = Amplitude * Math.Sqrt(gram[j, j] / Dimension);
                for (int m = 0; m < 3; m++)
                {
                    double hi = Decay * h[i, m] / Math.Sqrt(Dimension), hj = Decay * h[j, m] / Math.Sqrt(Dimension);
                    for (int s = 0; s < Steps; s++)
                    {
                        double z = 16 * ((s + 0.5) / Steps - 0.5), density = Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI) * 16 / Steps;
                        double rest = sj * Math.Sqrt(Math.Max(0, 1 - rho * rho)), mean = hj + sj * rho * z;
                        double conditional = i == j ? Math.Max(0, mean)
                            : mean * 0.5 * (1 + SpecialFunctions.Erf(mean / rest / Math.Sqrt(2)))
                                + rest * Math.Exp(-0.5 * mean * mean / (rest * rest)) / Math.Sqrt(2 * Math.PI);
                        expected += density * Math.Max(0, hi + si * z) * conditional / 3;
                    }
                }

                // The midpoint rule errs by h²/24 times the jump of the slope at the kink, h = 0.004; the series by its tail beyond ρ^40.
                Assert.Equal(expected, covariance[i, j], 2e-6 + Math.Pow(Math.Abs(i == j ? 0 : rho), 40) + 400 * Epsilon);
            }
        }
    }

    [Fact]
    public void The_sampled_covariance_is_that_of_the_drawn_features()
    {
        double[,] w = Host.Random(Features, Dimension, 1), x = Host.Random(Samples, Dimension, 2), block = Host.Random(Features, 2, 4);
        using IScoreModel model = Model(w, x);
        using Matrix<double> vectors = block.ToMatrix(), product = new(Features, 2);
        model.ApplyCovariance(9, 2, vectors.View, product.View);
        var expected = new double[Features, 2];
        for (long step = 9; step < 11; step++)
        {
            double[,] features = FeaturesOf(w, Noised(x, Normals(StreamPurpose.TrainingNoise, step, 0, Samples)));
            double[,] image = Host.Multiply(features, Host.Multiply(Host.Transpose(features), block).Product).Product;
            for (int i = 0; i < Features; i++)
            {
                expected[i, 0] += image[i, 0] / (2 * Samples);
                expected[i, 1] += image[i, 1] / (2 * Samples);
            }
        }

        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < 2; j++)
            {
                Assert.Equal(expected[i, j], product[i, j], Features * Features * Epsilon + (typeof(T) == typeof(float) ? 1e-5 : 0));
            }
        }
    }

    [Fact]
    public void A_model_that_does_not_fit_is_refused_with_what_it_needs()
    {
        using var backend = new AcceleratorBackend<T, TTanh>(ComputeDevice.Open(DeviceName.Parse(device)));
        using var layer = new Matrix<double>(1, 1);
        var problem = new ScoreModelProblem
        {
            FirstLayer = layer,
            Samples = layer,
            Seed = 1,
            Decay = 1,
            NoiseAmplitude = 1,
            TileSamples = int.MaxValue - 3,
        };
        Assert.True(backend.ScoreModelBytes(10_000, 1_000, 1_000_000_000, 1024) > backend.ScoreModelBytes(10_000, 1_000, 1_000, 1024));
        Assert.Contains("GB are needed", Assert.Throws<DeviceException>(() => backend.CreateScoreModel(problem)).Message);
    }

    private static double[,] Noised(double[,] x, double[,] noise)
    {
        var result = new double[x.GetLength(0), Dimension];
        for (int i = 0; i < x.GetLength(0); i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                result[i, j] = Decay * x[i, j] + Amplitude * noise[i, j];
            }
        }

        return result;
    }

    /// <summary>P×n.</summary>
    private static double[,] FeaturesOf(double[,] w, double[,] inputs)
    {
        double[,] result = Host.Multiply(w, Host.Transpose(inputs)).Product;
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < result.GetLength(1); j++)
            {
                result[i, j] = Math.Tanh(result[i, j] / Math.Sqrt(Dimension));
            }
        }

        return result;
    }

    private static double[,] Residuals(double[,] features, double[,] readout, double[,] noise)
    {
        double[,] result = Host.Multiply(Host.Transpose(features), readout).Product;
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                result[i, j] = Amplitude * result[i, j] + noise[i, j];
            }
        }

        return result;
    }

    private static double[,] Normals(StreamPurpose purpose, long step, long firstRow, int rows)
    {
        var numbers = new double[rows * Dimension];
        new RandomStream(Seed, purpose).FillNormals(step, firstRow * Dimension, numbers);
        var result = new double[rows, Dimension];
        Buffer.BlockCopy(numbers, 0, result, 0, numbers.Length * sizeof(double));
        return result;
    }

    private static void CheckLosses(double[,] residuals, double[] losses)
    {
        for (int d = 0; d < losses.Length; d++)
        {
            double expected = 0;
            for (int j = 0; j < Dimension; j++)
            {
                expected += residuals[d, j] * residuals[d, j] / Dimension;
            }

            // Residuals of order four err by a sum of 21 terms; normals in single precision by 5e-7 of their radius.
            double relative = 8 * Features * 12 * Epsilon + (typeof(T) == typeof(float) ? 3e-5 : 0);
            Assert.Equal(expected, losses[d], relative * Math.Max(1, expected));
        }
    }

    private Descent.AcceleratorScoreModel<T, TTanh> Model(double[,] w, double[,] x) => new(
        library,
        new ScoreModelProblem
        {
            FirstLayer = w.ToMatrix(),
            Samples = x.ToMatrix(),
            Seed = Seed,
            Decay = Decay,
            NoiseAmplitude = Amplitude,
            LearningRate = LearningRate,
            TileSamples = TileSamples,
        });
}
