using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// 6 × 2 registers of 256 bits: 12 sums, two registers of B and one of A fill 15 of the 16 registers, and 12 multiply-adds in flight
/// cover the latency of two units.
/// </summary>
internal readonly unsafe struct Tile256<T> : IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static SimdWidth Width => SimdWidth.Vector256;

    public static int MaxRows => 6;

    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * Vector256<T>.Count;
    }

    public static int ColumnStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256<T>.Count;
    }

    public static void Multiply(
        int rows, int columns, nint depth, T* a, nint aRowStride, nint aDepthStride, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
    {
        if (columns > Vector256<T>.Count)
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
        bool both = columns > Vector256<T>.Count;
        for (int i = 0; i < rows; i++)
        {
            Vector256<T> left = TFunction.Invoke(Vector256.Load(c));
            if (both)
            {
                TFunction.Invoke(Vector256.Load(c + Vector256<T>.Count)).Store(c + Vector256<T>.Count);
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
        Vector256<T> c0L = default, c0R = default;
        Vector256<T> c1L = default, c1R = default;
        Vector256<T> c2L = default, c2R = default;
        Vector256<T> c3L = default, c3R = default;
        Vector256<T> c4L = default, c4R = default;
        Vector256<T> c5L = default, c5R = default;
        // Four rows share a pointer: base plus scaled index is one addressing mode.
        T* a0 = a;
        T* a4 = a + 4 * aRowStride;
        nint two = 2 * aRowStride;
        nint three = 3 * aRowStride;
        for (; depth > 0; depth--)
        {
            Vector256<T> left = Vector256.Load(b);
            Vector256<T> right = TVectors.Value > 1 ? Vector256.Load(b + Vector256<T>.Count) : default;
            Vector256<T> broadcast = Vector256.Create(*a0);
            c0L = MultiplyAdd(broadcast, left, c0L);
            c0R = MultiplyAdd<TVectors>(broadcast, right, c0R);
            if (TRows.Value > 1)
            {
                broadcast = Vector256.Create(*(a0 + aRowStride));
                c1L = MultiplyAdd(broadcast, left, c1L);
                c1R = MultiplyAdd<TVectors>(broadcast, right, c1R);
            }

            if (TRows.Value > 2)
            {
                broadcast = Vector256.Create(*(a0 + two));
                c2L = MultiplyAdd(broadcast, left, c2L);
                c2R = MultiplyAdd<TVectors>(broadcast, right, c2R);
            }

            if (TRows.Value > 3)
            {
                broadcast = Vector256.Create(*(a0 + three));
                c3L = MultiplyAdd(broadcast, left, c3L);
                c3R = MultiplyAdd<TVectors>(broadcast, right, c3R);
            }

            if (TRows.Value > 4)
            {
                broadcast = Vector256.Create(*a4);
                c4L = MultiplyAdd(broadcast, left, c4L);
                c4R = MultiplyAdd<TVectors>(broadcast, right, c4R);
            }

            if (TRows.Value > 5)
            {
                broadcast = Vector256.Create(*(a4 + aRowStride));
                c5L = MultiplyAdd(broadcast, left, c5L);
                c5R = MultiplyAdd<TVectors>(broadcast, right, c5R);
            }

            a0 += aDepthStride;
            a4 += aDepthStride;
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
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TVectors>(T* c, Vector256<T> left, Vector256<T> right, T alpha, T beta)
        where TVectors : struct, ISmallCount
    {
        Finish(c, left, alpha, beta);
        if (TVectors.Value > 1)
        {
            Finish(c + Vector256<T>.Count, right, alpha, beta);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* c, Vector256<T> sum, T alpha, T beta)
    {
        if (beta == T.Zero)
        {
            (sum * Vector256.Create(alpha)).Store(c);
        }
        else
        {
            MultiplyAdd(sum, Vector256.Create(alpha), Vector256.Load(c) * Vector256.Create(beta)).Store(c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd<TVectors>(Vector256<T> x, Vector256<T> y, Vector256<T> z)
        where TVectors : struct, ISmallCount
        => TVectors.Value > 1 ? MultiplyAdd(x, y, z) : z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd(Vector256<T> x, Vector256<T> y, Vector256<T> z) => typeof(T) == typeof(float)
        ? Fma.MultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Fma.MultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();
}
