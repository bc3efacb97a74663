using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Memory;

/// <summary>A row-major matrix in device memory, rows padded with zeros to a multiple of four elements.</summary>
/// <remarks>
/// Copies go through native memory: ILGPU takes the address of what it copies and does not pin it, so that a managed array would be
/// written where it was before a collection moved it.
/// </remarks>
internal sealed class DeviceMatrix<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int StagingElements = 1 << 20;

    private readonly MemoryBuffer1D<T, Stride1D.Dense> buffer;

    /// <summary>Allocates a matrix of zeros.</summary>
    public DeviceMatrix(Accelerator accelerator, int rows, int columns)
    {
        (Rows, Columns, Stride) = (rows, columns, StrideOf(columns));
        buffer = accelerator.Allocate1D<T>(Math.Max(1, (long)rows * Stride));
        buffer.MemSetToZero();
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Stride { get; }

    public DeviceView<T> View => new(buffer.View.BaseView, 0, Rows, Columns, Stride);

    /// <summary>Memory that a matrix takes, in bytes.</summary>
    public static unsafe long BytesOf(int rows, int columns) => (long)rows * StrideOf(columns) * sizeof(T);

    /// <summary>The same memory read as a matrix of other dimensions; its contents are what kernels write there next.</summary>
    public DeviceView<T> Reshaped(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BytesOf(rows, columns), BytesOf(Rows, Columns));
        return new DeviceView<T>(buffer.View.BaseView, 0, rows, columns, StrideOf(columns));
    }

    /// <summary>Copies from the host, rounding to <typeparamref name="T"/>.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void Upload<TSource>(MatrixView<TSource> source)
        where TSource : unmanaged, IBinaryFloatingPointIeee754<TSource>
    {
        CheckShape(source.Rows, source.Columns);
        Upload(0, source);
    }

    /// <summary>Copies whole rows from the host, to rows first, first + 1, … of this.</summary>
    public unsafe void Upload<TSource>(int first, MatrixView<TSource> source)
        where TSource : unmanaged, IBinaryFloatingPointIeee754<TSource>
    {
        int block = BlockRows(source.Rows);
        using var staging = new Matrix<T>(block, Stride);
        for (int start = 0; start < source.Rows; start += block)
        {
            int count = Math.Min(block, source.Rows - start);
            for (int i = 0; i < count; i++)
            {
                if (source.ColumnStride == 1)
                {
                    TensorPrimitives.ConvertTruncating<TSource, T>(
                        new ReadOnlySpan<TSource>(source.Pointer + (start + i) * source.RowStride, Columns), staging.Row(i));
                    continue;
                }

                for (int j = 0; j < Columns; j++)
                {
                    staging[i, j] = T.CreateTruncating(source[start + i, j]);
                }
            }

            Part(first + start, count).CopyFromCPU(ref staging[0, 0], (long)count * Stride);
        }
    }

    /// <summary>Copies to the host once everything before it has run.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void Download<TTarget>(MatrixView<TTarget> target)
        where TTarget : unmanaged, IBinaryFloatingPointIeee754<TTarget>
    {
        CheckShape(target.Rows, target.Columns);
        Download(View, target);
    }

    /// <summary>Copies a part of this, rows of the same length or as <see cref="Reshaped"/>, to the host.</summary>
    public unsafe void Download<TTarget>(DeviceView<T> part, MatrixView<TTarget> target)
        where TTarget : unmanaged, IBinaryFloatingPointIeee754<TTarget>
    {
        int block = Math.Max(1, Math.Min(target.Rows, StagingElements / part.Stride));
        using var staging = new Matrix<T>(block, part.Stride);
        for (int first = 0; first < target.Rows; first += block)
        {
            int count = Math.Min(block, target.Rows - first);
            part.Data.SubView((long)(part.FirstRow + first) * part.Stride, (long)count * part.Stride).CopyToCPU(ref staging[0, 0], (long)count * part.Stride);
            for (int i = 0; i < count; i++)
            {
                if (target.ColumnStride == 1)
                {
                    TensorPrimitives.ConvertTruncating<T, TTarget>(
                        staging.Row(i)[..target.Columns], new Span<TTarget>(target.Pointer + (first + i) * target.RowStride, target.Columns));
                    continue;
                }

                for (int j = 0; j < target.Columns; j++)
                {
                    target[first + i, j] = TTarget.CreateTruncating(staging[i, j]);
                }
            }
        }
    }

    /// <summary>The elements of a matrix with one column, in double precision.</summary>
    public double[] ToArray()
    {
        using var host = new Matrix<double>(Rows, 1);
        Download(host.View);
        return host.Span.ToArray();
    }

    public void Clear() => buffer.MemSetToZero();

    public void Dispose() => buffer.Dispose();

    private int BlockRows(int rows) => Math.Max(1, Math.Min(rows, StagingElements / Stride));

    private ArrayView<T> Part(int first, int count) => buffer.View.SubView((long)first * Stride, (long)count * Stride).BaseView;

    private static int StrideOf(int columns) => (Math.Max(columns, 1) + 3) / 4 * 4;

    private void CheckShape(int rows, int columns)
    {
        if (rows != Rows || columns != Columns)
        {
            throw new ArgumentException(
                $"The matrix on the device is {Rows}×{Columns} and the one on the host {rows}×{columns}: they must be equal.");
        }
    }
}
