using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Ladder;

/// <summary>
/// C = A·Bᵀ, one thread an element, everything from device memory: 2 elements read for each multiply-add.
/// </summary>
internal static class NaiveRung
{
    public const int Edge = 16;

    public static void Run<T>(DeviceView<T> left, DeviceView<T> right, DeviceView<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int row = Grid.IdxY * Edge + Group.IdxX / Edge, column = Grid.IdxX * Edge + Group.IdxX % Edge;
        if (row >= result.Rows || column >= result.Columns)
        {
            return;
        }

        T sum = T.Zero;
        for (int k = 0; k < left.Columns; k++)
        {
            sum = T.FusedMultiplyAdd(left.Get(row, k), right.Get(column, k), sum);
        }

        result.Set(row, column, sum);
    }
}
