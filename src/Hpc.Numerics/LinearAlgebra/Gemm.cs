using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.LinearAlgebra;

/// <summary>General matrix product.</summary>
/// <remarks>
/// Every element is one sum in the order of k, cut into blocks of fixed length: the result does not depend on the number of threads,
/// bit for bit, but does depend on the width of the registers. Views may have any strides; a C whose rows or columns are contiguous
/// is fastest. C must not overlap A or B.
/// </remarks>
public static class Gemm
{
    /// <summary>C = beta·C + alpha·A·B. If beta is 0, C is written without being read.</summary>
    /// <param name="team">The threads that share the work.</param>
    /// <param name="a">m × k.</param>
    /// <param name="b">k × n.</param>
    /// <param name="c">m × n.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">The shapes do not fit together.</exception>
    /// <exception cref="NotSupportedException">T is another type.</exception>
    public static void Multiply<T>(ThreadTeam team, T alpha, MatrixView<T> a, MatrixView<T> b, T beta, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Multiply<T, Identity<T>>(team, alpha, a, b, beta, c);

    /// <summary>
    /// C = f(beta·C + alpha·A·B) with an elementwise f that is applied to each tile of C when it is finished and still in the cache.
    /// </summary>
    /// <inheritdoc cref="Multiply{T}"/>
    public static void Multiply<T, TEpilogue>(
        ThreadTeam team, T alpha, MatrixView<T> a, MatrixView<T> b, T beta, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : struct, IElementwise<T>
        => Multiply<T, TEpilogue>(SimdSupport.Widest, team, alpha, a, b, beta, c);

    internal static void Multiply<T, TEpilogue>(
        SimdWidth width, ThreadTeam team, T alpha, MatrixView<T> a, MatrixView<T> b, T beta, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : struct, IElementwise<T>
    {
        ArgumentNullException.ThrowIfNull(team);
        ProductArguments.RequireFloatOrDouble<T>();
        if (a.Rows != c.Rows || a.Columns != b.Rows || b.Columns != c.Columns)
        {
            throw new ArgumentException(
                $"The product of a {a.Rows}×{a.Columns} and a {b.Rows}×{b.Columns} matrix does not give a {c.Rows}×{c.Columns} matrix: "
                + "the columns of A must be the rows of B, and C must have the rows of A and the columns of B.");
        }

        double factors = (double)a.Rows * a.Columns + (double)b.Rows * b.Columns, result = (double)c.Rows * c.Columns;
        using KernelScope scope = Profiled<T, TEpilogue>.Kernel.Enter(
            2 * result * a.Columns, Unsafe.SizeOf<T>() * (factors + (beta == T.Zero ? result : 2 * result)));
        if (c.ColumnStride != 1 && c.RowStride == 1)
        {
            (a, b, c) = (b.Transposed, a.Transposed, c.Transposed);
        }

        switch (width)
        {
            case SimdWidth.Vector512:
                BlockedProduct<T, Tile512<T>, TEpilogue>.Run(team, alpha, a, b, beta, c, lowerOnly: false);
                break;
            case SimdWidth.Vector256:
                BlockedProduct<T, Tile256<T>, TEpilogue>.Run(team, alpha, a, b, beta, c, lowerOnly: false);
                break;
            default:
                BlockedProduct<T, TileScalar<T>, TEpilogue>.Run(team, alpha, a, b, beta, c, lowerOnly: false);
                break;
        }
    }

    /// <summary>The product as its users know it: by its function, if it has one.</summary>
    private static class Profiled<T, TEpilogue>
        where T : unmanaged
    {
        public static readonly Kernel Kernel =
            Kernel.Of<T>(typeof(TEpilogue) == typeof(Identity<T>) ? "gemm" : $"gemm+{typeof(TEpilogue).Name.ToLowerInvariant()}");
    }
}
