using System.Numerics;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Krylov;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Kernels.Sampling;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;
using ILGPU.Runtime;

namespace Hpc.Kernels.Tests;

/// <summary>Every kernel against a plain reference on the host, at odd sizes; one body for all backends and both precisions.</summary>
public abstract class KernelTests<T, TTanh, TErf, TRelu>(string device)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTanh : struct, IElementwise<T>
    where TErf : struct, IElementwise<T>
    where TRelu : struct, IElementwise<T>
{
    private static readonly double Epsilon = typeof(T) == typeof(float) ? Math.Pow(2, -24) : Math.Pow(2, -53);

    private protected KernelLibrary<T> Library { get; } = TestDevices.Open(device).Library<T>();

    private Accelerator Accelerator => Library.Accelerator;

    [Fact]
    public void The_accelerator_is_the_one_asked_for() => Assert.Equal(
        DeviceName.Parse(device).Kind switch
        {
            DeviceKind.Cuda => AcceleratorType.Cuda,
            DeviceKind.OpenCl => AcceleratorType.OpenCL,
            _ => AcceleratorType.CPU,
        },
        Accelerator.AcceleratorType);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 7, 3)]
    [InlineData(33, 18, 21)]
    [InlineData(16, 32, 9)]
    public void A_product_agrees_for_every_layout_of_its_factors(int rows, int columns, int depth)
    {
        CheckProduct<AlongRows, AlongRows>(rows, columns, depth);
        CheckProduct<AlongRows, AcrossRows>(rows, columns, depth);
        CheckProduct<AcrossRows, AlongRows>(rows, columns, depth);
        CheckProduct<AcrossRows, AcrossRows>(rows, columns, depth);
    }

    /// <summary>gemm of BLAS by its definition in the place of cuBLAS: layouts, and what lies behind the columns.</summary>
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 7, 3)]
    [InlineData(13, 8, 6)]
    public void A_column_major_library_computes_every_layout(int rows, int columns, int depth)
    {
        var library = new ReferenceGemm<T>(Accelerator);
        CheckProduct<AlongRows, AlongRows>(rows, columns, depth, null, library);
        CheckProduct<AlongRows, AcrossRows>(rows, columns, depth, null, library);
        CheckProduct<AcrossRows, AlongRows>(rows, columns, depth, null, library);
        CheckProduct<AcrossRows, AcrossRows>(rows, columns, depth, null, library);
        Assert.Equal(8, library.Calls);

        // Memory that was a matrix of another shape before: the padding behind the columns is zero afterwards.
        double[,] a = Host.Random(rows, depth, 1), b = Host.Random(columns, depth, 2);
        using DeviceMatrix<T> left = a.ToDevice<T>(Accelerator), right = b.ToDevice<T>(Accelerator), memory = Host.Random(20, 20, 3).ToDevice<T>(Accelerator);
        using Product<T> product = Library.LoadProduct<AlongRows, AlongRows, Linear<T>>(null, library);
        DeviceView<T> result = memory.Reshaped(rows, columns);
        product.Run(left.View, right.View, depth, T.One, T.Zero, result);
        var padded = new DeviceView<T>(result.Data, 0, rows, result.Stride, result.Stride);
        using var host = new Matrix<T>(rows, result.Stride);
        memory.Download(padded, host.View);
        for (int i = 0; i < rows; i++)
        {
            Assert.True(host.Row(i)[columns..].IndexOfAnyExcept(T.Zero) < 0);
        }
    }

    [Fact]
    public void Slices_of_the_depth_add_up() => CheckProduct<AcrossRows, AcrossRows>(13, 6, 205, wantedGroups: 6);

    [Fact]
    public void Features_are_the_activations_of_the_product()
    {
        CheckFeatures<TTanh>(Math.Tanh);
        CheckFeatures<TRelu>(x => Math.Max(0, x));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(203)]
    public void Row_sums_agree(int columns)
    {
        double[,] x = Host.Random(7, columns, 1), start = Host.Random(7, 1, 2);
        using DeviceMatrix<T> matrix = x.ToDevice<T>(Accelerator), values = start.ToDevice<T>(Accelerator),
            squares = start.ToDevice<T>(Accelerator);
        Library.LoadRowSums<Value>()(Library.GroupPerRow(7), matrix.View, values.View, T.CreateChecked(2), T.CreateChecked(0.5));
        Library.LoadRowSums<Square>()(Library.GroupPerRow(7), matrix.View, squares.View, T.CreateChecked(2), T.Zero);
        T[,] sums = values.ToHost(), squareSums = squares.ToHost();
        for (int i = 0; i < 7; i++)
        {
            double sum = 0.5 * start[i, 0], square = 0;
            for (int j = 0; j < columns; j++)
            {
                sum += 2 * x[i, j];
                square += 2 * x[i, j] * x[i, j];
            }

            // No element exceeds 1: the sum of n has an error of at most n²·ε, here scaled by 2.
            double tolerance = 2.0 * (columns + 2) * (columns + 2) * Epsilon;
            Assert.Equal(sum, double.CreateChecked(sums[i, 0]), tolerance);
            Assert.Equal(square, double.CreateChecked(squareSums[i, 0]), tolerance);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 3_000_000_000)]
    [InlineData(2, (1L << 34) + 1)]
    public void Noise_is_that_of_the_host_bit_for_bit(long firstRow, long step)
    {
        const int Rows = 6, Columns = 7;
        double[,] x = Host.Random(4, Columns, 3);
        using DeviceMatrix<T> source = x.ToDevice<T>(Accelerator);
        using DeviceMatrix<T> noised = new(Accelerator, Rows, Columns), noise = new(Accelerator, Rows, Columns);
        T decay = T.CreateChecked(0.75), amplitude = T.CreateChecked(0.3);
        Library.LoadNoisedSamples()(
            Library.Elementwise(Rows * Columns / 4 + 2), source.View, firstRow, noised.View, noise.View, decay, amplitude,
            new NormalsRange(17, (uint)StreamPurpose.TrainingNoise, step, firstRow * Columns));
        T[] expected = Normals(17, StreamPurpose.TrainingNoise, step, firstRow * Columns, Rows * Columns);
        T[,] actualNoise = noise.ToHost(), actual = noised.ToHost();
        for (int i = 0; i < Rows * Columns; i++)
        {
            (int row, int column) = (i / Columns, i % Columns);
            Assert.Equal(expected[i], actualNoise[row, column]);
            T sample = T.CreateChecked(x[(int)((firstRow + row) % 4), column]);
            Assert.Equal(T.FusedMultiplyAdd(decay, sample, amplitude * expected[i]), actual[row, column]);
        }
    }

    [Fact]
    public void Activations_are_those_of_the_host_bit_for_bit()
    {
        CheckBits<TTanh>();
        CheckBits<TErf>();
        CheckBits<TRelu>();
    }

    [Fact]
    public void Hermite_coefficients_agree()
    {
        const int Features = 5, Samples = 6, Orders = 10;
        double[,] means = Host.Random(Features, Samples, 4), deviation = Host.Random(Features, 1, 5);
        var rule = new GaussHermite(9);
        (double[] nodes, double[] weights) = (rule.Nodes.ToArray(), rule.Weights.ToArray());
        var table = new HermiteTable(nodes, weights, Orders);
        var columns = new double[2 * 9, 9];
        for (int q = 0; q < 9; q++)
        {
            for (int k = 0; k < 16; k++)
            {
                columns[k / 8 * 9 + q, k % 8] = k < Orders ? table.Values[k, q] : 0;
            }

            (columns[q, 8], columns[9 + q, 8]) = (weights[q], weights[q]);
        }

        using DeviceMatrix<T> h = means.ToDevice<T>(Accelerator), sigma = deviation.ToDevice<T>(Accelerator);
        using DeviceMatrix<T> z = Column(nodes).ToDevice<T>(Accelerator), w = columns.ToDevice<T>(Accelerator);
        using DeviceMatrix<T> coefficients = new(Accelerator, Orders * Features, Samples), second = new(Accelerator, Features, Samples);
        var kernel = Library.LoadHermiteCoefficients<TTanh>();
        for (int g = 0; g < 2; g++)
        {
            kernel(
                Library.Elementwise(Features * h.Stride), h.View, sigma.View, z.View, w.View.RowRange(9 * g, 9),
                coefficients.View.RowRange(8 * g * Features, Math.Min(8, Orders - 8 * g) * Features), second.View, Math.Min(8, Orders - 8 * g));
        }

        T[,] actual = coefficients.ToHost(), actualSecond = second.ToHost();
        for (int i = 0; i < Features; i++)
        {
            for (int m = 0; m < Samples; m++)
            {
                for (int k = 0; k < Orders; k++)
                {
                    double sum = 0, square = 0, magnitude = 0;
                    for (int q = 0; q < 9; q++)
                    {
                        double value = Math.Tanh(means[i, m] + deviation[i, 0] * nodes[q]);
                        sum += table.Values[k, q] * value;
                        square += weights[q] * value * value;
                        magnitude += Math.Abs(table.Values[k, q]);
                    }

                    // Each term errs by tanh (6 ulp), its argument (up to 6, slope at most 1), the weight and the sum.
                    double tolerance = 40 * Epsilon * Math.Max(magnitude, 1);
                    Assert.Equal(sum, double.CreateChecked(actual[k * Features + i, m]), tolerance);
                    Assert.Equal(square, double.CreateChecked(actualSecond[i, m]), tolerance);
                }
            }
        }
    }

    [Fact]
    public void Vectors_are_projected_and_combined_on_the_device()
    {
        const int Length = 120;
        double[,] basis = new double[5, Length], y = Host.Random(3, Length, 13);
        for (int i = 0; i < Length; i++)
        {
            for (int k = 0; k < 5; k++)
            {
                basis[k, i] = Math.Sqrt(2.0 / Length) * Math.Cos(Math.PI * (k + 1) * (2 * i + 1) / (2 * Length));
            }
        }

        using var vectors = new AcceleratorVectors<T>(Library, 7, Length);
        using Matrix<double> q = basis.ToMatrix(), block = y.ToMatrix(), overlaps = new(3, 4), combined = new(2, Length);
        vectors.Set(0, q.View.Slice(0, 0, 2, Length));
        vectors.Set(2, q.View.Slice(2, 0, 3, Length));
        vectors.Project(1, 5, 2, block.View, overlaps.View);

        // Against all but the first vector: what is orthogonal to them, within the rounding of both passes.
        for (int j = 0; j < 3; j++)
        {
            double[] expected = new double[4];
            for (int k = 0; k < 4; k++)
            {
                expected[k] = Enumerable.Range(0, Length).Sum(i => basis[k + 1, i] * y[j, i]);
                Assert.Equal(expected[k], overlaps[j, k], Length * Epsilon);
                Assert.Equal(0, Enumerable.Range(0, Length).Sum(i => basis[k + 1, i] * block[j, i]), Length * Epsilon);
            }

            for (int i = 0; i < Length; i++)
            {
                Assert.Equal(y[j, i] - Enumerable.Range(0, 4).Sum(k => expected[k] * basis[k + 1, i]), block[j, i], Length * Epsilon);
            }
        }

        double[,] coefficients = Host.Random(2, 5, 14);
        using Matrix<double> c = coefficients.ToMatrix();
        vectors.Combine(c.View, combined.View);
        double[,] product = Host.Multiply(coefficients, basis).Product;
        for (int j = 0; j < 2; j++)
        {
            for (int i = 0; i < Length; i++)
            {
                Assert.Equal(product[j, i], combined[j, i], 8 * Epsilon);
            }
        }
    }

    [Fact]
    public void The_Mehler_weighted_product_is_the_sum_over_orders()
    {
        const int Features = 37, Samples = 11, Orders = 3;
        double[,] c = Host.Random(Orders * Features, Samples, 6), root = Host.Random(Features, 2, 7);
        double[,] rho = Host.Multiply(root, Host.Transpose(root)).Product;
        using DeviceMatrix<T> coefficients = c.ToDevice<T>(Accelerator), correlations = rho.ToDevice<T>(Accelerator);
        using var covariance = new DeviceMatrix<T>(Accelerator, Features, Features);
        var kernel = Library.LoadMehlerSyrk();
        kernel(Library.Tiles(Features), coefficients.View, correlations.View, covariance.View, Orders, T.CreateChecked(0.25));
        kernel(Library.Tiles(Features), coefficients.View, correlations.View, covariance.View, Orders, T.CreateChecked(0.5));
        T[,] actual = covariance.ToHost();
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Features; j++)
            {
                double expected = 0, magnitude = 0;
                for (int k = 0; k < Orders; k++)
                {
                    for (int m = 0; m < Samples; m++)
                    {
                        double term = 0.75 * Math.Pow(rho[i, j], k) * c[k * Features + i, m] * c[k * Features + j, m];
                        expected += term;
                        magnitude += Math.Abs(term);
                    }
                }

                Assert.Equal(expected, double.CreateChecked(actual[i, j]), 2 * (Orders * Samples + 4) * Epsilon * magnitude);
                Assert.Equal(actual[j, i], actual[i, j]);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void The_remainder_is_the_sum_over_pairs(int order)
    {
        const int Features = 37;
        double[,] root = Host.Random(Features, 2, 7), tail = Host.Random(Features, 1, 8), rho = Host.Multiply(root, Host.Transpose(root)).Product;
        using DeviceMatrix<T> correlations = rho.ToDevice<T>(Accelerator), tails = tail.ToDevice<T>(Accelerator);
        using var rows = new DeviceMatrix<T>(Accelerator, Features, 1);
        Library.LoadRemainder()(Library.GroupPerRow(Features), correlations.View, tails.View, rows.View, order);
        double[] actual = rows.ToArray();
        for (int i = 0; i < Features; i++)
        {
            double sum = 0, magnitude = 0;
            for (int j = 0; j < Features; j++)
            {
                double term = i == j ? 0 : Math.Pow(rho[i, j], 2 * order + 2) * tail[i, 0] * tail[j, 0];
                sum += term;
                magnitude += Math.Abs(term);
            }

            Assert.Equal(sum, actual[i], (Features + 4 * order + 8) * Epsilon * magnitude + double.Epsilon);
        }
    }

    [Fact]
    public void A_step_loses_nothing_below_the_precision_of_the_readout()
    {
        double[,] start = Host.Random(5, 6, 14), gradient = Host.Random(5, 6, 15);
        using DeviceMatrix<T> high = start.ToDevice<T>(Accelerator), change = gradient.ToDevice<T>(Accelerator), low = new(Accelerator, 5, 6);
        Action<ILGPU.KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, T> step = Library.LoadStep();
        double alpha = Epsilon / 1024;
        for (int i = 0; i < 100; i++)
        {
            step(Library.Elementwise(5 * high.Stride), high.View, low.View, change.View, T.CreateChecked(alpha));
        }

        T[,] upper = high.ToHost(), lower = low.ToHost();
        for (int i = 0; i < 5; i++)
        {
            for (int j = 0; j < 6; j++)
            {
                // Differences from the start, which double precision holds exactly; the low part errs by one rounding a step.
                double moved = double.CreateChecked(upper[i, j] - T.CreateChecked(start[i, j])) + double.CreateChecked(lower[i, j]);
                Assert.Equal(100 * alpha * gradient[i, j], moved, 100 * Epsilon * Epsilon);
            }
        }
    }

    [Fact]
    public void Conversions_round_once()
    {
        double[,] x = new double[5, 7];
        for (int i = 0; i < 35; i++)
        {
            x[i / 7, i % 7] = Math.Exp(i - 17) / 3;
        }

        KernelLibrary<double> wide = TestDevices.Open(device).Library<double>();
        using DeviceMatrix<double> source = x.ToDevice<double>(Accelerator), widened = new(Accelerator, 5, 7);
        using var narrow = new DeviceMatrix<float>(Accelerator, 5, 7);
        wide.LoadNarrow()(wide.Elementwise(5 * source.Stride), source.View, narrow.View, 0.1);
        wide.LoadWiden()(wide.Elementwise(5 * source.Stride), narrow.View, widened.View);
        double[,] actual = widened.ToHost();
        Assert.All(Enumerable.Range(0, 35), i => Assert.Equal((float)(0.1 * x[i / 7, i % 7]), actual[i / 7, i % 7]));
    }

    private static double[,] Column(double[] values)
    {
        var column = new double[values.Length, 1];
        for (int i = 0; i < values.Length; i++)
        {
            column[i, 0] = values[i];
        }

        return column;
    }

    private static T[] Normals(uint seed, StreamPurpose purpose, long step, long first, int count)
    {
        var stream = new RandomStream(seed, purpose);
        if (typeof(T) == typeof(float))
        {
            var singles = new float[count];
            stream.FillNormals(step, first, singles);
            return (T[])(object)singles;
        }

        var doubles = new double[count];
        stream.FillNormals(step, first, doubles);
        return (T[])(object)doubles;
    }

    /// <summary>A product of zeros, added to the arguments.</summary>
    private void CheckBits<TActivation>()
        where TActivation : struct, IElementwise<T>
    {
        var arguments = new double[40, 20];
        for (int i = 0; i < 800; i++)
        {
            double magnitude = Math.Pow(10, i % 40 * 0.25 - 8.5);
            arguments[i / 20, i % 20] = (float)(i % 2 == 0 ? magnitude * (1 + i * 0.001) : -magnitude);
        }

        using DeviceMatrix<T> x = arguments.ToDevice<T>(Accelerator);
        using DeviceMatrix<T> zero = new(Accelerator, 40, 1), none = new(Accelerator, 20, 1);
        using Product<T> product = Library.LoadProduct<AlongRows, AlongRows, TActivation>();
        product.Run(zero.View, none.View, 1, T.One, T.One, x.View);
        T[,] actual = x.ToHost();
        for (int i = 0; i < 800; i++)
        {
            double argument = arguments[i / 20, i % 20];
            Assert.Equal(TActivation.Invoke(T.CreateChecked(argument)), actual[i / 20, i % 20]);
        }
    }

    private void CheckFeatures<TActivation>(Func<double, double> function)
        where TActivation : struct, IElementwise<T>
    {
        const int Features = 19, Samples = 10, Dimension = 13;
        double[,] w = Host.Random(Features, Dimension, 8), x = Host.Random(Samples, Dimension, 9);
        using DeviceMatrix<T> layer = w.ToDevice<T>(Accelerator), inputs = x.ToDevice<T>(Accelerator);
        using var result = new DeviceMatrix<T>(Accelerator, Features, Samples);
        using Product<T> product = Library.LoadProduct<AlongRows, AlongRows, TActivation>();
        product.Run(layer.View, inputs.View, Dimension, T.CreateChecked(0.5), T.Zero, result.View);
        T[,] actual = result.ToHost();
        (double[,] expected, double[,] magnitude) = Host.Multiply(w, Host.Transpose(x));
        for (int i = 0; i < Features; i++)
        {
            for (int j = 0; j < Samples; j++)
            {
                double tolerance = (Dimension + 1) * Epsilon * magnitude[i, j] + 12 * Epsilon;
                Assert.Equal(function(0.5 * expected[i, j]), double.CreateChecked(actual[i, j]), tolerance);
            }
        }
    }

    private void CheckProduct<TLeft, TRight>(int rows, int columns, int depth, int? wantedGroups = null, IColumnMajorProduct<T>? library = null)
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
    {
        double[,] a = Host.Random(rows, depth, 10), b = Host.Random(depth, columns, 11), d = Host.Random(rows, columns, 12);
        using DeviceMatrix<T> left = (typeof(TLeft) == typeof(AlongRows) ? a : Host.Transpose(a)).ToDevice<T>(Accelerator);
        using DeviceMatrix<T> right = (typeof(TRight) == typeof(AlongRows) ? Host.Transpose(b) : b).ToDevice<T>(Accelerator);
        using Product<T> product = Library.LoadProduct<TLeft, TRight, Linear<T>>(wantedGroups, library);
        (double[,] expected, double[,] magnitude) = Host.Multiply(a, b);
        foreach (double beta in (double[])[0, -0.5])
        {
            using DeviceMatrix<T> result = d.ToDevice<T>(Accelerator);
            product.Run(left.View, right.View, depth, T.CreateChecked(1.5), T.CreateChecked(beta), result.View);
            T[,] actual = result.ToHost();
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double tolerance = (depth + 4) * Epsilon * (1.5 * magnitude[i, j] + Math.Abs(beta * d[i, j]));
                    Assert.Equal(1.5 * expected[i, j] + beta * d[i, j], double.CreateChecked(actual[i, j]), tolerance);
                }
            }
        }
    }
}
