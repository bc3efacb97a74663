using System.Numerics;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Tests.LinearAlgebra;

/// <summary>A view in row-major (0) or column-major (1) order inside a larger matrix whose other elements must stay as they are.</summary>
internal sealed class Strided<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Margin = 3;

    private readonly Matrix<T> storage;
    private readonly bool transposed;

    public Strided(int rows, int columns, int order)
    {
        transposed = order == 1;
        storage = transposed ? new Matrix<T>(columns + 2 * Margin, rows + 2 * Margin) : new Matrix<T>(rows + 2 * Margin, columns + 2 * Margin);
        storage.Span.Fill(T.NaN);
        MatrixView<T> inner = storage.View.Slice(Margin, Margin, storage.Rows - 2 * Margin, storage.Columns - 2 * Margin);
        View = transposed ? inner.Transposed : inner;
    }

    public MatrixView<T> View { get; }

    public void AssertNothingElseWritten()
    {
        int rows = storage.Rows;
        int columns = storage.Columns;
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                bool outside = i < Margin || j < Margin || i >= rows - Margin || j >= columns - Margin;
                Assert.True(T.IsNaN(storage[i, j]) == outside);
            }
        }
    }

    public void Dispose() => storage.Dispose();
}
