using System.Numerics;
using ILGPU;

namespace Hpc.Kernels.Memory;

/// <summary>Zeros behind the last column, which libraries leave as it was; one thread a row, at most three elements written.</summary>
internal static class ClearPaddingKernel
{
    public static void Run<T>(DeviceView<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int row = (int)Grid.GlobalLinearIndex;
        if (row >= matrix.Rows)
        {
            return;
        }

        for (int column = matrix.Columns; column < matrix.Stride; column++)
        {
            matrix.Set(row, column, T.Zero);
        }
    }
}
