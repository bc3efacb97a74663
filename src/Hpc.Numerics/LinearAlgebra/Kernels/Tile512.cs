using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// 12 × 2 registers of 512 bits: 24 sums, two registers of B and one of A; 24 multiply-adds for 14 loads leave two multiply-add units
/// the only limit. 14 rows would fit too, but were slower (85 against 90 % of the peak on a Zen 5): where the rows of C are a multiple
/// of 4 KB apart they compete for the same set of a level-1 cache of 12 ways.
/// </summary>
internal readonly unsafe struct Tile512<T> : IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static SimdWidth Width => SimdWidth.Vector512;

    public static int MaxRows => 12;

    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * Vector512<T>.Count;
    }

    public static int ColumnStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512<T>.Count;
    }

    public static void Multiply(
        int rows, int columns, nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
    {
        if (columns > Vector512<T>.Count)
        {
            Multiply<SmallCount.Two>(rows, depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
        }
        else
        {
            Multiply<SmallCount.One>(rows, depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
        }
    }

    public static void Apply<TFunction>(int rows, int columns, T* c, nint cStride)
        where TFunction : struct, IElementwise<T>
    {
        bool both = columns > Vector512<T>.Count;
        for (int i = 0; i < rows; i++)
        {
            Vector512<T> left = TFunction.Invoke(Vector512.Load(c));
            if (both)
            {
                TFunction.Invoke(Vector512.Load(c + Vector512<T>.Count)).Store(c + Vector512<T>.Count);
            }

            left.Store(c);
            c += cStride;
        }
    }

    private static void Multiply<TVectors>(
        int rows, nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
        where TVectors : struct, ISmallCount
    {
        switch (rows)
        {
            case 12:
                Multiply<SmallCount.Twelve, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 11:
                Multiply<SmallCount.Eleven, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 10:
                Multiply<SmallCount.Ten, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 9:
                Multiply<SmallCount.Nine, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 8:
                Multiply<SmallCount.Eight, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 7:
                Multiply<SmallCount.Seven, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 6:
                Multiply<SmallCount.Six, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 5:
                Multiply<SmallCount.Five, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 4:
                Multiply<SmallCount.Four, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 3:
                Multiply<SmallCount.Three, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            case 2:
                Multiply<SmallCount.Two, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
            default:
                Multiply<SmallCount.One, TVectors>(depth, a, aRowStride, aDepthStride, b, bStride, alpha, beta, c, cStride);
                break;
        }
    }

    private static void Multiply<TRows, TVectors>(
        nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
        where TRows : struct, ISmallCount
        where TVectors : struct, ISmallCount
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

        Prefetch(c);
        if (TRows.Value > 1)
        {
            Prefetch(c + 1 * cStride);
        }

        if (TRows.Value > 2)
        {
            Prefetch(c + 2 * cStride);
        }

        if (TRows.Value > 3)
        {
            Prefetch(c + 3 * cStride);
        }

        if (TRows.Value > 4)
        {
            Prefetch(c + 4 * cStride);
        }

        if (TRows.Value > 5)
        {
            Prefetch(c + 5 * cStride);
        }

        if (TRows.Value > 6)
        {
            Prefetch(c + 6 * cStride);
        }

        if (TRows.Value > 7)
        {
            Prefetch(c + 7 * cStride);
        }

        if (TRows.Value > 8)
        {
            Prefetch(c + 8 * cStride);
        }

        if (TRows.Value > 9)
        {
            Prefetch(c + 9 * cStride);
        }

        if (TRows.Value > 10)
        {
            Prefetch(c + 10 * cStride);
        }

        if (TRows.Value > 11)
        {
            Prefetch(c + 11 * cStride);
        }

        // Four rows share a pointer: base plus scaled index is one addressing mode.
        T* a0 = a;
        T* a4 = a + 4 * aRowStride;
        T* a8 = a + 8 * aRowStride;
        nint two = 2 * aRowStride;
        nint three = 3 * aRowStride;
        for (; depth > 0; depth--)
        {
            Vector512<T> left = Vector512.Load(b);
            Vector512<T> right = TVectors.Value > 1 ? Vector512.Load(b + Vector512<T>.Count) : default;
            Vector512<T> broadcast = Vector512.Create(*a0);
            c0L = MultiplyAdd(broadcast, left, c0L);
            c0R = MultiplyAdd<TVectors>(broadcast, right, c0R);
            if (TRows.Value > 1)
            {
                broadcast = Vector512.Create(*(a0 + aRowStride));
                c1L = MultiplyAdd(broadcast, left, c1L);
                c1R = MultiplyAdd<TVectors>(broadcast, right, c1R);
            }

            if (TRows.Value > 2)
            {
                broadcast = Vector512.Create(*(a0 + two));
                c2L = MultiplyAdd(broadcast, left, c2L);
                c2R = MultiplyAdd<TVectors>(broadcast, right, c2R);
            }

            if (TRows.Value > 3)
            {
                broadcast = Vector512.Create(*(a0 + three));
                c3L = MultiplyAdd(broadcast, left, c3L);
                c3R = MultiplyAdd<TVectors>(broadcast, right, c3R);
            }

            if (TRows.Value > 4)
            {
                broadcast = Vector512.Create(*a4);
                c4L = MultiplyAdd(broadcast, left, c4L);
                c4R = MultiplyAdd<TVectors>(broadcast, right, c4R);
            }

            if (TRows.Value > 5)
            {
                broadcast = Vector512.Create(*(a4 + aRowStride));
                c5L = MultiplyAdd(broadcast, left, c5L);
                c5R = MultiplyAdd<TVectors>(broadcast, right, c5R);
            }

            if (TRows.Value > 6)
            {
                broadcast = Vector512.Create(*(a4 + two));
                c6L = MultiplyAdd(broadcast, left, c6L);
                c6R = MultiplyAdd<TVectors>(broadcast, right, c6R);
            }

            if (TRows.Value > 7)
            {
                broadcast = Vector512.Create(*(a4 + three));
                c7L = MultiplyAdd(broadcast, left, c7L);
                c7R = MultiplyAdd<TVectors>(broadcast, right, c7R);
            }

            if (TRows.Value > 8)
            {
                broadcast = Vector512.Create(*a8);
                c8L = MultiplyAdd(broadcast, left, c8L);
                c8R = MultiplyAdd<TVectors>(broadcast, right, c8R);
            }

            if (TRows.Value > 9)
            {
                broadcast = Vector512.Create(*(a8 + aRowStride));
                c9L = MultiplyAdd(broadcast, left, c9L);
                c9R = MultiplyAdd<TVectors>(broadcast, right, c9R);
            }

            if (TRows.Value > 10)
            {
                broadcast = Vector512.Create(*(a8 + two));
                c10L = MultiplyAdd(broadcast, left, c10L);
                c10R = MultiplyAdd<TVectors>(broadcast, right, c10R);
            }

            if (TRows.Value > 11)
            {
                broadcast = Vector512.Create(*(a8 + three));
                c11L = MultiplyAdd(broadcast, left, c11L);
                c11R = MultiplyAdd<TVectors>(broadcast, right, c11R);
            }

            a0 += aDepthStride;
            a4 += aDepthStride;
            a8 += aDepthStride;
            b += bStride;
        }

        Finish<TVectors>(c, c0L, c0R, alpha, beta);
        if (TRows.Value > 1)
        {
            Finish<TVectors>(c += cStride, c1L, c1R, alpha, beta);
        }

        if (TRows.Value > 2)
        {
            Finish<TVectors>(c += cStride, c2L, c2R, alpha, beta);
        }

        if (TRows.Value > 3)
        {
            Finish<TVectors>(c += cStride, c3L, c3R, alpha, beta);
        }

        if (TRows.Value > 4)
        {
            Finish<TVectors>(c += cStride, c4L, c4R, alpha, beta);
        }

        if (TRows.Value > 5)
        {
            Finish<TVectors>(c += cStride, c5L, c5R, alpha, beta);
        }

        if (TRows.Value > 6)
        {
            Finish<TVectors>(c += cStride, c6L, c6R, alpha, beta);
        }

        if (TRows.Value > 7)
        {
            Finish<TVectors>(c += cStride, c7L, c7R, alpha, beta);
        }

        if (TRows.Value > 8)
        {
            Finish<TVectors>(c += cStride, c8L, c8R, alpha, beta);
        }

        if (TRows.Value > 9)
        {
            Finish<TVectors>(c += cStride, c9L, c9R, alpha, beta);
        }

        if (TRows.Value > 10)
        {
            Finish<TVectors>(c += cStride, c10L, c10R, alpha, beta);
        }

        if (TRows.Value > 11)
        {
            Finish<TVectors>(c += cStride, c11L, c11R, alpha, beta);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(T* row)
    {
        Sse.Prefetch0(row);
        Sse.Prefetch0(row + 2 * Vector512<T>.Count - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TVectors>(T* c, Vector512<T> left, Vector512<T> right, T alpha, T beta)
        where TVectors : struct, ISmallCount
    {
        Finish(c, left, alpha, beta);
        if (TVectors.Value > 1)
        {
            Finish(c + Vector512<T>.Count, right, alpha, beta);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* c, Vector512<T> sum, T alpha, T beta)
    {
        if (beta == T.Zero)
        {
            (sum * Vector512.Create(alpha)).Store(c);
        }
        else
        {
            MultiplyAdd(sum, Vector512.Create(alpha), Vector512.Load(c) * Vector512.Create(beta)).Store(c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd<TVectors>(Vector512<T> x, Vector512<T> y, Vector512<T> z)
        where TVectors : struct, ISmallCount
        => TVectors.Value > 1 ? MultiplyAdd(x, y, z) : z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd(Vector512<T> x, Vector512<T> y, Vector512<T> z) => typeof(T) == typeof(float)
        ? Avx512F.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Avx512F.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();
}
