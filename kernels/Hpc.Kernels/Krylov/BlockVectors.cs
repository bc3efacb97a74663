using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;

namespace Hpc.Kernels.Krylov;

/// <summary>
/// The vector work of block Krylov iterations on blocks of b columns of length P: every operation is one of two products, whose depth is
/// cut into slices where the result is a single tile.
/// </summary>
internal sealed class BlockVectors<T>(KernelLibrary<T> library) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Product<T> inner = library.LoadProduct<AcrossRows, AcrossRows, Linear<T>>();
    private readonly Product<T> outer = library.LoadProduct<AlongRows, AcrossRows, Linear<T>>();

    /// <summary>gram = XᵀY, b×c; the squared norms of a block's columns are the diagonal of its own. 2Pbc operations.</summary>
    public void Gram(DeviceView<T> x, DeviceView<T> y, DeviceView<T> gram) => inner.Run(x, y, x.Rows, T.One, T.Zero, gram, gram);

    /// <summary>Y ← Y + α·X·S with S b×c. 2Pbc operations.</summary>
    public void AddScaled(T alpha, DeviceView<T> x, DeviceView<T> s, DeviceView<T> y) => outer.Run(x, s, x.Columns, alpha, T.One, y, y);

    /// <summary>
    /// Y ← Y − Q(QᵀY) for orthonormal columns Q, twice: the second pass removes what rounding left of the first, so that ‖QᵀY‖ ends near
    /// ε‖Y‖. <paramref name="coefficients"/> (q×c) is overwritten.
    /// </summary>
    public void Orthogonalize(DeviceView<T> q, DeviceView<T> y, DeviceView<T> coefficients)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            Gram(q, y, coefficients);
            AddScaled(-T.One, q, coefficients, y);
        }
    }

    public void Dispose()
    {
        inner.Dispose();
        outer.Dispose();
    }
}
