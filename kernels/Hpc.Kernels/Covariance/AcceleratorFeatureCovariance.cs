using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Covariance;

/// <summary><see cref="IFeatureCovariance"/> on an accelerator: blocks of sources, each by three kernels.</summary>
internal sealed class AcceleratorFeatureCovariance<T, TActivation> : IFeatureCovariance
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IElementwise<T>
{
    /// <summary>Sources worked on at a time.</summary>
    private const int TileSources = 512;

    /// <summary>The columns of the table of <see cref="ReluCoefficientsKernel"/>.</summary>
    private static readonly Func<int, double>[] ReluRecurrence =
    [
        k => k == 0 ? Math.Sqrt(0.5) : 1 / Math.Sqrt(k),
        k => k == 0 ? 0.5 : Math.Sqrt((k - 1.0) / k),
        k => k == 0 ? Math.Sqrt(0.125) : k == 1 ? 0 : 1 / Math.Sqrt(k * (k - 1.0)),
    ];

    private readonly KernelLibrary<T> library;
    private readonly double decay;
    private readonly double[] norms;
    private readonly DeviceMatrix<T> firstLayer;
    private readonly DeviceMatrix<T> sourceTile;
    private readonly DeviceMatrix<T> deviations;
    private readonly DeviceMatrix<T> means;
    private readonly DeviceMatrix<T> secondMoments;
    private readonly DeviceMatrix<T> coefficients;
    private readonly DeviceMatrix<T> correlations;
    private readonly DeviceMatrix<T> covariance;
    private readonly Product<T> meanProduct;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, int>
        hermite;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, T> mehlerSyrk;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> sums;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, T, T> squareSums;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, DeviceView<T>, int> relu;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>> setDiagonal;
    private readonly Product<T> blockProduct;
    private readonly int largestOrders;
    private DeviceMatrix<T>? input;
    private DeviceMatrix<T>? output;

    public AcceleratorFeatureCovariance(KernelLibrary<T> library, Matrix<double> firstLayer, double decay, int largestOrders)
    {
        (this.library, this.decay, this.largestOrders) = (library, decay, largestOrders);
        (int features, int dimension) = (firstLayer.Rows, firstLayer.Columns);
        Accelerator accelerator = library.Accelerator;
        this.firstLayer = new DeviceMatrix<T>(accelerator, features, dimension);
        sourceTile = new DeviceMatrix<T>(accelerator, TileSources, dimension);
        deviations = new DeviceMatrix<T>(accelerator, features, 1);
        means = new DeviceMatrix<T>(accelerator, features, TileSources);
        secondMoments = new DeviceMatrix<T>(accelerator, features, TileSources);
        coefficients = new DeviceMatrix<T>(accelerator, largestOrders * features, TileSources);
        correlations = new DeviceMatrix<T>(accelerator, features, features);
        covariance = new DeviceMatrix<T>(accelerator, features, features);
        meanProduct = library.LoadProduct<AlongRows, AlongRows, Linear<T>>();
        hermite = library.LoadHermiteCoefficients<TActivation>();
        relu = library.LoadReluCoefficients();
        setDiagonal = library.Accelerator.LoadStreamKernel<DeviceView<T>, DeviceView<T>>(SetDiagonalKernel.Run);
        blockProduct = library.LoadProduct<AlongRows, AcrossRows, Linear<T>>();
        mehlerSyrk = library.LoadMehlerSyrk();
        sums = library.LoadRowSums<Value>();
        squareSums = library.LoadRowSums<Square>();
        norms = Correlate(firstLayer);
        this.firstLayer.Upload(firstLayer.View);
    }

    private int Features => firstLayer.Rows;

    public static long Bytes(int features, int dimension, int orders) =>
        2 * DeviceMatrix<T>.BytesOf(features, features) + (orders + 2) * DeviceMatrix<T>.BytesOf(features, TileSources)
        + DeviceMatrix<T>.BytesOf(features, dimension) + DeviceMatrix<T>.BytesOf(TileSources, dimension)
        + DeviceMatrix<T>.BytesOf(features, 1);

    public HermiteMoments Moments(MatrixView<double> sources, double noise, HermiteTable table)
    {
        using var firstOrder = new DeviceMatrix<T>(library.Accelerator, Features, 1);
        using var secondMoment = new DeviceMatrix<T>(library.Accelerator, Features, 1);
        using var squares = new DeviceMatrix<T>(library.Accelerator, table.Orders * Features, 1);
        T alpha = T.CreateChecked(1.0 / sources.Rows);
        ForEachTile(sources, noise, table, (view, moments) =>
        {
            sums(library.GroupPerRow(Features), moments, secondMoment.View, alpha, T.One);
            squareSums(library.GroupPerRow(view.Rows), view, squares.View, alpha, T.One);
            if (table.Orders > 1)
            {
                sums(library.GroupPerRow(Features), view.RowRange(Features, Features), firstOrder.View, alpha, T.One);
            }
        });
        double[] all = ToArray(squares);
        return new HermiteMoments(ToArray(firstOrder), ToArray(secondMoment), [.. all.Chunk(Features)]);
    }

    public void Compute(MatrixView<double> sources, double noise, HermiteTable table)
    {
        using var secondMoment = new DeviceMatrix<T>(library.Accelerator, Features, 1);
        T alpha = T.CreateChecked(1.0 / sources.Rows);
        covariance.Clear();
        ForEachTile(sources, noise, table, (view, moments) =>
        {
            mehlerSyrk(library.Tiles(Features), view, correlations.View, covariance.View, table.Orders, alpha);
            sums(library.GroupPerRow(Features), moments, secondMoment.View, alpha, T.One);
        });
        setDiagonal(library.Elementwise(Features), secondMoment.View, covariance.View);
        library.Accelerator.Synchronize();
    }

    public void Store(MatrixView<double> covariance) => this.covariance.Download(covariance);

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        if (input is null || input.Columns != x.Columns)
        {
            input?.Dispose();
            output?.Dispose();
            input = new DeviceMatrix<T>(library.Accelerator, Features, x.Columns);
            output = new DeviceMatrix<T>(library.Accelerator, Features, x.Columns);
        }

        input.Upload(x);
        blockProduct.Run(covariance.View, input.View, Features, T.One, T.Zero, output!.View, output.View);
        output.Download(y);
    }

    public void Dispose()
    {
        library.Accelerator.Synchronize();
        foreach (IDisposable part in (IDisposable[])
            [firstLayer, sourceTile, deviations, means, secondMoments, coefficients, correlations, covariance, meanProduct, blockProduct])
        {
            part.Dispose();
        }

        input?.Dispose();
        output?.Dispose();
    }

    private static double[] ToArray(DeviceMatrix<T> column)
    {
        using var host = new Matrix<double>(column.Rows, 1);
        column.Download(host.View);
        return host.Span.ToArray();
    }

    /// <summary>ρ = the product of the rows of W, scaled to unit length, with themselves; returns n_i = ‖w_i‖/√N.</summary>
    private double[] Correlate(Matrix<double> layer)
    {
        var result = new double[layer.Rows];
        using var unit = layer.Clone();
        for (int i = 0; i < layer.Rows; i++)
        {
            double norm = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(layer.Row(i)));
            TensorPrimitives.Divide(unit.Row(i), norm, unit.Row(i));
            result[i] = norm / Math.Sqrt(layer.Columns);
        }

        firstLayer.Upload(unit.View);
        meanProduct.Run(firstLayer.View, firstLayer.View, layer.Columns, T.One, T.Zero, correlations.View, correlations.View);
        library.Accelerator.Synchronize();
        return result;
    }

    /// <summary>
    /// Hands the Hermite coefficients and second moments of one block of sources after another to <paramref name="use"/>.
    /// </summary>
    private void ForEachTile(MatrixView<double> sources, double noise, HermiteTable table, Action<DeviceView<T>, DeviceView<T>> use)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(table.Orders, largestOrders);
        using DeviceMatrix<T> nodes = Upload(table.Nodes.Length, 1, (q, _) => table.Nodes[q]);
        const int Group = HermiteCoefficientsKernel.Orders;
        int count = table.Nodes.Length, groups = (table.Orders + Group - 1) / Group;
        using DeviceMatrix<T> weights = Upload(groups * count, Group + 1, (row, j) =>
            j == Group ? table.Weights[row % count]
            : row / count * Group + j is int order && order < table.Orders ? table.Values[order, row % count]
            : 0);

        using DeviceMatrix<T> recurrence = Upload(table.Orders, 3, (k, j) => ReluRecurrence[j](k));

        using (var host = new Matrix<double>(Features, 1))
        {
            for (int i = 0; i < Features; i++)
            {
                host[i, 0] = noise * norms[i];
            }

            deviations.Upload(host.View);
        }

        using var block = new Matrix<double>(TileSources, firstLayer.Columns);
        for (int first = 0; first < sources.Rows; first += TileSources)
        {
            int rows = Math.Min(TileSources, sources.Rows - first);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < block.Columns; j++)
                {
                    block[i, j] = sources[first + i, j];
                }
            }

            sourceTile.Upload(block.View);
            DeviceView<T> tileMeans = means.Reshaped(Features, rows), moments = secondMoments.Reshaped(Features, rows);
            DeviceView<T> view = coefficients.Reshaped(table.Orders * Features, rows);
            meanProduct.Run(
                firstLayer.View, sourceTile.Reshaped(rows, block.Columns), block.Columns,
                T.CreateChecked(decay / Math.Sqrt(block.Columns)), T.Zero,
                tileMeans, tileMeans);
            KernelConfig config = library.Elementwise((long)Features * tileMeans.Stride);
            if (typeof(TActivation) == typeof(Relu))
            {
                relu(config, tileMeans, deviations.View, recurrence.View, view, moments, table.Orders);
            }
            else
            {
                for (int g = 0; g < groups; g++)
                {
                    hermite(
                        config, tileMeans, deviations.View, nodes.View, weights.View.RowRange(g * count, count), view, moments, g * Group,
                        table.Orders);
                }
            }

            use(view, moments);
        }

        library.Accelerator.Synchronize();
    }

    private DeviceMatrix<T> Upload(int rows, int columns, Func<int, int, double> element)
    {
        using var host = new Matrix<double>(rows, columns);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                host[i, j] = element(i, j);
            }
        }

        var matrix = new DeviceMatrix<T>(library.Accelerator, rows, columns);
        matrix.Upload(host.View);
        return matrix;
    }
}
