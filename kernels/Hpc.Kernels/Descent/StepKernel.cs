using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Descent;

/// <summary>
/// (A, a) ← (A, a) + αG for a readout that is kept as the unevaluated sum of two numbers, |a| ≤ ulp(A)/2: in single precision it has 48 bits,
/// so that steps far below one ulp of A are not lost over millions of epochs (the two-sum of Knuth, The Art of Computer Programming 2, 4.2.2).
/// </summary>
/// <remarks>One thread an element, padding included: 8 operations, 3 elements read and 2 written.</remarks>
internal static class StepKernel
{
    /// <param name="high">A, P×N.</param>
    /// <param name="low">a, P×N.</param>
    /// <param name="gradient">G, P×N.</param>
    /// <param name="alpha">α.</param>
    public static void Run<T>(DeviceView<T> high, DeviceView<T> low, DeviceView<T> gradient, T alpha)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / high.Stride), column = (int)(index % high.Stride);
        if (row >= high.Rows)
        {
            return;
        }

        T before = high.Get(row, column), change = T.FusedMultiplyAdd(alpha, gradient.Get(row, column), low.Get(row, column));
        T sum = before + change, part = sum - before;
        high.Set(row, column, sum);
        low.Set(row, column, before - (sum - part) + (change - part));
    }
}
