using System.Numerics;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Descent;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Krylov;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Kernels.Tests;

/// <summary>
/// What the solvers ask a device for, against the same in plain loops on the host and against the processor; one body for all backends and
/// both precisions.
/// </summary>
public abstract class BackendTests<T, TTanh>(string device) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTanh : struct, IElementwise<T>
{
    private const int Dimension = 6;
    private const double LearningRate = 0.02, Time = 0.2;

    private static readonly bool Single = typeof(T) == typeof(float);
    private static readonly double Epsilon = Single ? Math.Pow(2, -24) : Math.Pow(2, -53);
    private static readonly double DoubleEpsilon = Math.Pow(2, -53);
    private static readonly ForwardProcess Forward = new(Time);

    private readonly ThreadTeam team = new(1);
    private readonly ComputeDevice opened = TestDevices.Open(device);

    /// <summary>The emulation takes a millisecond a barrier.</summary>
    private int Features => opened.Info.Name.Kind == DeviceKind.IlgpuCpu ? 9 : 21;

    private int Samples => opened.Info.Name.Kind == DeviceKind.IlgpuCpu ? 7 : 11;

    private KernelLibrary<T> Library => opened.Library<T>();

    public void Dispose()
    {
        team.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(4)]
    public void Fresh_noise_descent_follows_the_update_of_the_paper(int tile)
    {
        using Realization realization = Draw(Activation.Tanh);
        using var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, LearningRate, tile);
        double[,] readout = Host.Random(Features, Dimension, 3);
        Fill(model.Readout, readout);
        double[] losses = new double[2];
        model.Run(40, 1, losses);
        model.Run(41, 2, losses);

        double[,] expected = readout;
        double[] expectedLosses = [0, 0];
        for (long epoch = 40; epoch < 43; epoch++)
        {
            double[,] noise = Normals(realization.Seed, StreamPurpose.TrainingNoise, epoch, Samples);
            double[,] features = FeaturesOf(realization, Noised(Array2(realization.Samples), noise));
            double[,] residuals = Residuals(features, expected, noise);
            double[,] gradient = Host.Multiply(features, residuals).Product;
            var next = (double[,])expected.Clone();
            for (int i = 0; i < Features; i++)
            {
                for (int j = 0; j < Dimension; j++)
                {
                    next[i, j] -= 2 * LearningRate / (Samples * Forward.NoiseAmplitude) * gradient[i, j];
                }
            }

            expected = next;
            expectedLosses = [.. Enumerable.Range(0, 2).Select(c => Enumerable.Range(realization.ClassStarts[c], realization.ClassSizes[c]).Average(
                m => Enumerable.Range(0, Dimension).Sum(j => residuals[m, j] * residuals[m, j]) / Dimension))];
        }

        // Three epochs, each with three chained sums of at most 21 terms of order one; normals in single precision err by 5e-7 of their
        // radius.
        double tolerance = 3 * 3 * Features * 12 * Epsilon + (Single ? 1e-5 : 0);
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                Assert.Equal(expected[i, j], model.Readout[i, j], tolerance);
            }
        }

        double relative = 8 * Features * 12 * Epsilon + (Single ? 3e-5 : 0);
        Assert.All(expectedLosses.Zip(losses), pair => Assert.Equal(pair.First, pair.Second, relative * pair.First));
    }

    /// <summary>Steps of a thousandth of an ulp of the readout: a readout of one number would stay where it is.</summary>
    [Fact]
    public void Steps_far_below_the_precision_of_the_readout_add_up()
    {
        using Realization realization = Draw(Activation.Tanh);
        using var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, 1e-3 * Epsilon);
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                model.Readout[i, j] = 1;
            }
        }

        model.Run(1, 64, new double[2]);
        double moved = Enumerable.Range(0, Features).Max(i => Enumerable.Range(0, Dimension).Max(j => Math.Abs(model.Readout[i, j] - 1)));
        if (Single)
        {
            Assert.InRange(moved, 1e-3 * Epsilon, 10 * Epsilon);
        }
    }

    /// <summary>A readout whose two numbers are far apart in size, which one double cannot hold.</summary>
    [Fact]
    public void What_goes_on_from_a_readout_and_its_remainder_is_bit_identical()
    {
        using Realization realization = Draw(Activation.Tanh);
        using AcceleratorFreshNoiseModel<T, TTanh> whole = Model(), first = Model(), second = Model();
        double[] expected = new double[2], losses = new double[2];
        whole.Run(1, 9, expected);
        first.Run(1, 4, losses);
        Copy(first.Readout, second.Readout);
        Copy(first.Remainder!.Value, second.Remainder!.Value);
        second.Run(5, 5, losses);
        Assert.Equal(expected, losses);
        int differ = 0;
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                Assert.Equal(whole.Readout[i, j], second.Readout[i, j]);
                Assert.Equal(whole.Remainder!.Value[i, j], second.Remainder!.Value[i, j]);
                differ += whole.Remainder!.Value[i, j] != 0 ? 1 : 0;
            }
        }

        Assert.True(differ > 0);

        AcceleratorFreshNoiseModel<T, TTanh> Model()
        {
            var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, 1e-11);
            Fill(model.Readout, Host.Random(Features, Dimension, 3));
            return model;
        }

        void Copy(MatrixView<double> source, MatrixView<double> target)
        {
            for (int i = 0; i < Features; i++)
            {
                for (int j = 0; j < Dimension; j++)
                {
                    target[i, j] = source[i, j];
                }
            }
        }
    }

    [Fact]
    public void Scores_are_those_of_the_network()
    {
        using Realization realization = Draw(Activation.Tanh);
        using var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, LearningRate);
        double[,] readout = Host.Random(Features, Dimension, 3), x = Host.Random(7, Dimension, 4);
        Fill(model.Readout, readout);
        using Matrix<double> inputs = x.ToMatrix(), scores = new(7, Dimension);
        model.SetInputs(inputs.View);
        model.Scores(0, scores.View);
        double[,] expected = Host.Multiply(Host.Transpose(FeaturesOf(realization, x)), readout).Product;
        for (int i = 0; i < 7; i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                Assert.Equal(expected[i, j], scores[i, j], 2 * Features * 12 * Epsilon);
            }
        }
    }

    [Fact]
    public void Errors_of_samples_are_those_of_the_scores_summed_in_double_precision()
    {
        using Realization realization = Draw(Activation.Tanh);
        using var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, LearningRate);
        Fill(model.Readout, Host.Random(Features, Dimension, 3));
        foreach (int count in (int[])[7, 3, 8])
        {
            using Matrix<double> inputs = Host.Random(count, Dimension, 4).ToMatrix(), scores = new(count, Dimension);
            using Matrix<double> noise = Host.Random(count, Dimension, 5).ToMatrix(), exact = Host.Random(count, Dimension, 6).ToMatrix();
            exact[0, 0] = noise[1, 1] = Math.PI;
            model.SetInputs(inputs.View);
            model.Scores(0, scores.View);
            double[] losses = new double[count], errors = new double[count];
            model.Errors(0, noise, exact, Forward.NoiseAmplitude, losses, errors);
            for (int i = 0; i < count; i++)
            {
                double loss = 0, error = 0, magnitude = 0;
                for (int j = 0; j < Dimension; j++)
                {
                    loss += Math.Pow(Forward.NoiseAmplitude * scores[i, j] + noise[i, j], 2) / Dimension;
                    error += Math.Pow(scores[i, j] - exact[i, j], 2) / Dimension;
                    magnitude += Math.Pow(Math.Abs(scores[i, j]) + Math.Abs(noise[i, j]) + Math.Abs(exact[i, j]), 2) / Dimension;
                }

                // Of the squares and their sum, whatever the precision of the scores is.
                Assert.Equal(loss, losses[i], (Dimension + 8) * DoubleEpsilon * magnitude);
                Assert.Equal(error, errors[i], (Dimension + 8) * DoubleEpsilon * magnitude);
            }
        }
    }

    [Fact]
    public void The_product_with_the_covariance_of_the_first_epoch_is_that_of_its_features()
    {
        using Realization realization = Draw(Activation.Tanh);
        using var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, LearningRate, 4);
        double[] x = [.. Enumerable.Range(0, Features).Select(i => Math.Sin(i))], y = new double[Features];
        model.ApplyCovariance(x, y);
        double[,] features = FeaturesOf(
            realization, Noised(Array2(realization.Samples), Normals(realization.Seed, StreamPurpose.TrainingNoise, 1, Samples)));
        for (int i = 0; i < Features; i++)
        {
            double expected = Enumerable.Range(0, Samples).Sum(
                m => features[i, m] * Enumerable.Range(0, Features).Sum(k => features[k, m] * x[k])) / Samples;
            Assert.Equal(expected, y[i], 2 * Features * Features * Epsilon + (Single ? 1e-5 : 0));
        }
    }

    [Fact]
    public void An_epoch_allocates_nothing_and_compiles_nothing()
    {
        using Realization realization = Draw(Activation.Tanh);
        using var model = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, LearningRate);
        double[] losses = new double[2];
        model.Run(1, 3, losses);
        int compiled = opened.CompiledKernels;
        long device = model.DeviceBytes, few = Allocated(1), many = Allocated(6);
        Assert.Equal(compiled, opened.CompiledKernels);
        Assert.Equal(device, model.DeviceBytes);

        // Whatever a call allocates, and what the emulation allocates a launch, an epoch adds nothing of its own: ILGPU's launchers box
        // nothing on OpenCL and CUDA.
        if (opened.Info.Name.Kind != DeviceKind.IlgpuCpu)
        {
            Assert.InRange(many - few, 0, 5 * 7 * MostBytesOfALaunch);
        }

        using (var second = new AcceleratorFreshNoiseModel<T, TTanh>(Library, realization, Forward, LearningRate))
        {
            second.Run(1, 1, losses);
        }

        Assert.Equal(compiled, opened.CompiledKernels);

        long Allocated(int epochs)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            model.Run(10, epochs, losses);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    /// <summary>Of ILGPU's own bookkeeping.</summary>
    private const int MostBytesOfALaunch = 0;

    [Theory]
    [InlineData(1024, null)]
    [InlineData(4, 8)]
    public void The_covariance_is_the_Gaussian_average_of_pairs_of_features(int tile, int? panel)
    {
        using Realization realization = Draw(Activation.Tanh);
        using var covariances = Covariances<Tanh>(realization, tile, panel);
        using Matrix<double> covariance = new(Features, Features);
        MehlerResult result = covariances.Compute(realization.Samples.View, Forward.NoiseAmplitude, covariance);
        using ExactCovariance kept = covariances.Keep(realization.Samples.View, Forward.NoiseAmplitude);
        Assert.Equal(result.Order, kept.Series.Order);

        var rule = new GaussHermite(96);
        (double[] nodes, double[] weights) = (rule.Nodes.ToArray(), rule.Weights.ToArray());
        double[,] w = Array2(realization.FirstLayer);
        double[,] h = Host.Multiply(w, Host.Transpose(Array2(realization.Samples))).Product, gram = Host.Multiply(w, Host.Transpose(w)).Product;
        double amplitude = Forward.NoiseAmplitude, decay = Forward.Decay;
        for (int i = 0; i < 6; i++)
        {
            double ni = Math.Sqrt(gram[i, i] / Dimension), gain = 0;
            for (int j = 0; j <= i; j++)
            {
                double nj = Math.Sqrt(gram[j, j] / Dimension), rho = gram[i, j] / Math.Sqrt(gram[i, i] * gram[j, j]), expected = 0;
                for (int m = 0; m < Samples; m++)
                {
                    double hi = decay * h[i, m] / Math.Sqrt(Dimension), hj = decay * h[j, m] / Math.Sqrt(Dimension);
                    for (int p = 0; p < nodes.Length; p++)
                    {
                        double zi = nodes[p], first = weights[p] * Math.Tanh(hi + amplitude * ni * zi);
                        gain += i == j ? weights[p] * (1 - Math.Pow(Math.Tanh(hi + amplitude * ni * zi), 2)) / Samples : 0;
                        for (int q = 0; q < nodes.Length; q++)
                        {
                            double zj = i == j ? zi : rho * zi + Math.Sqrt(1 - rho * rho) * nodes[q];
                            expected += first * weights[q] * Math.Tanh(hj + amplitude * nj * zj) / Samples;
                        }
                    }
                }

                // What the series leaves out is bounded by the remainder; the rule of the reference errs by 1e-9.
                Assert.Equal(expected, covariance[i, j], 1e-9 + result.RemainderBound + 400 * (i == j ? DoubleEpsilon : Epsilon));
            }

            Assert.Equal(gain, result.Gain[i], 1e-9 + 400 * DoubleEpsilon);
        }

        CheckProducts(covariance, kept.Operator);
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Erf)]
    [InlineData(Activation.Relu)]
    public void Covariances_are_those_of_the_processor(Activation activation)
    {
        using Realization realization = Draw(activation);
        IBackend[] backends = [new SimdBackend(), new AcceleratorBackend(opened)];
        using IExactCovariances processor = backends[0].CreateCovariances(realization, Forward, Single, team);
        using IExactCovariances accelerator = backends[1].CreateCovariances(realization, Forward, Single, team);
        using Matrix<double> expected = new(Features, Features), actual = new(Features, Features);
        foreach ((MatrixView<double> samples, double noise) in (ReadOnlySpan<(MatrixView<double>, double)>)
            [(realization.Samples.View, Forward.NoiseAmplitude), (realization.Centroids.View.Slice(1, 0, 1, Dimension), Math.Sqrt(Forward.NoisedVariance(0.25)))])
        {
            MehlerResult first = processor.Compute(samples, noise, expected), second = accelerator.Compute(samples, noise, actual);
            Assert.Equal(first.Order, second.Order);
            Assert.Equal(1, second.RemainderBound / first.RemainderBound, Single ? 1e-4 : 1e-6);

            // Sums of order·11 products below one, and quadrature weights and nodes that are the same numbers.
            double tolerance = (first.Order + 1) * (Samples + 2) * 4 * Epsilon;
            for (int i = 0; i < Features; i++)
            {
                Assert.Equal(first.Gain[i], second.Gain[i], 100 * DoubleEpsilon * Math.Max(1, Math.Abs(first.Gain[i])));
                for (int j = 0; j < Features; j++)
                {
                    Assert.Equal(expected[i, j], actual[i, j], (i == j ? 100 * DoubleEpsilon : tolerance) * Math.Max(1, Math.Abs(expected[i, j])));
                }
            }

            using ExactCovariance renewed = accelerator.Renew(samples, noise);
            CheckProducts(actual, renewed.Operator);
        }
    }

    [Theory]
    [InlineData(null, 256)]
    [InlineData(4, 5)]
    public void Features_in_device_memory_multiply_as_they_are(int? panel, int uploadRows)
    {
        using Realization realization = Draw(Activation.Tanh);
        var source = new SampledFeatures(realization, Forward, 0, Samples, 2, team);
        using var stored = new AcceleratorFeatures<T>(opened.Library<double>(), source, panel, uploadRows);
        using Matrix<double> features = new(2 * Samples, Features), rounded = new(2 * Samples, Features), covariance = new(Features, Features);
        source.Fill(0, features.View);
        stored.Fill(0, rounded.View);
        for (int m = 0; m < 2 * Samples; m++)
        {
            for (int i = 0; i < Features; i++)
            {
                Assert.Equal(double.CreateChecked(T.CreateTruncating(features[m, i])), rounded[m, i]);
            }
        }

        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Features; j++)
            {
                covariance[i, j] = 0.1 * Enumerable.Range(0, 2 * Samples).Sum(m => rounded[m, i] * rounded[m, j]);
            }
        }

        CheckProducts(covariance, new FeatureCovariance(stored, 0.1, team));
    }

    private static void CheckProducts(Matrix<double> matrix, ISymmetricOperator apply)
    {
        int features = matrix.Rows;
        double[,] block = Host.Random(3, features, 4);
        using Matrix<double> vectors = block.ToMatrix(), product = new(3, features);
        apply.Apply(vectors.Transposed, product.Transposed);
        double[] forms = new double[3];
        apply.QuadraticForms(vectors.Transposed, forms);

        // Of a matrix in single precision only its rounding is not in double; the diagonal that the host has is not rounded.
        double rounding = Single ? Epsilon * Enumerable.Range(0, features).Max(i => Math.Abs(matrix[i, i])) : 0;
        for (int l = 0; l < 3; l++)
        {
            double form = 0;
            for (int i = 0; i < features; i++)
            {
                double expected = Enumerable.Range(0, features).Sum(k => matrix[i, k] * block[l, k]);
                form += block[l, i] * expected;
                Assert.Equal(expected, product[l, i], features * features * DoubleEpsilon + rounding);
            }

            Assert.Equal(form, forms[l], features * features * features * DoubleEpsilon + features * rounding);
        }
    }

    private static void Fill(MatrixView<double> target, double[,] source)
    {
        for (int i = 0; i < target.Rows; i++)
        {
            for (int j = 0; j < target.Columns; j++)
            {
                target[i, j] = source[i, j];
            }
        }
    }

    private static double[,] Array2(Matrix<double> matrix)
    {
        var result = new double[matrix.Rows, matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                result[i, j] = matrix[i, j];
            }
        }

        return result;
    }

    private static double[,] Noised(double[,] x, double[,] noise)
    {
        var result = new double[x.GetLength(0), Dimension];
        for (int i = 0; i < x.GetLength(0); i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                result[i, j] = Forward.Decay * x[i, j] + Forward.NoiseAmplitude * noise[i, j];
            }
        }

        return result;
    }

    /// <summary>P×n.</summary>
    private double[,] FeaturesOf(Realization realization, double[,] inputs)
    {
        double[,] result = Host.Multiply(Array2(realization.FirstLayer), Host.Transpose(inputs)).Product;
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < result.GetLength(1); j++)
            {
                result[i, j] = Math.Tanh(result[i, j] / Math.Sqrt(Dimension));
            }
        }

        return result;
    }

    private double[,] Residuals(double[,] features, double[,] readout, double[,] noise)
    {
        double[,] result = Host.Multiply(Host.Transpose(features), readout).Product;
        for (int i = 0; i < result.GetLength(0); i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                result[i, j] = Forward.NoiseAmplitude * result[i, j] + noise[i, j];
            }
        }

        return result;
    }

    private static double[,] Normals(uint seed, StreamPurpose purpose, long step, int rows)
    {
        var numbers = new double[rows * Dimension];
        new RandomStream(seed, purpose).FillNormals(step, 0, numbers);
        var result = new double[rows, Dimension];
        Buffer.BlockCopy(numbers, 0, result, 0, numbers.Length * sizeof(double));
        return result;
    }

    private Realization Draw(Activation activation) => new(
        new ModelSpec
        {
            Dimension = Dimension,
            Features = Features,
            Samples = Samples,
            Activation = activation,
            Classes = [new ClassSpec(0.4, 0.5), new ClassSpec(0.6, 0.25)],
            CentroidGram = [[1, 0.2], [0.2, 0.5]],
        },
        5, team);

    private AcceleratorExactCovariances<T, TActivation> Covariances<TActivation>(Realization realization, int tile, int? panel)
        where TActivation : struct, IElementwise<double> =>
        new(opened.Library<double>(), Library, realization, Forward, tile, panel);
}
