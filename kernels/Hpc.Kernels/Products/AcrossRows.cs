using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>The sum runs from row to row of the factor, so that a quad holds one term of four sums.</summary>
internal readonly struct AcrossRows : IOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DepthOf<T>(DeviceView<T> factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => factor.Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<T> Load<T, TBlocks>(DeviceView<T> factor, int outer, int depth, int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes =>
        factor.GetQuad(depth + thread / (TBlocks.Edge / 4), outer + thread % (TBlocks.Edge / 4) * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T, TBlocks>(ArrayView<T> shared, int start, Four<T> quad, int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes =>
        shared.Cast<Four<T>>()[start / 4 + thread / (TBlocks.Edge / 4) * (TBlocks.Edge / 4 + 1) + thread % (TBlocks.Edge / 4)] = quad;
}
