using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>
/// The sum runs along the rows of the factor, so that a quad holds four terms of one sum and is transposed into shared memory.
/// </summary>
internal readonly struct AlongRows : IOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DepthOf<T>(DeviceView<T> factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => factor.Columns;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<T> Load<T, TBlocks>(DeviceView<T> factor, int outer, int depth, int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes =>
        factor.GetQuad(outer + thread / (TBlocks.Depth / 4), depth + thread % (TBlocks.Depth / 4) * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T, TBlocks>(ArrayView<T> shared, int start, Four<T> quad, int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
    {
        int pitch = TBlocks.Edge + 4;
        int place = start + thread % (TBlocks.Depth / 4) * 4 * pitch + thread / (TBlocks.Depth / 4);
        shared[place] = quad.X;
        shared[place + pitch] = quad.Y;
        shared[place + 2 * pitch] = quad.Z;
        shared[place + 3 * pitch] = quad.W;
    }
}
