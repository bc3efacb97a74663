using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Ladder;

/// <summary>
/// C = A·Bᵀ, one thread an element, tiles of 16×16 of both factors in shared memory: 2 elements read from shared memory for each
/// multiply-add, 1/8 from device memory. The 17th column keeps the lanes of a warp on different banks.
/// </summary>
internal static class SharedRung
{
    public const int Edge = 16;

    public static void Run<T>(DeviceView<T> left, DeviceView<T> right, DeviceView<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArrayView<T> leftTile = SharedMemory.Allocate<T>(Edge * (Edge + 1)), rightTile = SharedMemory.Allocate<T>(Edge * (Edge + 1));
        int y = Group.IdxX / Edge, x = Group.IdxX % Edge;
        int row = Grid.IdxY * Edge + y, column = Grid.IdxX * Edge + x, source = Grid.IdxX * Edge + y;
        T sum = T.Zero;
        for (int depth = 0; depth < left.Columns; depth += Edge)
        {
            bool inside = depth + x < left.Columns;
            leftTile[y * (Edge + 1) + x] = inside && row < left.Rows ? left.Get(row, depth + x) : T.Zero;
            rightTile[y * (Edge + 1) + x] = inside && source < right.Rows ? right.Get(source, depth + x) : T.Zero;
            Group.Barrier();
            for (int k = 0; k < Edge; k++)
            {
                sum = T.FusedMultiplyAdd(leftTile[y * (Edge + 1) + k], rightTile[x * (Edge + 1) + k], sum);
            }

            Group.Barrier();
        }

        if (row < result.Rows && column < result.Columns)
        {
            result.Set(row, column, sum);
        }
    }
}
