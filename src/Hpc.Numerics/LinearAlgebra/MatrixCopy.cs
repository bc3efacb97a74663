using System.Numerics;

namespace Hpc.Numerics.LinearAlgebra;

/// <summary>Copies between views of any strides.</summary>
public static unsafe class MatrixCopy
{
    /// <summary>target ← source; rows or columns that are contiguous on both sides are copied whole.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Copy<T>(MatrixView<T> source, MatrixView<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (source.Rows != target.Rows || source.Columns != target.Columns)
        {
            throw new ArgumentException(
                $"A {source.Rows}×{source.Columns} matrix was to be copied to a {target.Rows}×{target.Columns} matrix: the shapes must agree.");
        }

        if (source.RowStride == 1 && target.RowStride == 1)
        {
            (source, target) = (source.Transposed, target.Transposed);
        }

        bool contiguous = source.ColumnStride == 1 && target.ColumnStride == 1;
        for (int i = 0; i < source.Rows; i++)
        {
            T* from = source.Pointer + i * source.RowStride, to = target.Pointer + i * target.RowStride;
            if (contiguous)
            {
                new ReadOnlySpan<T>(from, source.Columns).CopyTo(new Span<T>(to, target.Columns));
                continue;
            }

            for (int j = 0; j < source.Columns; j++)
            {
                to[j * target.ColumnStride] = from[j * source.ColumnStride];
            }
        }
    }
}
