using System.Numerics;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Bench;

internal static class RandomMatrix
{
    /// <summary>Numbers that are uniform in [−1, 1), times a scale.</summary>
    public static Matrix<T> Create<T>(int rows, int columns, double scale = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(rows + columns);
        var matrix = new Matrix<T>(rows, columns);
        for (int i = 0; i < rows; i++)
        {
            foreach (ref T x in matrix.Row(i))
            {
                x = T.CreateTruncating(scale * (2 * random.NextDouble() - 1));
            }
        }

        return matrix;
    }
}
