using System.Numerics;
using Hpc.Diffusion.Operators;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using ILGPU;

namespace Hpc.Kernels.Krylov;

/// <summary>
/// All feature vectors of a realization (a device is not shared by ranks that divide one) in the memory of a device, made once on the
/// processor; those in single precision are rounded once, and products are in double.
/// </summary>
internal sealed class AcceleratorFeatures<T> : IStoredFeatures
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int UploadRows = 256;

    private static readonly Kernel Products = Kernel.Of<double>("device feature-products"), Forms = Kernel.Of<double>("device feature-forms");

    private readonly KernelLibrary<double> library;
    private readonly Conversion<T> conversion;
    private readonly DeviceMatrix<T> vectors;
    private readonly Product<double> projection;
    private readonly Product<double> inner;
    private readonly Product<double> outer;
    private readonly Action<KernelConfig, DeviceView<double>, DeviceView<double>, double, double> squareSums;

    /// <summary>Evaluates <paramref name="source"/> once; while one tile is copied to the device the processor makes the next.</summary>
    /// <param name="library">Kernels of the device.</param>
    /// <param name="source">The features.</param>
    /// <param name="panelRows">Vectors that are widened at a time; null chooses.</param>
    /// <param name="uploadRows">Vectors that are made at a time.</param>
    public AcceleratorFeatures(KernelLibrary<double> library, IFeatureTiles source, int? panelRows = null, int uploadRows = UploadRows)
    {
        this.library = library;
        PanelRows = Math.Min(source.Count, panelRows ?? (typeof(T) == typeof(double) ? source.Count : SymmetricProduct<T>.PanelRowsOf(source.Features)));
        conversion = new Conversion<T>(library.Device);
        vectors = new DeviceMatrix<T>(library.Accelerator, source.Count, source.Features);
        projection = library.LoadProduct<AlongRows, AlongRows, Linear<double>>();
        inner = library.LoadProduct<AlongRows, AlongRows, Linear<double>>();
        outer = library.LoadProduct<AcrossRows, AcrossRows, Linear<double>>();
        squareSums = library.LoadRowSums<Square>();
        int height = Math.Min(uploadRows, source.Count);
        using Matrix<double> even = new(height, source.Features), odd = new(height, source.Features);
        Task copied = Task.CompletedTask;
        try
        {
            for (int tile = 0; tile * height < source.Count; tile++)
            {
                int first = tile * height;
                MatrixView<double> rows = (tile % 2 == 0 ? even : odd).View.Slice(0, 0, Math.Min(height, source.Count - first), source.Features);
                source.Fill(first, rows);
                copied.GetAwaiter().GetResult();
                copied = Task.Run(() =>
                {
                    library.Device.Bind();
                    vectors.Upload(first, rows);
                });
            }
        }
        finally
        {
            copied.GetAwaiter().GetResult();
        }
    }

    public int Features => vectors.Columns;

    public int Count => vectors.Rows;

    public long MemoryBytes => DeviceMatrix<T>.BytesOf(Count, Features);

    public double FlopsPerVector => 0;

    /// <summary>Vectors that are multiplied at a time.</summary>
    private int PanelRows { get; }

    /// <summary>Memory for feature vectors and for products with them.</summary>
    public static DeviceMemory Memory(int features, long count) => DeviceMemory.Of(DeviceMatrix<T>.BytesOf(1, features) * count)
        + SymmetricProduct<T>.Memory(features)
        + DeviceMemory.Of(
            8L * SymmetricProduct<T>.LargestBlock * Math.Min(count, typeof(T) == typeof(double) ? count : SymmetricProduct<T>.PanelRowsOf(features)))
        + DeviceMemory.Of(Product<double>.PartialBytes, 2);

    public void Fill(int first, MatrixView<double> tile) => vectors.Download(vectors.View.RowRange(first, tile.Rows), tile);

    public void Multiply(double weight, MatrixView<double> x, MatrixView<double> y, RowShare share) => ForBlocks(x, (block, first, panel) =>
    {
        int count = block.Rows;
        using DeviceMatrix<double> overlaps = new(library.Accelerator, PanelRows, count), output = new(library.Accelerator, Features, count);
        using (new DeviceScope(library.Device, Products, 4.0 * Features * Count * count, MemoryBytes + 16.0 * Features * count))
        {
            ForPanels(panel, rows =>
            {
                DeviceView<double> projections = overlaps.Reshaped(rows.Rows, count);
                projection.Run(rows, block, Features, 1, 0, projections);
                outer.Run(rows, projections, rows.Rows, weight, 1, output.View);
            });
        }

        output.Download(y.Slice(0, first, Features, count));
    });

    public unsafe void QuadraticForms(double weight, MatrixView<double> x, Span<double> forms, RowShare share)
    {
        fixed (double* values = forms)
        {
            double* result = values;
            ForBlocks(x, (block, first, panel) =>
            {
                int count = block.Rows;
                using DeviceMatrix<double> overlaps = new(library.Accelerator, count, PanelRows), sums = new(library.Accelerator, count, 1);
                using (new DeviceScope(library.Device, Forms, 2.0 * Features * Count * count, MemoryBytes + 8.0 * Features * count))
                {
                    ForPanels(panel, rows =>
                    {
                        DeviceView<double> projections = overlaps.Reshaped(count, rows.Rows);
                        inner.Run(block, rows, Features, 1, 0, projections);
                        squareSums(library.GroupPerRow(count), projections, sums.View, weight, 1);
                    });
                }

                sums.Download(new MatrixView<double>(result + first, count, 1, 1, 1));
            });
        }
    }

    public IKrylovVectors? KeepVectors(int capacity) => new AcceleratorVectors<double>(library, capacity, Features);

    public void Dispose()
    {
        library.Device.Synchronize();
        vectors.Dispose();
        projection.Dispose();
        inner.Dispose();
        outer.Dispose();
    }

    /// <summary>Hands Xᵀ over in blocks of rows, with the memory for a panel.</summary>
    private void ForBlocks(MatrixView<double> x, Action<DeviceView<double>, int, DeviceMatrix<double>?> use)
    {
        using DeviceMatrix<double>? panel = typeof(T) == typeof(double) ? null : new DeviceMatrix<double>(library.Accelerator, PanelRows, Features);
        for (int first = 0; first < x.Columns; first += SymmetricProduct<T>.LargestBlock)
        {
            int count = Math.Min(SymmetricProduct<T>.LargestBlock, x.Columns - first);
            using var block = new DeviceMatrix<double>(library.Accelerator, count, Features);
            block.Upload(x.Slice(0, first, Features, count).Transposed);
            use(block.View, first, panel);
        }
    }

    private void ForPanels(DeviceMatrix<double>? scratch, Action<DeviceView<double>> use)
    {
        for (int first = 0; first < Count; first += PanelRows)
        {
            use(conversion.Widen(vectors.View.RowRange(first, Math.Min(PanelRows, Count - first)), scratch));
        }
    }
}
