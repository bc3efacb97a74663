using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hpc.Numerics.LinearAlgebra;

/// <summary>
/// Dense row-major matrix in 64-byte aligned native memory. Element (i, j) is at <c>Pointer[i * Columns + j]</c>.
/// </summary>
/// <remarks>
/// It has an owner that disposes it and no finalizer: a kernel holds only the pointer, and a collection in the middle of a
/// product must not free what it works on. Matrices larger than 2^31 elements are addressed by pointer and by row.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed unsafe class Matrix<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Alignment = 64;

    private T* pointer;

    /// <summary>Allocates a matrix of zeros.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="OutOfMemoryException">The machine has not enough memory.</exception>
    public Matrix(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Rows = rows;
        Columns = columns;
        nuint bytes = (nuint)rows * (nuint)columns * (nuint)sizeof(T);
        pointer = (T*)NativeMemory.AlignedAlloc(Math.Max(bytes, Alignment), Alignment);
        NativeMemory.Clear(pointer, bytes);
    }

    public int Rows { get; }

    public int Columns { get; }

    public long Length => (long)Rows * Columns;

    /// <summary>Address of element (0, 0), valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">The matrix was disposed.</exception>
    public T* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer == null, this);
            return pointer;
        }
    }

    public ref T this[int row, int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref pointer[(nint)row * Columns + column];
    }

    /// <summary>Row <paramref name="row"/> as a contiguous span of length <see cref="Columns"/>.</summary>
    public Span<T> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        return new Span<T>(Pointer + (nint)row * Columns, Columns);
    }

    /// <summary>All elements in row-major order.</summary>
    /// <exception cref="OverflowException">The matrix has more elements than a span can hold.</exception>
    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>The whole matrix as a view.</summary>
    public MatrixView<T> View => new(Pointer, Rows, Columns, Columns, 1);

    /// <summary>The transpose as a view of the same memory.</summary>
    public MatrixView<T> Transposed => View.Transposed;

    public Matrix<T> Clone()
    {
        var copy = new Matrix<T>(Rows, Columns);
        Buffer.MemoryCopy(Pointer, copy.Pointer, Length * sizeof(T), Length * sizeof(T));
        return copy;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(pointer);
        pointer = null;
    }
}

/// <summary>
/// A rectangle of matrix elements that belongs to somebody else: element (i, j) is at <c>Pointer[i * RowStride + j * ColumnStride]</c>.
/// Transposition swaps the strides and copies nothing.
/// </summary>
public readonly unsafe struct MatrixView<T>(T* pointer, int rows, int columns, nint rowStride, nint columnStride)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public T* Pointer { get; } = pointer;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public nint RowStride { get; } = rowStride;

    public nint ColumnStride { get; } = columnStride;

    public ref T this[int row, int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Pointer[row * RowStride + column * ColumnStride];
    }

    public MatrixView<T> Transposed => new(Pointer, Columns, Rows, ColumnStride, RowStride);

    /// <summary>The rectangle that starts at (<paramref name="row"/>, <paramref name="column"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle does not lie inside this view.</exception>
    public MatrixView<T> Slice(int row, int column, int rowCount, int columnCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        ArgumentOutOfRangeException.ThrowIfNegative(columnCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(row + rowCount, Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(column + columnCount, Columns);
        return new MatrixView<T>(Pointer + row * RowStride + column * ColumnStride, rowCount, columnCount, RowStride, ColumnStride);
    }
}
