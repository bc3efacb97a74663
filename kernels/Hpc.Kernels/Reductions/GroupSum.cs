using System.Numerics;
using Hpc.Kernels.Products;
using ILGPU;

namespace Hpc.Kernels.Reductions;

/// <summary>The sum over the threads of a group.</summary>
internal static class GroupSum
{
    /// <summary>
    /// A tree in shared memory of GroupSize elements halves the group log₂ times. Barriers only, so that it runs on every backend; the order of the
    /// sum is fixed. All threads of the group call it; the result is that of thread 0.
    /// </summary>
    /// <param name="value">What this thread adds.</param>
    public static T Of<T, TBlocks>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(TBlocks.GroupSize);
        int thread = Group.IdxX;
        shared[thread] = value;
        for (int width = TBlocks.GroupSize / 2; width > 0; width /= 2)
        {
            Group.Barrier();
            if (thread < width)
            {
                shared[thread] += shared[thread + width];
            }
        }

        return shared[0];
    }
}
