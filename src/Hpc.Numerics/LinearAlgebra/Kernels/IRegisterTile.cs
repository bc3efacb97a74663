using System.Numerics;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// The innermost kernel of the matrix products: a tile of C, as large as the registers allow, that gathers the products of one
/// column of A and one row of B after another.
/// </summary>
/// <remarks>
/// Every element of C is one chain of additions in the order of the depth, whatever the size of its tile: so a result depends neither
/// on the partition of C nor on the number of threads.
/// </remarks>
internal unsafe interface IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    static abstract SimdWidth Width { get; }

    /// <summary>Largest number of rows of a tile.</summary>
    static abstract int MaxRows { get; }

    /// <summary>Largest number of columns of a tile.</summary>
    static abstract int Columns { get; }

    /// <summary>Tiles are computed, read and written in multiples of this number of columns.</summary>
    static abstract int ColumnStep { get; }

    /// <summary>C = beta·C + alpha·A·B on one tile; C is not read if beta is 0.</summary>
    /// <param name="rows">1…<see cref="MaxRows"/>.</param>
    /// <param name="columns">1…<see cref="Columns"/>, rounded up to <see cref="ColumnStep"/>.</param>
    /// <param name="depth">Number of columns of A and rows of B, 0 allowed.</param>
    /// <param name="a">Element (i, k) at a[i·aRowStride + k·aDepthStride].</param>
    /// <param name="b">Element (k, j) at b[k·bStride + j].</param>
    /// <param name="c">Element (i, j) at c[i·cStride + j].</param>
    static abstract void Multiply(
        int rows, int columns, nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride);

    /// <summary>Applies a function to every element of a tile of C.</summary>
    static abstract void Apply<TFunction>(int rows, int columns, T* c, nint cStride)
        where TFunction : struct, IElementwise<T>;
}
