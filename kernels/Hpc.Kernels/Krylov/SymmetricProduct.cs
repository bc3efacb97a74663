using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;

namespace Hpc.Kernels.Krylov;

/// <summary>
/// Y = A·X for matrices on a device and blocks of vectors of the host, always in double precision: what is kept in single is widened a panel
/// of rows at a time, so that Krylov iterations see an operator that is symmetric to double precision.
/// </summary>
internal sealed class SymmetricProduct<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Vectors that are on the device at a time.</summary>
    public const int LargestBlock = 512;

    private const long PanelElements = 1 << 24;

    private static readonly Kernel Products = Kernel.Of<double>("device products");

    private readonly int panelRows;
    private readonly Conversion<T> conversion;
    private readonly Product<double> product;
    private DeviceMatrix<double>? input;
    private DeviceMatrix<double>? output;
    private DeviceMatrix<double>? panel;

    /// <param name="library">Kernels of the device.</param>
    /// <param name="panelRows">Rows that are widened at a time, see <see cref="PanelRowsOf"/>.</param>
    public SymmetricProduct(KernelLibrary<double> library, int panelRows)
    {
        (Library, this.panelRows) = (library, panelRows);
        conversion = new Conversion<T>(library.Device);
        product = library.LoadProduct<AlongRows, AlongRows, Linear<double>>();
    }

    /// <summary>Kernels of the device.</summary>
    public KernelLibrary<double> Library { get; }

    /// <summary>Memory of the blocks and of a panel.</summary>
    public static DeviceMemory Memory(int features) => DeviceMemory.Of(DeviceMatrix<double>.BytesOf(LargestBlock, features), 2)
        + DeviceMemory.Of(typeof(T) == typeof(double) ? 0 : DeviceMatrix<double>.BytesOf(PanelRowsOf(features), features))
        + DeviceMemory.Of(Product<double>.PartialBytes);

    /// <summary>Rows of a panel of a matrix with so many columns.</summary>
    public static int PanelRowsOf(int columns) => (int)Math.Max(128, PanelElements / columns / 128 * 128);

    /// <summary>Y = A·X.</summary>
    /// <param name="matrix">A, P×P.</param>
    /// <param name="x">P×k.</param>
    /// <param name="y">Receives Y, P×k.</param>
    public void Apply(DeviceMatrix<T> matrix, MatrixView<double> x, MatrixView<double> y)
    {
        int features = matrix.Rows;
        for (int first = 0; first < x.Columns; first += LargestBlock)
        {
            int vectors = Math.Min(LargestBlock, x.Columns - first);
            Resize(features, vectors);
            input!.Upload(x.Slice(0, first, features, vectors).Transposed);
            using (new DeviceScope(Library.Device, Products, 2.0 * features * features * vectors, 8.0 * features * (features + 2.0 * vectors)))
            {
                for (int start = 0; start < features; start += panelRows)
                {
                    int count = Math.Min(panelRows, features - start);
                    DeviceView<double> target = output!.View.RowRange(start, count);
                    product.Run(conversion.Widen(matrix.View.RowRange(start, count), panel), input.View, features, 1, 0, target);
                }
            }

            output!.Download(y.Slice(0, first, features, vectors));
        }
    }

    public void Dispose()
    {
        input?.Dispose();
        output?.Dispose();
        panel?.Dispose();
        product.Dispose();
    }

    private void Resize(int features, int vectors)
    {
        if (input?.Rows != vectors)
        {
            input?.Dispose();
            output?.Dispose();
            input = new DeviceMatrix<double>(Library.Accelerator, vectors, features);
            output = new DeviceMatrix<double>(Library.Accelerator, features, vectors);
        }

        if (typeof(T) != typeof(double))
        {
            panel ??= new DeviceMatrix<double>(Library.Accelerator, Math.Min(panelRows, features), features);
        }
    }
}
