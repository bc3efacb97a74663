using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>A symmetric matrix that is known by its products with blocks of vectors.</summary>
public interface ISymmetricOperator
{
    /// <summary>Number of rows of vectors that are held here: all n, or this process's share of them.</summary>
    int Dimension { get; }

    /// <summary>How the rows of vectors are divided among processes; products and sums over rows are then collective.</summary>
    RowShare Share => RowShare.Whole(Dimension);

    /// <summary>Bytes that the operator holds, with its workspaces.</summary>
    long MemoryBytes { get; }

    /// <summary>Floating-point operations of one product with a block.</summary>
    /// <param name="vectors">Columns of the block.</param>
    double Flops(int vectors);

    /// <summary>Y = A X.</summary>
    /// <param name="x">n×k; the methods of this namespace give views whose columns are contiguous.</param>
    /// <param name="y">n×k, overwritten, must not overlap X.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    void Apply(MatrixView<double> x, MatrixView<double> y);

    /// <summary>x_lᵀ A x_l for the columns of a block; operators that are symmetric by construction need half the work of a product.</summary>
    /// <param name="x">n×k, columns contiguous.</param>
    /// <param name="forms">k numbers, overwritten.</param>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        const int BlockVectors = 256;
        using var images = new Matrix<double>(Math.Min(BlockVectors, Math.Max(1, x.Columns)), Dimension);
        for (int first = 0; first < x.Columns; first += images.Rows)
        {
            int count = Math.Min(images.Rows, x.Columns - first);
            MatrixView<double> part = x.Slice(0, first, x.Rows, count);
            Apply(part, images.View.Slice(0, 0, count, Dimension).Transposed);
            for (int l = 0; l < count; l++)
            {
                forms[first + l] = TensorPrimitives.Dot<double>(Column(part, l), images.Row(l));
            }
        }

        Share.Sum(forms);
    }

    /// <summary>Memory for vectors of a Krylov space where products are made; null where that is the memory of the processor.</summary>
    /// <param name="capacity">Number of vectors.</param>
    IKrylovVectors? KeepVectors(int capacity) => null;

    private static unsafe ReadOnlySpan<double> Column(MatrixView<double> x, int column) =>
        new(x.Pointer + column * x.ColumnStride, x.Rows);
}
