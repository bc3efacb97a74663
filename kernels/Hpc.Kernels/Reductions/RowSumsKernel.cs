using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using ILGPU;

namespace Hpc.Kernels.Reductions;

/// <summary>
/// sums[i, 0] ← β·sums[i, 0] + α·Σ_j f(x[i, j]): losses of samples from their residuals, averages of Hermite coefficients.
/// </summary>
/// <remarks>
/// One group a row: each thread adds every GroupSize-th element, then <see cref="GroupSum"/> adds up the threads. mn elements read.
/// </remarks>
internal static class RowSumsKernel
{
    public static void Run<T, TBlocks, TSummand>(DeviceView<T> x, DeviceView<T> sums, T alpha, T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TSummand : struct, ISummand
    {
        int row = Grid.IdxX, thread = Group.IdxX;
        T sum = T.Zero;
        for (int j = thread; j < x.Columns; j += TBlocks.GroupSize)
        {
            sum += TSummand.Of(x.Get(row, j));
        }

        T total = alpha * GroupSum.Of<T, TBlocks>(sum);
        if (thread == 0)
        {
            if (beta != T.Zero)
            {
                total = T.FusedMultiplyAdd(beta, sums.Get(row, 0), total);
            }

            sums.Set(row, 0, total);
        }
    }
}
