using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Hpc.Kernels.Memory;

/// <summary>
/// A matrix in device memory as kernels see it: element (i, j) is at <c>Data[(FirstRow + i) * Stride + j]</c>. The stride is a multiple of
/// 4 and the padding behind the last column is zero, so that every quad that starts inside a row can be loaded whole. A range of rows
/// keeps the data and moves the first row: of a view that starts elsewhere ILGPU no longer knows that its quads are aligned.
/// </summary>
internal readonly struct DeviceView<T>(ArrayView<T> data, int firstRow, int rows, int columns, int stride)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public readonly ArrayView<T> Data = data;
    public readonly int FirstRow = firstRow;
    public readonly int Rows = rows;
    public readonly int Columns = columns;
    public readonly int Stride = stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Get(int row, int column) => Data[(long)(FirstRow + row) * Stride + column];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int row, int column, T value) => Data[(long)(FirstRow + row) * Stride + column] = value;

    /// <summary>The elements from the first row on, for the host.</summary>
    public ArrayView<T> Elements => Data.SubView((long)FirstRow * Stride, (long)Rows * Stride);

    /// <summary>Rows first … first + count − 1 as a matrix of their own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DeviceView<T> RowRange(int first, int count) => new(Data, FirstRow + first, count, Columns, Stride);

    /// <summary>Elements (row, column … column + 3); zeros outside the matrix. <paramref name="column"/> is a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Four<T> GetQuad(int row, int column)
    {
        Four<T> quad = default;
        if (row < Rows && column < Columns)
        {
            quad = Data.Cast<Four<T>>()[((long)(FirstRow + row) * Stride + column) / 4];
        }

        return quad;
    }

    /// <summary>Writes the part of a quad that lies inside the matrix and leaves the padding zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetQuad(int row, int column, Four<T> quad)
    {
        if (row >= Rows || column >= Columns)
        {
            return;
        }

        quad.Y = column + 1 < Columns ? quad.Y : T.Zero;
        quad.Z = column + 2 < Columns ? quad.Z : T.Zero;
        quad.W = column + 3 < Columns ? quad.W : T.Zero;
        Data.Cast<Four<T>>()[((long)(FirstRow + row) * Stride + column) / 4] = quad;
    }
}
