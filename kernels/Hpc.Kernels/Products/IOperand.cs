using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>How a factor lies in memory, seen from the sum: along its rows or across them.</summary>
internal interface IOperand
{
    /// <summary>Length of the sum and number of elements across it.</summary>
    static abstract int DepthOf<T>(DeviceView<T> factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>
    /// Thread <paramref name="thread"/>'s quad of the group's tile that starts at (<paramref name="outer"/>, <paramref name="depth"/>).
    /// </summary>
    static abstract Four<T> Load<T, TBlocks>(DeviceView<T> factor, int outer, int depth, int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes;

    /// <summary>Puts the quad into shared memory, where element (outer, depth) is at start + depth·(Edge + 4) + outer.</summary>
    static abstract void Put<T, TBlocks>(ArrayView<T> shared, int start, Four<T> quad, int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes;
}
