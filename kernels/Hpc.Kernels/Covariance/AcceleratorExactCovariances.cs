using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Kernels.Krylov;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Simd;
using ILGPU;
using ILGPU.Runtime;
using Kernel = Hpc.Numerics.Profiling.Kernel;

namespace Hpc.Kernels.Covariance;

/// <summary>
/// <see cref="IExactCovariances"/> on an accelerator. As on the processor, Hermite coefficients, their averages, the diagonal and the gains
/// are in double precision; the sums C_k C_kᵀ and the matrices are in <typeparamref name="T"/>.
/// </summary>
internal sealed class AcceleratorExactCovariances<T, TActivation> : IExactCovariances
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IElementwise<double>
{
    /// <summary>Most samples whose coefficients are in memory together.</summary>
    private const int LargestTile = 512;

    /// <summary>Bytes that coefficients may take, unless those of the least tile take more.</summary>
    private const long CoefficientBytes = 1L << 30;

    private const int LeastTile = 32;

    private const int GroupOrders = HermiteCoefficientsKernel.Orders;

    private static readonly Kernel Coefficients = Kernel.Of<double>("device hermite-coefficients"), Sum = Kernel.Of<T>("device mehler-sum"),
        Remainder = Kernel.Of<T>("device mehler-remainder"), Correlating = Kernel.Of<double>("device correlations");

    private readonly KernelLibrary<double> wide;
    private readonly KernelLibrary<T> library;
    private readonly Conversion<T> conversion;
    private readonly int largestTile;
    private readonly int panelRows;
    private readonly double scale;
    private readonly double[] norms;
    private readonly DeviceMatrix<double> firstLayer;
    private readonly DeviceMatrix<T> correlations;
    private readonly DeviceMatrix<T> column;
    private readonly DeviceMatrix<T> rowSums;
    private readonly Product<double> meanProduct;
    private readonly SymmetricProduct<T> products;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<double>, DeviceView<double>, DeviceView<double>, DeviceView<double>,
        DeviceView<double>, int> hermite;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<double>, DeviceView<double>, DeviceView<double>, DeviceView<double>, int, int>
        relu;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<double>, double, double> sums;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<double>, double, double> squareSums;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int, T> mehlerSyrk;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>, DeviceView<T>, int> remainder;
    private readonly Action<KernelConfig, DeviceView<T>, DeviceView<T>> setDiagonal;
    private DeviceMatrix<T>? renewed;

    /// <param name="wide">Kernels of the device in double precision.</param>
    /// <param name="library">And in <typeparamref name="T"/>.</param>
    /// <param name="realization">W.</param>
    /// <param name="forward">t.</param>
    /// <param name="largestTile">Most samples whose coefficients are in memory together.</param>
    /// <param name="panelRows">Rows that are converted at a time; null chooses.</param>
    public AcceleratorExactCovariances(
        KernelLibrary<double> wide, KernelLibrary<T> library, Realization realization, ForwardProcess forward, int largestTile = LargestTile,
        int? panelRows = null)
    {
        (this.wide, this.library, this.largestTile) = (wide, library, largestTile);
        this.panelRows = panelRows ?? SymmetricProduct<T>.PanelRowsOf(realization.Model.Features);
        Matrix<double> layer = realization.FirstLayer;
        scale = forward.Decay / Math.Sqrt(layer.Columns);
        conversion = new Conversion<T>(wide.Device);
        products = new SymmetricProduct<T>(wide, this.panelRows);
        firstLayer = new DeviceMatrix<double>(wide.Accelerator, layer.Rows, layer.Columns);
        correlations = new DeviceMatrix<T>(wide.Accelerator, layer.Rows, layer.Rows);
        column = new DeviceMatrix<T>(wide.Accelerator, layer.Rows, 1);
        rowSums = new DeviceMatrix<T>(wide.Accelerator, layer.Rows, 1);
        meanProduct = wide.LoadProduct<AlongRows, AlongRows, Linear<double>>();
        hermite = wide.LoadHermiteCoefficients<TActivation>();
        relu = wide.LoadReluCoefficients();
        sums = wide.LoadRowSums<Value>();
        squareSums = wide.LoadRowSums<Square>();
        mehlerSyrk = library.LoadMehlerSyrk();
        remainder = library.LoadRemainder();
        setDiagonal = library.LoadSetDiagonal();
        norms = Correlate(layer);
        firstLayer.Upload(layer.View);
    }

    private static bool IsRelu => typeof(TActivation) == typeof(Relu);

    private int Features => firstLayer.Rows;

    /// <summary>Memory that is taken beside the covariances, which are kept or computed as one matrix in any case.</summary>
    /// <param name="features">P.</param>
    /// <param name="dimension">N.</param>
    /// <param name="samples">M.</param>
    /// <param name="kept">Number of covariances in memory at a time.</param>
    public static DeviceMemory Memory(int features, int dimension, int samples, int kept)
    {
        int tile = TileOf(features, samples, GroupOrders);
        return DeviceMemory.Of(DeviceMatrix<T>.BytesOf(features, features), 1 + kept)
            + DeviceMemory.Of(DeviceMatrix<double>.BytesOf(features, dimension)) + DeviceMemory.Of(DeviceMatrix<double>.BytesOf(samples, dimension))
            + DeviceMemory.Of(DeviceMatrix<double>.BytesOf(features, tile), 3) + DeviceMemory.Of(DeviceMatrix<double>.BytesOf(GroupOrders * features, tile))
            + DeviceMemory.Of(NarrowFactor * DeviceMatrix<T>.BytesOf(GroupOrders * features, tile))
            + SymmetricProduct<T>.Memory(features) + DeviceMemory.Of(Product<double>.PartialBytes, 2);
    }

    public MehlerResult Compute(MatrixView<double> samples, double noise, Matrix<double> covariance)
    {
        using var target = new DeviceMatrix<T>(wide.Accelerator, Features, Features);
        using var series = new Series(this, samples, noise);
        series.AddTo(target);
        target.Download(covariance.View);
        for (int i = 0; i < Features; i++)
        {
            covariance[i, i] = series.Diagonal[i];
        }

        return series.Result;
    }

    public ExactCovariance Keep(MatrixView<double> samples, double noise)
    {
        using var series = new Series(this, samples, noise);
        var matrix = new DeviceMatrix<T>(wide.Accelerator, Features, Features);
        Fill(series, matrix);
        return new ExactCovariance(new KeptCovariance<T>(matrix, products), series.Result);
    }

    public ExactCovariance Renew(MatrixView<double> sample, double noise)
    {
        var series = new Series(this, sample, noise);
        return new ExactCovariance(new RenewedCovariance(this, series), series.Result);
    }

    public void Dispose()
    {
        wide.Device.Synchronize();
        foreach (IDisposable part in (IDisposable[])[firstLayer, correlations, column, rowSums, meanProduct, products])
        {
            part.Dispose();
        }

        renewed?.Dispose();
    }

    /// <summary>1 where coefficients are converted before they are multiplied, else 0.</summary>
    private static int NarrowFactor => typeof(T) == typeof(double) ? 0 : 1;

    private static int TileOf(int features, int samples, int orders, int largest = LargestTile)
    {
        long sample = (long)features * ((orders + 2) * sizeof(double) + NarrowFactor * orders * Unsafe.SizeOf<T>());
        return Math.Min(Math.Min(samples, largest), (int)Math.Clamp(CoefficientBytes / sample, LeastTile, LargestTile) / 4 * 4);
    }

    /// <summary>ρ from the rows of W scaled to unit length; returns n_i = ‖w_i‖/√N.</summary>
    private double[] Correlate(Matrix<double> layer)
    {
        using var scope = new DeviceScope(
            wide.Device, Correlating, 2.0 * layer.Rows * layer.Length, (double)Unsafe.SizeOf<T>() * layer.Rows * layer.Rows + sizeof(double) * layer.Length);
        var result = new double[layer.Rows];
        using Matrix<double> unit = layer.Clone();
        for (int i = 0; i < layer.Rows; i++)
        {
            double norm = TensorPrimitives.Norm<double>(layer.Row(i));
            TensorPrimitives.Divide(unit.Row(i), norm, unit.Row(i));
            result[i] = norm / Math.Sqrt(layer.Columns);
        }

        firstLayer.Upload(unit.View);
        using DeviceMatrix<double>? panel = NarrowFactor == 0 ? null : new DeviceMatrix<double>(wide.Accelerator, Math.Min(panelRows, layer.Rows), layer.Rows);
        for (int first = 0; first < layer.Rows; first += panelRows)
        {
            int count = Math.Min(panelRows, layer.Rows - first);
            DeviceView<T> target = correlations.View.RowRange(first, count);
            DeviceView<double> product = panel is null ? (DeviceView<double>)(object)target : panel.Reshaped(count, layer.Rows);
            meanProduct.Run(firstLayer.View.RowRange(first, count), firstLayer.View, layer.Columns, 1, 0, product);
            conversion.Narrow(product, target);
        }

        wide.Device.Synchronize();
        return result;
    }

    /// <summary>Sums a series to a matrix with the exact diagonal.</summary>
    private unsafe void Fill(Series series, DeviceMatrix<T> matrix)
    {
        matrix.Clear();
        series.AddTo(matrix);
        fixed (double* diagonal = series.Diagonal)
        {
            column.Upload(new MatrixView<double>(diagonal, Features, 1, 1, 1));
        }

        setDiagonal(library.Elementwise(Features), column.View, matrix.View);
    }

    /// <summary>A covariance that is summed before every product, to one matrix for all of them.</summary>
    private sealed class RenewedCovariance(AcceleratorExactCovariances<T, TActivation> owner, Series series) : KeptCovariance<T>(
        owner.renewed ??= new DeviceMatrix<T>(owner.wide.Accelerator, owner.Features, owner.Features), owner.products)
    {
        public override void Apply(MatrixView<double> x, MatrixView<double> y)
        {
            owner.Fill(series, owner.renewed!);
            base.Apply(x, y);
        }

        public override void QuadraticForms(MatrixView<double> x, Span<double> forms)
        {
            owner.Fill(series, owner.renewed!);
            base.QuadraticForms(x, forms);
        }

        public override void Dispose() => series.Dispose();
    }

    /// <summary>The Mehler series for one group of samples.</summary>
    private sealed class Series : IDisposable
    {
        private readonly AcceleratorExactCovariances<T, TActivation> owner;
        private readonly DeviceMatrix<double> samples;
        private readonly DeviceMatrix<double> deviations;
        private readonly double noise;
        private GaussHermiteTable table;

        public Series(AcceleratorExactCovariances<T, TActivation> owner, MatrixView<double> samples, double noise)
        {
            (this.owner, this.noise) = (owner, noise);
            this.samples = new DeviceMatrix<double>(owner.wide.Accelerator, samples.Rows, samples.Columns);
            this.samples.Upload(samples);
            deviations = new DeviceMatrix<double>(owner.wide.Accelerator, owner.Features, 1);
            using (var host = new Matrix<double>(owner.Features, 1))
            {
                TensorPrimitives.Multiply(owner.norms, noise, host.Span);
                deviations.Upload(host.View);
            }

            (table, int prepared) = (Tabulate(MehlerSeries.LargestOrder / 8), MehlerSeries.LargestOrder / 8);
            (Diagonal, double[] first, double[][] squares) = Averages(0);
            int group = 0;
            double[] gain = first;
            (int order, double bound) = SeriesOrder.Choose(
                Diagonal,
                k =>
                {
                    bool renew = k > prepared;
                    if (renew)
                    {
                        prepared *= 2;
                        table.Dispose();
                        table = Tabulate(prepared);
                    }

                    if (renew || k / GroupOrders != group)
                    {
                        group = k / GroupOrders;
                        (_, _, squares) = Averages(group);
                    }

                    return squares[k % GroupOrders];
                },
                owner.Bound);
            for (int i = 0; i < gain.Length; i++)
            {
                gain[i] /= noise * owner.norms[i];
            }

            Result = new MehlerResult(order, bound, gain);
        }

        /// <summary>E[φ²], averaged over the samples.</summary>
        public double[] Diagonal { get; }

        public MehlerResult Result { get; }

        /// <summary>U ← U + (1/M) Σ_(k ≤ K) ρ^k∘(C_k C_kᵀ).</summary>
        public void AddTo(DeviceMatrix<T> covariance)
        {
            int orders = Result.Order + 1, features = owner.Features, tile = TileOf(features, samples.Rows, orders, owner.largestTile);
            Accelerator accelerator = owner.wide.Accelerator;
            using DeviceMatrix<double> coefficients = new(accelerator, orders * features, tile), means = new(accelerator, features, tile),
                secondMoments = new(accelerator, features, tile);
            using var narrow = new DeviceMatrix<T>(accelerator, NarrowFactor * orders * features, tile);
            ForTiles(tile, means, (tileMeans, count) =>
            {
                DeviceView<double> view = coefficients.Reshaped(orders * features, count);
                Evaluate(0, orders, tileMeans, view, secondMoments.Reshaped(features, count));

                // 1/M goes into the factors before they are rounded, so that it is not rounded alone.
                DeviceView<T> factors = owner.conversion.Narrow(
                    view, NarrowFactor == 0 ? default : narrow.Reshaped(orders * features, count), 1 / Math.Sqrt(samples.Rows));
                using var scope = new DeviceScope(
                    owner.wide.Device, Sum, (double)orders * features * (features + 1.0) * count,
                    Unsafe.SizeOf<T>() * (3.0 * features * features + (double)orders * features * count));
                owner.mehlerSyrk(
                    owner.library.Tiles(features), factors, owner.correlations.View, covariance.View, orders,
                    NarrowFactor == 0 ? T.CreateChecked(1.0 / samples.Rows) : T.One);
            });
            owner.wide.Device.Synchronize();
        }

        public void Dispose()
        {
            table.Dispose();
            deviations.Dispose();
            samples.Dispose();
        }

        /// <summary>Averages over the samples: E[φ²], C_1 where the group has it, and C_k² of eight orders.</summary>
        private (double[] SecondMoment, double[] First, double[][] Squares) Averages(int group)
        {
            int features = owner.Features, tile = TileOf(features, samples.Rows, GroupOrders, owner.largestTile);
            Accelerator accelerator = owner.wide.Accelerator;
            using DeviceMatrix<double> coefficients = new(accelerator, GroupOrders * features, tile), means = new(accelerator, features, tile),
                moments = new(accelerator, features, tile);
            using DeviceMatrix<double> second = new(accelerator, features, 1), first = new(accelerator, features, 1),
                squares = new(accelerator, GroupOrders * features, 1);
            double weight = 1.0 / samples.Rows;
            ForTiles(tile, means, (tileMeans, count) =>
            {
                DeviceView<double> view = coefficients.Reshaped(GroupOrders * features, count), tileMoments = moments.Reshaped(features, count);
                Evaluate(group * GroupOrders, (group + 1) * GroupOrders, tileMeans, view, tileMoments);
                owner.sums(owner.wide.GroupPerRow(features), tileMoments, second.View, weight, 1);
                owner.sums(owner.wide.GroupPerRow(features), view.RowRange(features, features), first.View, weight, 1);
                owner.squareSums(owner.wide.GroupPerRow(GroupOrders * features), view, squares.View, weight, 1);
            });
            return (second.ToArray(), first.ToArray(), [.. squares.ToArray().Chunk(features)]);
        }

        private void ForTiles(int tile, DeviceMatrix<double> means, Action<DeviceView<double>, int> use)
        {
            for (int first = 0; first < samples.Rows; first += tile)
            {
                int count = Math.Min(tile, samples.Rows - first);
                DeviceView<double> tileMeans = means.Reshaped(owner.Features, count);
                owner.meanProduct.Run(
                    owner.firstLayer.View, samples.View.RowRange(first, count), samples.Columns, owner.scale, 0, tileMeans);
                use(tileMeans, count);
            }
        }

        /// <summary>C_k for the orders from, from + 1, …, end − 1 and E[φ²] of a tile; from is a multiple of 8.</summary>
        private void Evaluate(int from, int end, DeviceView<double> means, DeviceView<double> coefficients, DeviceView<double> secondMoments)
        {
            double values = (double)(end - from) * owner.Features * means.Columns;
            using var scope = new DeviceScope(
                owner.wide.Device, Coefficients, values * (IsRelu ? 8 : 4.0 * table.Nodes.Rows), 2.0 * sizeof(double) * values);
            KernelConfig config = owner.wide.Elementwise((long)owner.Features * means.Stride);
            if (IsRelu)
            {
                owner.relu(config, means, deviations.View, table.Recurrence.View, coefficients, secondMoments, from, end);
                return;
            }

            for (int k = from; k < end; k += GroupOrders)
            {
                int orders = Math.Min(GroupOrders, end - k);
                owner.hermite(
                    config, means, deviations.View, table.Nodes.View, table.Group(k / GroupOrders),
                    coefficients.RowRange((k - from) * owner.Features, orders * owner.Features), secondMoments, orders);
            }
        }

        /// <summary>The rule that is right for orders up to a largest one.</summary>
        private GaussHermiteTable Tabulate(int largestOrder)
        {
            // max(0, x) takes only the number of orders from it.
            GaussHermite rule = IsRelu ? new GaussHermite(1) : QuadratureAverage<TActivation>.Rule(largestOrder, noise * owner.norms.Max());
            return new GaussHermiteTable(
                owner.wide.Accelerator, new HermiteTable(rule.Nodes.ToArray(), rule.Weights.ToArray(), MehlerSeries.LargestOrder + GroupOrders));
        }
    }

    /// <summary>√(Σ_(i≠j) ρ_ij^(2k+2) T_i T_j).</summary>
    private unsafe double Bound(int order, double[] tail)
    {
        using var scope = new DeviceScope(
            wide.Device, Remainder, (order + 4.0) * Features * Features, (double)Unsafe.SizeOf<T>() * Features * Features);
        fixed (double* values = tail)
        {
            column.Upload(new MatrixView<double>(values, Features, 1, 1, 1));
        }

        remainder(library.GroupPerRow(Features), correlations.View, column.View, rowSums.View, order);
        return Math.Sqrt(Math.Max(TensorPrimitives.Sum<double>(rowSums.ToArray()), 0));
    }
}
