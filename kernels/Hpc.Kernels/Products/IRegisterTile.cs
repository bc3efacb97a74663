using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>
/// The sums that one thread keeps in registers. Its operations address quads: the first factor's and the second's as they lie in shared
/// memory, the result's as it lies in device memory.
/// </summary>
internal interface IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows and columns of the tile: 4 or 8.</summary>
    static abstract int Edge { get; }

    /// <summary>Adds the outer product of this thread's part of one column of the first factor and one row of the second.</summary>
    /// <param name="shared">Both factors, in quads.</param>
    /// <param name="left">Place of this thread's first quad of the first factor.</param>
    /// <param name="right">Place of this thread's first quad of the second factor.</param>
    /// <param name="half">Half an edge of the group's tile, in quads: the distance to the second quad of a tile of 8.</param>
    void Accumulate(ArrayView<Four<T>> shared, int left, int right, int half);

    /// <summary>Multiplies every sum with the element of <paramref name="factors"/> at its place.</summary>
    void Weigh(DeviceView<T> factors, int row, int column, int half);

    /// <summary>Writes f(alpha·sum + beta·result) to the part of the tile that lies inside the result.</summary>
    void Store<TEpilogue>(DeviceView<T> result, T alpha, T beta, int row, int column, int half)
        where TEpilogue : struct, IElementwise<T>;

    /// <summary>Adds alpha·sum to the result and its mirror image.</summary>
    void AddSymmetric(DeviceView<T> result, T alpha, int row, int column, int half);
}
