using System.Runtime.CompilerServices;

namespace Hpc.Diffusion.Kernels;

/// <summary>
/// s_r = φ_r·x and y ← y + Σ_r c_r φ_r for the eight rows of a group of <see cref="InterleavedRows{T}"/> and one vector.
/// </summary>
/// <remarks>
/// The first half waits for memory, the second reads the same rows from the level-2 cache. One loop for both, a group apart, was slower
/// than two (15 against 7 cycles for 4×8 elements in the cache); asking in the second for the whole next group was too, while a quarter of it
/// keeps memory busy (5.1 against 5.7 ms for 144 MB on a Zen 5 that reads them in 3.9 ms).
/// </remarks>
internal static unsafe class OneVector<T, V, TLanes>
    where T : unmanaged
    where V : struct
    where TLanes : IFeatureLanes<T, V>
{
    private const int Piece = RowLayout.PieceLength;

    /// <param name="rows">The group.</param>
    /// <param name="pieces">Pieces of a row.</param>
    /// <param name="x">The vector, zeros behind its end.</param>
    /// <param name="sums">Receives s_r of eight rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Project(T* rows, int pieces, double* x, double* sums)
    {
        V s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (; pieces > 0; pieces--)
        {
            for (int i = 0; i < Piece; i += TLanes.Count)
            {
                V input = TLanes.Load(x + i);
                s0 = TLanes.MultiplyAdd(TLanes.Widen(rows + i), input, s0);
                s1 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + Piece), input, s1);
                s2 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 2 * Piece), input, s2);
                s3 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 3 * Piece), input, s3);
                s4 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 4 * Piece), input, s4);
                s5 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 5 * Piece), input, s5);
                s6 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 6 * Piece), input, s6);
                s7 = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 7 * Piece), input, s7);
            }

            rows += RowLayout.PieceElements;
            x += Piece;
        }

        (sums[0], sums[1], sums[2], sums[3]) = (TLanes.Sum(s0), TLanes.Sum(s1), TLanes.Sum(s2), TLanes.Sum(s3));
        (sums[4], sums[5], sums[6], sums[7]) = (TLanes.Sum(s4), TLanes.Sum(s5), TLanes.Sum(s6), TLanes.Sum(s7));
    }

    /// <param name="rows">The group.</param>
    /// <param name="pieces">Pieces of a row.</param>
    /// <param name="coefficients">c_r of eight rows.</param>
    /// <param name="y">The vector, with room for whole pieces.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate(T* rows, int pieces, double* coefficients, double* y)
    {
        V c0 = TLanes.Broadcast(coefficients[0]), c1 = TLanes.Broadcast(coefficients[1]), c2 = TLanes.Broadcast(coefficients[2]);
        V c3 = TLanes.Broadcast(coefficients[3]), c4 = TLanes.Broadcast(coefficients[4]), c5 = TLanes.Broadcast(coefficients[5]);
        V c6 = TLanes.Broadcast(coefficients[6]), c7 = TLanes.Broadcast(coefficients[7]);
        T* next = rows + (nint)pieces * RowLayout.PieceElements;
        for (; pieces > 0; pieces--)
        {
            for (int i = 0; i < RowLayout.PieceElements / 4; i += RowLayout.LineBytes / sizeof(T))
            {
                TLanes.Prefetch(next + i);
            }

            for (int i = 0; i < Piece; i += TLanes.Count)
            {
                V sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i), c0, TLanes.Load(y + i));
                sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i + Piece), c1, sum);
                sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 2 * Piece), c2, sum);
                sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 3 * Piece), c3, sum);
                sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 4 * Piece), c4, sum);
                sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 5 * Piece), c5, sum);
                sum = TLanes.MultiplyAdd(TLanes.Widen(rows + i + 6 * Piece), c6, sum);
                TLanes.Store(TLanes.MultiplyAdd(TLanes.Widen(rows + i + 7 * Piece), c7, sum), y + i);
            }

            rows += RowLayout.PieceElements;
            next += RowLayout.PieceElements / 4;
            y += Piece;
        }
    }
}
