using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Covariance;

/// <summary>Writes a column to the diagonal of a square matrix: E[φ²], which the Mehler series only approaches. One thread a row.</summary>
internal static class SetDiagonalKernel
{
    public static void Run<T>(DeviceView<T> column, DeviceView<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int row = Grid.GlobalIndex.X;
        if (row < matrix.Rows)
        {
            matrix.Set(row, row, column.Get(row, 0));
        }
    }
}
