using System.Runtime.CompilerServices;
using Hpc.Numerics.LinearAlgebra.Kernels;

namespace Hpc.Diffusion.Kernels;

/// <summary>
/// s_rl = φ_r·x_l and y_l ← y_l + Σ_r c_rl φ_r for <see cref="InterleavedRows{T}"/> and a block of vectors, on tiles of registers whose lanes
/// run along the features, so that neither the rows nor the vectors are transposed.
/// </summary>
internal static unsafe class VectorBlock<T, V, TLanes>
    where T : unmanaged
    where V : struct
    where TLanes : IFeatureLanes<T, V>
{
    /// <summary>Rows of a tile of <see cref="Project"/>.</summary>
    public const int Rows = 4;

    /// <summary>Vectors of a tile of <see cref="Project"/>; all counts of vectors are multiples of it.</summary>
    public const int Vectors = 4;

    /// <summary>Doubles of one sum: room for the lanes of the widest register.</summary>
    public const int SumLanes = 8;

    private const int Piece = RowLayout.PieceLength;

    /// <summary>Adds the products of four rows with four vectors to their sums, lane by lane.</summary>
    /// <param name="rows">Four rows of a group.</param>
    /// <param name="x">Four vectors, <paramref name="length"/> apart.</param>
    /// <param name="length">Number of features, whole pieces.</param>
    /// <param name="sums">Lanes of the sum of row r and vector l from (r·<paramref name="sumVectors"/> + l)·8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Project(T* rows, double* x, int length, double* sums, nint sumVectors)
    {
        if (TLanes.ManyRegisters)
        {
            Project<SmallCount.Four>(rows, x, length, sums, sumVectors);
        }
        else
        {
            Project<SmallCount.Two>(rows, x, length, sums, sumVectors);
            Project<SmallCount.Two>(rows, x + 2 * length, length, sums + 2 * SumLanes, sumVectors);
        }
    }

    /// <summary>Adds rows to one piece of the vectors.</summary>
    /// <param name="rows">The piece of the first group.</param>
    /// <param name="groupElements">Elements from one group to the next.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="coefficients">c_rl at [r·vectors + l].</param>
    /// <param name="vectors">Number of vectors, a multiple of four.</param>
    /// <param name="y">The piece of y_0.</param>
    /// <param name="vectorStride">From one vector to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(T* rows, nint groupElements, int groups, double* coefficients, int vectors, double* y, nint vectorStride)
    {
        for (int i = 0; i < Piece; i += 2 * TLanes.Count)
        {
            int l = 0;
            if (TLanes.ManyRegisters)
            {
                for (; l <= vectors - 8; l += 8)
                {
                    Accumulate<SmallCount.Eight>(rows + i, groupElements, groups, coefficients + l, vectors, y + l * vectorStride + i, vectorStride);
                }
            }

            for (; l < vectors; l += 4)
            {
                Accumulate<SmallCount.Four>(rows + i, groupElements, groups, coefficients + l, vectors, y + l * vectorStride + i, vectorStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Project<TVectors>(T* rows, double* x, int length, double* sums, nint sumVectors)
        where TVectors : struct, ISmallCount
    {
        V s00 = default, s01 = default, s02 = default, s03 = default;
        V s10 = default, s11 = default, s12 = default, s13 = default;
        V s20 = default, s21 = default, s22 = default, s23 = default;
        V s30 = default, s31 = default, s32 = default, s33 = default;
        double* x0 = x, x1 = x + length, x2 = x + 2 * length, x3 = x + 3 * length;
        for (; length > 0; length -= Piece)
        {
            for (int j = 0; j < Piece; j += TLanes.Count)
            {
                V r0 = TLanes.Widen(rows + j), r1 = TLanes.Widen(rows + Piece + j), r2 = TLanes.Widen(rows + 2 * Piece + j), r3 = TLanes.Widen(rows + 3 * Piece + j);
                V input = TLanes.Load(x0 + j);
                s00 = TLanes.MultiplyAdd(r0, input, s00);
                s10 = TLanes.MultiplyAdd(r1, input, s10);
                s20 = TLanes.MultiplyAdd(r2, input, s20);
                s30 = TLanes.MultiplyAdd(r3, input, s30);
                input = TLanes.Load(x1 + j);
                s01 = TLanes.MultiplyAdd(r0, input, s01);
                s11 = TLanes.MultiplyAdd(r1, input, s11);
                s21 = TLanes.MultiplyAdd(r2, input, s21);
                s31 = TLanes.MultiplyAdd(r3, input, s31);
                if (TVectors.Value > 2)
                {
                    input = TLanes.Load(x2 + j);
                    s02 = TLanes.MultiplyAdd(r0, input, s02);
                    s12 = TLanes.MultiplyAdd(r1, input, s12);
                    s22 = TLanes.MultiplyAdd(r2, input, s22);
                    s32 = TLanes.MultiplyAdd(r3, input, s32);
                    input = TLanes.Load(x3 + j);
                    s03 = TLanes.MultiplyAdd(r0, input, s03);
                    s13 = TLanes.MultiplyAdd(r1, input, s13);
                    s23 = TLanes.MultiplyAdd(r2, input, s23);
                    s33 = TLanes.MultiplyAdd(r3, input, s33);
                }
            }

            rows += RowLayout.PieceElements;
            x0 += Piece;
            x1 += Piece;
            x2 += Piece;
            x3 += Piece;
        }

        nint next = sumVectors * SumLanes;
        AddTo<TVectors>(sums, s00, s01, s02, s03);
        AddTo<TVectors>(sums + next, s10, s11, s12, s13);
        AddTo<TVectors>(sums + 2 * next, s20, s21, s22, s23);
        AddTo<TVectors>(sums + 3 * next, s30, s31, s32, s33);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo<TVectors>(double* sums, V s0, V s1, V s2, V s3)
        where TVectors : struct, ISmallCount
    {
        V one = TLanes.Broadcast(1);
        TLanes.Store(TLanes.MultiplyAdd(s0, one, TLanes.Load(sums)), sums);
        TLanes.Store(TLanes.MultiplyAdd(s1, one, TLanes.Load(sums + SumLanes)), sums + SumLanes);
        if (TVectors.Value > 2)
        {
            TLanes.Store(TLanes.MultiplyAdd(s2, one, TLanes.Load(sums + 2 * SumLanes)), sums + 2 * SumLanes);
            TLanes.Store(TLanes.MultiplyAdd(s3, one, TLanes.Load(sums + 3 * SumLanes)), sums + 3 * SumLanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate<TVectors>(
        T* rows, nint groupElements, int groups, double* coefficients, int vectors, double* y, nint vectorStride)
        where TVectors : struct, ISmallCount
    {
        double* y0 = y, y1 = y0 + vectorStride, y2 = y1 + vectorStride, y3 = y2 + vectorStride;
        double* y4 = y3 + vectorStride, y5 = y4 + vectorStride, y6 = y5 + vectorStride, y7 = y6 + vectorStride;
        V a0 = TLanes.Load(y0), a1 = TLanes.Load(y1), a2 = TLanes.Load(y2), a3 = TLanes.Load(y3);
        V b0 = TLanes.Load(y0 + TLanes.Count), b1 = TLanes.Load(y1 + TLanes.Count);
        V b2 = TLanes.Load(y2 + TLanes.Count), b3 = TLanes.Load(y3 + TLanes.Count);
        V a4 = default, a5 = default, a6 = default, a7 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        if (TVectors.Value > 4)
        {
            (a4, a5, a6, a7) = (TLanes.Load(y4), TLanes.Load(y5), TLanes.Load(y6), TLanes.Load(y7));
            (b4, b5) = (TLanes.Load(y4 + TLanes.Count), TLanes.Load(y5 + TLanes.Count));
            (b6, b7) = (TLanes.Load(y6 + TLanes.Count), TLanes.Load(y7 + TLanes.Count));
        }

        for (; groups > 0; groups--)
        {
            for (T* row = rows; row < rows + RowLayout.PieceElements; row += Piece)
            {
                V left = TLanes.Widen(row), right = TLanes.Widen(row + TLanes.Count);
                TLanes.Prefetch(row + RowLayout.PieceElements);
                V c = TLanes.Broadcast(coefficients[0]);
                a0 = TLanes.MultiplyAdd(left, c, a0);
                b0 = TLanes.MultiplyAdd(right, c, b0);
                c = TLanes.Broadcast(coefficients[1]);
                a1 = TLanes.MultiplyAdd(left, c, a1);
                b1 = TLanes.MultiplyAdd(right, c, b1);
                c = TLanes.Broadcast(coefficients[2]);
                a2 = TLanes.MultiplyAdd(left, c, a2);
                b2 = TLanes.MultiplyAdd(right, c, b2);
                c = TLanes.Broadcast(coefficients[3]);
                a3 = TLanes.MultiplyAdd(left, c, a3);
                b3 = TLanes.MultiplyAdd(right, c, b3);
                if (TVectors.Value > 4)
                {
                    c = TLanes.Broadcast(coefficients[4]);
                    a4 = TLanes.MultiplyAdd(left, c, a4);
                    b4 = TLanes.MultiplyAdd(right, c, b4);
                    c = TLanes.Broadcast(coefficients[5]);
                    a5 = TLanes.MultiplyAdd(left, c, a5);
                    b5 = TLanes.MultiplyAdd(right, c, b5);
                    c = TLanes.Broadcast(coefficients[6]);
                    a6 = TLanes.MultiplyAdd(left, c, a6);
                    b6 = TLanes.MultiplyAdd(right, c, b6);
                    c = TLanes.Broadcast(coefficients[7]);
                    a7 = TLanes.MultiplyAdd(left, c, a7);
                    b7 = TLanes.MultiplyAdd(right, c, b7);
                }

                coefficients += vectors;
            }

            rows += groupElements;
        }

        Store(y0, a0, b0);
        Store(y1, a1, b1);
        Store(y2, a2, b2);
        Store(y3, a3, b3);
        if (TVectors.Value > 4)
        {
            Store(y4, a4, b4);
            Store(y5, a5, b5);
            Store(y6, a6, b6);
            Store(y7, a7, b7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(double* target, V left, V right)
    {
        TLanes.Store(left, target);
        TLanes.Store(right, target + TLanes.Count);
    }
}
