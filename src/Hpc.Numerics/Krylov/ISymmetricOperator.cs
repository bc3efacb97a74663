using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>A symmetric matrix that is known by its products with blocks of vectors.</summary>
public interface ISymmetricOperator
{
    /// <summary>Number of rows and columns, n.</summary>
    int Dimension { get; }

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
}
