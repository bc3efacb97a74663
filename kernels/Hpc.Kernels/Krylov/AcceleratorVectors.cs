using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;

namespace Hpc.Kernels.Krylov;

/// <summary>
/// The vector work of Krylov iterations in the memory of a device: Gram matrices of a block with the basis, scaled adds, orthogonalization and
/// rotations. Every operation is one of two products, whose depth is cut into slices where the result is a single tile.
/// </summary>
internal sealed class AcceleratorVectors<T> : IKrylovVectors
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows of a combination that are made at a time.</summary>
    public const int CombinedRows = 128;

    private static readonly Kernel Projections = Kernel.Of<T>("device projections"), Combinations = Kernel.Of<T>("device combinations");

    private readonly KernelLibrary<T> library;
    private readonly DeviceMatrix<T> basis;
    private readonly Product<T> inner;
    private readonly Product<T> outer;
    private DeviceMatrix<T>? block;
    private DeviceMatrix<T>? coefficients;

    /// <param name="library">Kernels of the device.</param>
    /// <param name="capacity">Number of vectors.</param>
    /// <param name="length">n.</param>
    public AcceleratorVectors(KernelLibrary<T> library, int capacity, int length)
    {
        this.library = library;
        basis = new DeviceMatrix<T>(library.Accelerator, capacity, length);
        inner = library.LoadProduct<AlongRows, AlongRows, Linear<T>>();
        outer = library.LoadProduct<AlongRows, AcrossRows, Linear<T>>();
    }

    /// <summary>Memory of the vectors and of what is multiplied with them.</summary>
    /// <param name="capacity">Number of vectors.</param>
    /// <param name="length">n.</param>
    /// <param name="rows">Most rows of a block, at most <see cref="CombinedRows"/>, which a combination takes: slices of products have as many.</param>
    public static DeviceMemory Memory(int capacity, int length, int rows) => DeviceMemory.Of(DeviceMatrix<T>.BytesOf(capacity, length))
        + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(rows, length)) + DeviceMemory.Of(DeviceMatrix<T>.BytesOf(rows, capacity))
        + DeviceMemory.Of(Product<T>.PartialBytes * rows / CombinedRows, 2);

    public void Set(int first, MatrixView<double> rows) => basis.Upload(first, rows);

    /// <summary>4nk(to − from) operations a pass.</summary>
    public void Project(int from, int to, int passes, MatrixView<double> w, MatrixView<double> overlaps)
    {
        Resize(w.Rows);
        block!.Upload(w);
        DeviceView<T> q = basis.View.RowRange(from, to - from), products = coefficients!.Reshaped(w.Rows, to - from);
        for (int pass = 0; pass < passes; pass++)
        {
            using (new DeviceScope(
                library.Device, Projections, 4.0 * w.Rows * w.Columns * q.Rows, sizeof(double) * (double)w.Columns * (q.Rows + 2.0 * w.Rows)))
            {
                inner.Run(block.View, q, basis.Columns, T.One, T.Zero, products);
                outer.Run(products, q, q.Rows, -T.One, T.One, block.View);
            }

            if (pass == 0)
            {
                coefficients.Download(products, overlaps);
            }
        }

        block.Download(w);
    }

    /// <summary>2nmq operations.</summary>
    public void Combine(MatrixView<double> coefficients, MatrixView<double> result)
    {
        for (int first = 0; first < result.Rows; first += CombinedRows)
        {
            int count = Math.Min(CombinedRows, result.Rows - first);
            using DeviceMatrix<T> factors = new(library.Accelerator, count, coefficients.Columns), part = new(library.Accelerator, count, basis.Columns);
            factors.Upload(coefficients.Slice(first, 0, count, coefficients.Columns));
            using (new DeviceScope(
                library.Device, Combinations, 2.0 * count * basis.Columns * factors.Columns,
                sizeof(double) * (double)basis.Columns * (factors.Columns + count)))
            {
                outer.Run(factors.View, basis.View.RowRange(0, factors.Columns), factors.Columns, T.One, T.Zero, part.View);
            }

            part.Download(result.Slice(first, 0, count, basis.Columns));
        }
    }

    public void Dispose()
    {
        library.Device.Synchronize();
        basis.Dispose();
        block?.Dispose();
        coefficients?.Dispose();
        inner.Dispose();
        outer.Dispose();
    }

    private void Resize(int rows)
    {
        if (block?.Rows != rows)
        {
            block?.Dispose();
            coefficients?.Dispose();
            block = new DeviceMatrix<T>(library.Accelerator, rows, basis.Columns);
            coefficients = new DeviceMatrix<T>(library.Accelerator, rows, basis.Rows);
        }
    }
}
