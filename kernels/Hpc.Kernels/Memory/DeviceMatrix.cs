using System.Numerics;
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
        int block = BlockRows;
        using var staging = new Matrix<T>(Math.Min(block, Rows), Stride);
        for (int first = 0; first < Rows; first += block)
        {
            int count = Math.Min(block, Rows - first);
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < Columns; j++)
                {
                    staging[i, j] = T.CreateTruncating(source[first + i, j]);
                }
            }

            buffer.View.SubView((long)first * Stride, (long)count * Stride).BaseView.CopyFromCPU(ref staging[0, 0], (long)count * Stride);
        }
    }

    /// <summary>Copies to the host once everything before it has run.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void Download<TTarget>(MatrixView<TTarget> target)
        where TTarget : unmanaged, IBinaryFloatingPointIeee754<TTarget>
    {
        CheckShape(target.Rows, target.Columns);
        int block = BlockRows;
        using var staging = new Matrix<T>(Math.Min(block, Rows), Stride);
        for (int first = 0; first < Rows; first += block)
        {
            int count = Math.Min(block, Rows - first);
            buffer.View.SubView((long)first * Stride, (long)count * Stride).BaseView.CopyToCPU(ref staging[0, 0], (long)count * Stride);
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < Columns; j++)
                {
                    target[first + i, j] = TTarget.CreateTruncating(staging[i, j]);
                }
            }
        }
    }

    public void Clear() => buffer.MemSetToZero();

    public void Dispose() => buffer.Dispose();

    private int BlockRows => Math.Max(1, StagingElements / Stride);

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
