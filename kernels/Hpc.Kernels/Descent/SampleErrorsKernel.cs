using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using Hpc.Kernels.Reductions;
using ILGPU;

namespace Hpc.Kernels.Descent;

/// <summary>
/// ‖√Δ s + ξ‖²/N and ‖s − e‖²/N of each sample, for scores s, noise ξ and exact scores e (theory.md section 1): what losses and score errors
/// are averages of.
/// </summary>
/// <remarks>
/// One group a row, each thread every GroupSize-th element, then <see cref="GroupSum"/> twice, whose shared memory it takes. For n×N: 6nN
/// operations, 3nN elements read, 2n written.
/// </remarks>
internal static class SampleErrorsKernel
{
    /// <param name="scores">s, n×N.</param>
    /// <param name="noise">ξ, n×N.</param>
    /// <param name="exact">e, n×N.</param>
    /// <param name="errors">Receives the two numbers of every sample, n×2.</param>
    /// <param name="amplitude">√Δ.</param>
    /// <param name="scale">1/N.</param>
    public static void Run<T, TBlocks>(
        DeviceView<T> scores, DeviceView<T> noise, DeviceView<T> exact, DeviceView<T> errors, T amplitude, T scale)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
    {
        int row = Grid.IdxX, thread = Group.IdxX;
        T loss = T.Zero, error = T.Zero;
        for (int j = thread; j < scores.Columns; j += TBlocks.GroupSize)
        {
            T score = scores.Get(row, j);
            T residual = T.FusedMultiplyAdd(amplitude, score, noise.Get(row, j)), difference = score - exact.Get(row, j);
            loss = T.FusedMultiplyAdd(residual, residual, loss);
            error = T.FusedMultiplyAdd(difference, difference, error);
        }

        T losses = GroupSum.Of<T, TBlocks>(loss), distances = GroupSum.Of<T, TBlocks>(error);
        if (thread == 0)
        {
            errors.Set(row, 0, scale * losses);
            errors.Set(row, 1, scale * distances);
        }
    }
}
