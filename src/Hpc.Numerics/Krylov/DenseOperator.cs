using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>A symmetric matrix in memory as an operator.</summary>
/// <param name="matrix">n×n, both triangles filled; used and not owned.</param>
/// <param name="team">Threads that share the products.</param>
public sealed class DenseOperator(Matrix<double> matrix, ThreadTeam team) : ISymmetricOperator
{
    private static readonly Kernel Product = Kernel.Of<double>("dense-operator");

    public int Dimension { get; } = matrix.Rows == matrix.Columns
        ? matrix.Rows
        : throw new ArgumentException($"The matrix is {matrix.Rows}×{matrix.Columns}; a symmetric operator needs a square one.",
            nameof(matrix));

    public long MemoryBytes => sizeof(double) * matrix.Length;

    public double Flops(int vectors) => 2.0 * Dimension * Dimension * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using KernelScope scope = Product.Enter(Flops(x.Columns), MemoryBytes + 2.0 * sizeof(double) * Dimension * x.Columns);
        Gemm.Multiply(team, 1, matrix.View, x, 0, y);
    }
}
