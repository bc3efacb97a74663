using System.Numerics;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Completes a symmetric matrix of which one triangle is known.</summary>
/// <remarks>One instance per thread that starts products, so that the delegate is made once.</remarks>
internal sealed unsafe class SymmetricMirror<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // 32 × 32 elements and their mirror image (8 KB each in double) fit a level-1 cache.
    private const int Block = 32;

    [ThreadStatic]
    private static SymmetricMirror<T>? current;

    private readonly Action<int> copy;
    private MatrixView<T> matrix;

    private SymmetricMirror() => copy = CopyBlockRow;

    public static void CopyLowerToUpper(ThreadTeam team, MatrixView<T> matrix)
    {
        SymmetricMirror<T> mirror = current ??= new SymmetricMirror<T>();
        mirror.matrix = matrix;
        int blocks = (matrix.Rows + Block - 1) / Block;
        if (blocks <= 4)
        {
            for (int i = 0; i < blocks; i++)
            {
                mirror.CopyBlockRow(i);
            }
        }
        else
        {
            team.For(blocks, mirror.copy);
        }
    }

    /// <summary>Fills the columns of the upper triangle that mirror one row of blocks of the lower one.</summary>
    private void CopyBlockRow(int blockRow)
    {
        int firstRow = blockRow * Block;
        int endRow = Math.Min(firstRow + Block, matrix.Rows);
        for (int firstColumn = 0; firstColumn < endRow; firstColumn += Block)
        {
            int endColumn = Math.Min(firstColumn + Block, endRow);
            for (int column = firstColumn; column < endColumn; column++)
            {
                for (int row = Math.Max(firstRow, column + 1); row < endRow; row++)
                {
                    matrix[column, row] = matrix[row, column];
                }
            }
        }
    }
}
