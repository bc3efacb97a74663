using System.Numerics;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// 2 × 4 scalars, for machines with neither AVX2 nor AVX-512: eight sums, four elements of B and one of A fit in 16 registers. It
/// multiplies and adds in two roundings, since a fused multiply-add without hardware is a slow call.
/// </summary>
internal readonly unsafe struct TileScalar<T> : IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static SimdWidth Width => SimdWidth.Scalar;

    public static int MaxRows => 2;

    public static int Columns => 4;

    public static int ColumnStep => 4;

    public static void Multiply(
        int rows, int columns, nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
    {
        if (rows == 2)
        {
            Multiply<SmallCount.Two>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
        }
        else
        {
            Multiply<SmallCount.One>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
        }
    }

    public static void Apply<TFunction>(int rows, int columns, T* c, nint cStride)
        where TFunction : struct, IElementwise<T>
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < Columns; j++)
            {
                c[j] = TFunction.Invoke(c[j]);
            }

            c += cStride;
        }
    }

    private static void Multiply<TRows>(
        nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
        where TRows : struct, ISmallCount
    {
        T c00 = T.Zero, c01 = T.Zero, c02 = T.Zero, c03 = T.Zero;
        T c10 = T.Zero, c11 = T.Zero, c12 = T.Zero, c13 = T.Zero;
        for (; depth > 0; depth--)
        {
            T b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
            T a0 = a[0];
            c00 += a0 * b0;
            c01 += a0 * b1;
            c02 += a0 * b2;
            c03 += a0 * b3;
            if (TRows.Value > 1)
            {
                T a1 = a[aRowStride];
                c10 += a1 * b0;
                c11 += a1 * b1;
                c12 += a1 * b2;
                c13 += a1 * b3;
            }

            a += aDepthStride;
            b += bStride;
        }

        Finish(c, c00, c01, c02, c03, alpha, beta);
        if (TRows.Value > 1)
        {
            Finish(c + cStride, c10, c11, c12, c13, alpha, beta);
        }
    }

    private static void Finish(T* c, T c0, T c1, T c2, T c3, T alpha, T beta)
    {
        if (beta == T.Zero)
        {
            c[0] = alpha * c0;
            c[1] = alpha * c1;
            c[2] = alpha * c2;
            c[3] = alpha * c3;
        }
        else
        {
            c[0] = beta * c[0] + alpha * c0;
            c[1] = beta * c[1] + alpha * c1;
            c[2] = beta * c[2] + alpha * c2;
            c[3] = beta * c[3] + alpha * c3;
        }
    }
}
