using System.Numerics;
using Hpc.Kernels.Memory;

namespace Hpc.Kernels.Products;

/// <summary>
/// The arguments of gemm: C is m×n, op(A) m×k, op(B) k×n, and element (i, j) of a matrix is at place i + j·stride.
/// </summary>
/// <param name="TransposeA">Whether op(A) is Aᵀ.</param>
/// <param name="TransposeB">Whether op(B) is Bᵀ.</param>
/// <param name="Rows">m.</param>
/// <param name="Columns">n.</param>
/// <param name="Depth">k.</param>
/// <param name="StrideA">Leading dimension of A.</param>
/// <param name="StrideB">Leading dimension of B.</param>
/// <param name="StrideC">Leading dimension of C.</param>
internal readonly record struct ColumnMajorShape(
    bool TransposeA, bool TransposeB, int Rows, int Columns, int Depth, int StrideA, int StrideB, int StrideC)
{
    /// <summary>
    /// The shape that computes result = left·right on row-major matrices. Memory that is row-major m×n is column-major n×m, so that gemm is asked
    /// for resultᵀ = rightᵀ·leftᵀ: A is the right factor and B the left one.
    /// </summary>
    /// <param name="left">First factor; where the sum runs along its rows it is leftᵀ as it lies, else it is transposed.</param>
    /// <param name="leftAlongRows">Whether the sum runs along the rows of the first factor (<see cref="AlongRows"/>).</param>
    /// <param name="right">Second factor; where the sum runs from row to row it is rightᵀ as it lies, else it is transposed.</param>
    /// <param name="rightAlongRows">The same of the second factor.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="result">Product.</param>
    public static ColumnMajorShape Of<T>(
        DeviceView<T> left, bool leftAlongRows, DeviceView<T> right, bool rightAlongRows, int depth, DeviceView<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(rightAlongRows, !leftAlongRows, result.Columns, result.Rows, depth, right.Stride, left.Stride, result.Stride);
}
