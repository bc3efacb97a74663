using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Σ_i w_i A_i of operators of one dimension.</summary>
/// <param name="terms">w_i and A_i, at least one.</param>
public sealed class SumOperator(IReadOnlyList<(double Weight, ISymmetricOperator Operator)> terms) : ISymmetricOperator
{
    public int Dimension => terms[0].Operator.Dimension;

    public RowShare Share => terms[0].Operator.Share;

    public IKrylovVectors? KeepVectors(int capacity) => terms[0].Operator.KeepVectors(capacity);

    public long MemoryBytes => terms.Sum(t => t.Operator.MemoryBytes);

    public double Flops(int vectors) => terms.Sum(t => t.Operator.Flops(vectors)) + 2.0 * terms.Count * Dimension * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using Matrix<double> part = new(x.Columns, Dimension), sum = new(x.Columns, Dimension);
        foreach ((double weight, ISymmetricOperator term) in terms)
        {
            term.Apply(x, part.Transposed);
            for (int l = 0; l < x.Columns; l++)
            {
                TensorPrimitives.MultiplyAdd(part.Row(l), weight, sum.Row(l), sum.Row(l));
            }
        }

        MatrixCopy.Copy(sum.View, y.Transposed);
    }

    public void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        double[] part = new double[forms.Length];
        forms.Clear();
        foreach ((double weight, ISymmetricOperator term) in terms)
        {
            term.QuadraticForms(x, part);
            TensorPrimitives.MultiplyAdd(part, weight, forms, forms);
        }
    }
}
