using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using ILGPU;

namespace Hpc.Kernels.Covariance;

/// <summary>
/// rows[i] = T_i Σ_(j≠i) ρ_ij^(2k+2) T_j, whose sum is the square of the bound on what a Mehler series leaves out beyond order k.
/// </summary>
/// <remarks>
/// One group a row. P²(k + 3) operations, P² elements read.
/// </remarks>
internal static class RemainderKernel
{
    /// <param name="correlations">ρ, P×P.</param>
    /// <param name="tail">T, P×1.</param>
    /// <param name="rows">Receives the sums, P×1.</param>
    /// <param name="order">k.</param>
    public static void Run<T, TBlocks>(DeviceView<T> correlations, DeviceView<T> tail, DeviceView<T> rows, int order)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
    {
        int row = Grid.IdxX, thread = Group.IdxX;
        T sum = T.Zero;
        for (int j = thread; j < correlations.Columns; j += TBlocks.GroupSize)
        {
            T correlation = correlations.Get(row, j), square = j == row ? T.Zero : correlation * correlation, power = square;
            for (int k = 0; k < order; k++)
            {
                power *= square;
            }

            sum = T.FusedMultiplyAdd(power, tail.Get(j, 0), sum);
        }

        T total = GroupSum.Of<T, TBlocks>(sum);
        if (thread == 0)
        {
            rows.Set(row, 0, total * tail.Get(row, 0));
        }
    }
}
