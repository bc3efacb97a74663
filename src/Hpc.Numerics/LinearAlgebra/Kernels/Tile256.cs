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

    public static void Multiply(int rows, nint depth, T* a, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
    {
        switch (rows)
        {
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
            Vector256<T> left = TFunction.Invoke(Vector256.Load(c));
            Vector256<T> right = TFunction.Invoke(Vector256.Load(c + Vector256<T>.Count));
            left.Store(c);
            right.Store(c + Vector256<T>.Count);
            c += cStride;
        }
    }

    private static void Multiply<TRows>(nint depth, T* a, T* b, nint bStride, T alpha, T beta, T* c, nint cStride)
        where TRows : struct, IRowCount
    {
        Vector256<T> c0L = default, c0R = default;
        Vector256<T> c1L = default, c1R = default;
        Vector256<T> c2L = default, c2R = default;
        Vector256<T> c3L = default, c3R = default;
        Vector256<T> c4L = default, c4R = default;
        Vector256<T> c5L = default, c5R = default;
        for (; depth > 0; depth--)
        {
            Vector256<T> left = Vector256.Load(b);
            Vector256<T> right = Vector256.Load(b + Vector256<T>.Count);
            Vector256<T> broadcast = Vector256.Create(a[0]);
            c0L = MultiplyAdd(broadcast, left, c0L);
            c0R = MultiplyAdd(broadcast, right, c0R);
            if (TRows.Value > 1)
            {
                broadcast = Vector256.Create(a[1]);
                c1L = MultiplyAdd(broadcast, left, c1L);
                c1R = MultiplyAdd(broadcast, right, c1R);
            }

            if (TRows.Value > 2)
            {
                broadcast = Vector256.Create(a[2]);
                c2L = MultiplyAdd(broadcast, left, c2L);
                c2R = MultiplyAdd(broadcast, right, c2R);
            }

            if (TRows.Value > 3)
            {
                broadcast = Vector256.Create(a[3]);
                c3L = MultiplyAdd(broadcast, left, c3L);
                c3R = MultiplyAdd(broadcast, right, c3R);
            }

            if (TRows.Value > 4)
            {
                broadcast = Vector256.Create(a[4]);
                c4L = MultiplyAdd(broadcast, left, c4L);
                c4R = MultiplyAdd(broadcast, right, c4R);
            }

            if (TRows.Value > 5)
            {
                broadcast = Vector256.Create(a[5]);
                c5L = MultiplyAdd(broadcast, left, c5L);
                c5R = MultiplyAdd(broadcast, right, c5R);
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
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(T* c, Vector256<T> left, Vector256<T> right, T alpha, T beta)
    {
        Vector256<T> scale = Vector256.Create(alpha);
        if (beta == T.Zero)
        {
            (left * scale).Store(c);
            (right * scale).Store(c + Vector256<T>.Count);
        }
        else
        {
            Vector256<T> keep = Vector256.Create(beta);
            MultiplyAdd(left, scale, Vector256.Load(c) * keep).Store(c);
            MultiplyAdd(right, scale, Vector256.Load(c + Vector256<T>.Count) * keep).Store(c + Vector256<T>.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd(Vector256<T> x, Vector256<T> y, Vector256<T> z) => typeof(T) == typeof(float)
        ? Fma.MultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
        : Fma.MultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();
}
