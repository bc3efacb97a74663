using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.LinearAlgebra;

/// <summary>Product of a matrix with its own transpose.</summary>
public static class Syrk
{
    /// <summary>
    /// C = beta·C + alpha·A·Aᵀ, both triangles, exactly symmetric. Of C only the lower triangle (row ≥ column) is read, and nothing if
    /// beta is 0. The result does not depend on the number of threads, and each element of the lower triangle is that of
    /// <see cref="Gemm"/>.
    /// </summary>
    /// <param name="team">The threads that share the work.</param>
    /// <param name="a">n × k.</param>
    /// <param name="c">n × n, must not overlap A.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">C is not square or has another number of rows than A.</exception>
    /// <exception cref="NotSupportedException">T is another type.</exception>
    public static void Multiply<T>(ThreadTeam team, T alpha, MatrixView<T> a, T beta, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Multiply(SimdSupport.Widest, team, alpha, a, beta, c);

    internal static void Multiply<T>(SimdWidth width, ThreadTeam team, T alpha, MatrixView<T> a, T beta, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(team);
        ProductArguments.RequireFloatOrDouble<T>();
        if (c.Rows != a.Rows || c.Columns != a.Rows)
        {
            throw new ArgumentException(
                $"The product of a {a.Rows}×{a.Columns} matrix with its transpose does not give a {c.Rows}×{c.Columns} matrix: "
                + $"C must be {a.Rows}×{a.Rows}.");
        }

        double triangle = 0.5 * c.Rows * (c.Rows + 1.0), square = (double)c.Rows * c.Rows;
        using KernelScope scope = Profiled<T>.Kernel.Enter(
            2 * triangle * a.Columns, Unsafe.SizeOf<T>() * ((double)a.Rows * a.Columns + square + (beta == T.Zero ? 0 : triangle)));
        switch (width)
        {
            case SimdWidth.Vector512:
                BlockedProduct<T, Tile512<T>, Identity<T>>.Run(team, alpha, a, a.Transposed, beta, c, lowerOnly: true);
                break;
            case SimdWidth.Vector256:
                BlockedProduct<T, Tile256<T>, Identity<T>>.Run(team, alpha, a, a.Transposed, beta, c, lowerOnly: true);
                break;
            default:
                BlockedProduct<T, TileScalar<T>, Identity<T>>.Run(team, alpha, a, a.Transposed, beta, c, lowerOnly: true);
                break;
        }

        SymmetricMirror<T>.CopyLowerToUpper(team, c);
    }

    private static class Profiled<T>
    {
        public static readonly Kernel Kernel = Kernel.Of<T>("syrk");
    }
}
