using System.Numerics.Tensors;
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

    // With more vectors the packing of a blocked product costs less than reading a row from the cache for each of them.
    private const int FewVectors = 8;

    private const int PartRows = 64;

    public int Dimension { get; } = matrix.Rows == matrix.Columns
        ? matrix.Rows
        : throw new ArgumentException($"The matrix is {matrix.Rows}×{matrix.Columns}; a symmetric operator needs a square one.",
            nameof(matrix));

    public long MemoryBytes => sizeof(double) * matrix.Length;

    public double Flops(int vectors) => 2.0 * Dimension * Dimension * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using KernelScope scope = Product.Enter(Flops(x.Columns), MemoryBytes + 2.0 * sizeof(double) * Dimension * x.Columns);
        if (x.Columns > FewVectors)
        {
            Gemm.Multiply(team, 1, matrix.View, x, 0, y);
            return;
        }

        using Matrix<double> input = new(x.Columns, Dimension);
        MatrixCopy.Copy(x.Transposed, input.View);
        team.For((Dimension + PartRows - 1) / PartRows, part =>
        {
            int end = Math.Min((part + 1) * PartRows, Dimension);
            for (int i = part * PartRows; i < end; i++)
            {
                for (int l = 0; l < x.Columns; l++)
                {
                    y[i, l] = TensorPrimitives.Dot<double>(matrix.Row(i), input.Row(l));
                }
            }
        });
    }
}
