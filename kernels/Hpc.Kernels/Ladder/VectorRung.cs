using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using ILGPU;

namespace Hpc.Kernels.Ladder;

/// <summary>
/// <see cref="RegisterRung"/> with every load of device and shared memory a quad; still two barriers a stage and no load ahead.
/// </summary>
internal static class VectorRung
{
    public static void Run<T, TBlocks, TRegisters>(DeviceView<T> left, DeviceView<T> right, DeviceView<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T>
    {
        int pitch = TBlocks.Edge / 4 + 1, half = TBlocks.Edge / 8, thread = Group.IdxX, stage = TBlocks.Depth * (TBlocks.Edge + 4);
        ArrayView<T> shared = SharedMemory.Allocate<T>(2 * TBlocks.Depth * (TBlocks.Edge + 4));
        ArrayView<Four<T>> quads = shared.Cast<Four<T>>();
        int row = Grid.IdxY * TBlocks.Edge, column = Grid.IdxX * TBlocks.Edge;
        int y = TileLoop.ThreadRow<T, TBlocks, TRegisters>(thread), x = TileLoop.ThreadColumn<T, TBlocks, TRegisters>(thread);
        TRegisters sums = default;
        for (int depth = 0; depth < left.Columns; depth += TBlocks.Depth)
        {
            AlongRows.Put<T, TBlocks>(shared, 0, AlongRows.Load<T, TBlocks>(left, row, depth, thread), thread);
            AlongRows.Put<T, TBlocks>(shared, stage, AlongRows.Load<T, TBlocks>(right, column, depth, thread), thread);
            Group.Barrier();
            for (int k = 0; k < TBlocks.Depth; k++)
            {
                sums.Accumulate(quads, k * pitch + y, stage / 4 + k * pitch + x, half);
            }

            Group.Barrier();
        }

        sums.Store<Linear<T>>(result, T.One, T.Zero, row + 4 * y, column + 4 * x, half);
    }
}
