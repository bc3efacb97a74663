using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// 14 × 2 registers of 512 bits: 28 sums, two registers of B and one of A fill 31 of the 32 registers, and 28 multiply-adds for 16
/// loads keep two multiply-add units busy with one load to spare per cycle.
/// </summary>
internal readonly unsafe struct Tile512<T> : IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static SimdWidth Width => SimdWidth.Vector512;

    public static int MaxRows => 14;

    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * Vector512<T>.Count;
    }

    public static void Multiply(int rows, nint depth, T* a, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
    {
        switch (rows)
        {
            case 14:
                Multiply<RowCount.Fourteen>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 13:
                Multiply<RowCount.Thirteen>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 12:
                Multiply<RowCount.Twelve>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 11:
                Multiply<RowCount.Eleven>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 10:
                Multiply<RowCount.Ten>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 9:
                Multiply<RowCount.Nine>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 8:
                Multiply<RowCount.Eight>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 7:
                Multiply<RowCount.Seven>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 6:
                Multiply<RowCount.Six>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 5:
                Multiply<RowCount.Five>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 4:
                Multiply<RowCount.Four>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 3:
                Multiply<RowCount.Three>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            case 2:
                Multiply<RowCount.Two>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
            default:
                Multiply<RowCount.One>(depth, a, b, bStride, alpha, beta, c, cStride);
                break;
        }
    }

    public static void Apply<TFunction>(int rows, T* c, nint cStride)
        where TFunction : struct, IElementwise<T>
    {
        for (int i = 0; i < rows; i++)
        {
            Vector512<T> left = TFunction.Invoke(Vector512.Load(c));
            Vector512<T> right = TFunction.Invoke(Vector512.Load(c + Vector512<T>.Count));
            left.Store(c);
            right.Store(c + Vector512<T>.Count);
            c += cStride;
        }
    }

    private static void Multiply<TRows>(nint depth, T* a, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
        where TRows : struct, IRowCount
    {
        Vector512<T> c0L = default, c0R = default;
        Vector512<T> c1L = default, c1R = default;
        Vector512<T> c2L = default, c2R = default;
        Vector512<T> c3L = default, c3R = default;
        Vector512<T> c4L = default, c4R = default;
        Vector512<T> c5L = default, c5R = default;
        Vector512<T> c6L = default, c6R = default;
        Vector512<T> c7L = default, c7R = default;
        Vector512<T> c8L = default, c8R = default;
        Vector512<T> c9L = default, c9R = default;
        Vector512<T> c10L = default, c10R = default;
        Vector512<T> c11L = default, c11R = default;
        Vector512<T> c12L = default, c12R = default;
        Vector512<T> c13L = default, c13R = default;
        for (; depth > 0; depth--)
        {
            Vector512<T> left = Vector512.Load(b);
            Vector512<T> right = Vector512.Load(b + Vector512<T>.Count);
            Vector512<T> broadcast = Vector512.Create(a[0]);
            c0L = MultiplyAdd(broadcast, left, c0L);
            c0R = MultiplyAdd(broadcast, right, c0R);
            if (TRows.Value > 1)
            {
                broadcast = Vector512.Create(a[1]);
                c1L = MultiplyAdd(broadcast, left, c1L);
                c1R = MultiplyAdd(broadcast, right, c1R);
            }

            if (TRows.Value > 2)
            {
                broadcast = Vector512.Create(a[2]);
                c2L = MultiplyAdd(broadcast, left, c2L);
                c2R = MultiplyAdd(broadcast, right, c2R);
            }

            if (TRows.Value > 3)
            {
                broadcast = Vector512.Create(a[3]);
                c3L = MultiplyAdd(broadcast, left, c3L);
                c3R = MultiplyAdd(broadcast, right, c3R);
            }

            if (TRows.Value > 4)
            {
                broadcast = Vector512.Create(a[4]);
                c4L = MultiplyAdd(broadcast, left, c4L);
                c4R = MultiplyAdd(broadcast, right, c4R);
            }

            if (TRows.Value > 5)
            {
                broadcast = Vector512.Create(a[5]);
                c5L = MultiplyAdd(broadcast, left, c5L);
                c5R = MultiplyAdd(broadcast, right, c5R);
            }

            if (TRows.Value > 6)
            {
                broadcast = Vector512.Create(a[6]);
                c6L = MultiplyAdd(broadcast, left, c6L);
                c6R = MultiplyAdd(broadcast, right, c6R);
            }

            if (TRows.Value > 7)
            {
                broadcast = Vector512.Create(a[7]);
                c7L = MultiplyAdd(broadcast, left, c7L);
                c7R = MultiplyAdd(broadcast, right, c7R);
            }

            if (TRows.Value > 8)
            {
                broadcast = Vector512.Create(a[8]);
                c8L = MultiplyAdd(broadcast, left, c8L);
                c8R = MultiplyAdd(broadcast, right, c8R);
            }

            if (TRows.Value > 9)
            {
                broadcast = Vector512.Create(a[9]);
                c9L = MultiplyAdd(broadcast, left, c9L);
                c9R = MultiplyAdd(broadcast, right, c9R);
            }

            if (TRows.Value > 10)
            {
                broadcast = Vector512.Create(a[10]);
                c10L = MultiplyAdd(broadcast, left, c10L);
                c10R = MultiplyAdd(broadcast, right, c10R);
            }

            if (TRows.Value > 11)
            {
                broadcast = Vector512.Create(a[11]);
                c11L = MultiplyAdd(broadcast, left, c11L);
                c11R = MultiplyAdd(broadcast, right, c11R);
            }

            if (TRows.Value > 12)
            {
                broadcast = Vector512.Create(a[12]);
                c12L = MultiplyAdd(broadcast, left, c12L);
                c12R = MultiplyAdd(broadcast, right, c12R);
            }

            if (TRows.Value > 13)
            {
                broadcast = Vector512.Create(a[13]);
                c13L = MultiplyAdd(broadcast, left, c13L);
                c13R = MultiplyAdd(broadcast, right, c13R);
            }

            a += TRows.Value;
            b += bStride;
        }

        Finish(c, c0L, c0R, alpha, beta);
        if (TRows.Value > 1)
        {
            Finish(c += cStride, c1L, c1R, alpha, beta);
        }

        if (TRows.Value > 2)
        {
            Finish(c += cStride, c2L, c2R, alpha, beta);
        }

        if (TRows.Value > 3)
        {
            Finish(c += cStride, c3L, c3R, alpha, beta);
        }

        if (TRows.Value > 4)
        {
            Finish(c += cStride, c4L, c4R, alpha, beta);
        }

        if (TRows.Value > 5)
        {
            Finish(c += cStride, c5L, c5R, alpha, beta);
        }

        if (TRows.Value > 6)
        {
            Finish(c += cStride, c6L, c6R, alpha, beta);
        }

        if (TRows.Value > 7)
        {
            Finish(c += cStride, c7L, c7R, alpha, beta);
        }

        if (TRows.Value > 8)
        {
            Finish(c += cStride, c8L, c8R, alpha, beta);
        }

        if (TRows.Value > 9)
        {
            Finish(c += cStride, c9L, c9R, alpha, beta);
        }

        if (TRows.Value > 10)
        {
            Finish(c += cStride, c10L, c10R, alpha, beta);
        }

        if (TRows.Value > 11)
        {
            Finish(c += cStride, c11L, c11R, alpha, beta);
        }

        if (TRows.Value > 12)
        {
            Finish(c += cStride, c12L, c12R, alpha, beta);
        }

        if (TRows.Value > 13)
        {
            Finish(c += cStride, c13L, c13R, alpha, beta);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* c, Vector512<T> left, Vector512<T> right, T alpha, T beta)
    {
        Vector512<T> scale = Vector512.Create(alpha);
        if (beta == T.Zero)
        {
            (left * scale).Store(c);
            (right * scale).Store(c + Vector512<T>.Count);
        }
        else
        {
            Vector512<T> keep = Vector512.Create(beta);
            MultiplyAdd(left, scale, Vector512.Load(c) * keep).Store(c);
            MultiplyAdd(right, scale, Vector512.Load(c + Vector512<T>.Count) * keep).Store(c + Vector512<T>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd(Vector512<T> x, Vector512<T> y, Vector512<T> z) => typeof(T) == typeof(float)
        ? Avx512F.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Avx512F.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();
}
