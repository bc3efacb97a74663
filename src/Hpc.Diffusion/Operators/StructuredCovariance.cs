using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// A covariance of Gaussian-equivalent form: what the samples fix, plus terms of rank N and diagonals (theory.md section 3). A product
/// costs 4PNk flops a
/// term beside the samples.
/// </summary>
/// <param name="firstLayer">W, P×N: the rows that are here.</param>
/// <param name="samples">(1/M) Σ f fᵀ of the training samples; null for a population.</param>
/// <param name="terms">What is added to it.</param>
/// <param name="team">Threads to compute with.</param>
/// <param name="share">How the features are divided among processes, which add up N numbers for each vector and term; null when they are not.</param>
public sealed class StructuredCovariance(Matrix<double> firstLayer, ISymmetricOperator? samples, IReadOnlyList<StructuredTerm> terms,
    ThreadTeam team, RowShare? share = null)
    : ISymmetricOperator
{
    private static readonly Kernel Product = Kernel.Of<double>("structured-operator");

    public int Dimension => firstLayer.Rows;

    public RowShare Share { get; } = share ?? RowShare.Whole(firstLayer.Rows);

    public long MemoryBytes => (samples?.MemoryBytes ?? 0) + sizeof(double) * 3L * terms.Count * Dimension;

    public double Flops(int vectors) => (samples?.Flops(vectors) ?? 0) + terms.Count * (4.0 * firstLayer.Columns + 6) * Dimension * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        int features = Dimension, dimension = firstLayer.Columns, vectors = x.Columns;
        using KernelScope scope = Product.Enter(
            Flops(vectors), MemoryBytes + sizeof(double) * ((double)firstLayer.Length + 2.0 * features * vectors));

        // Vectors are rows here, whatever the strides of X and Y.
        using Matrix<double> input = new(vectors, features), scaled = new(vectors, features), projected = new(vectors, dimension),
            sum = new(vectors, features);
        MatrixCopy.Copy(x.Transposed, input.View);
        samples?.Apply(input.Transposed, sum.Transposed);
        foreach (StructuredTerm term in terms)
        {
            double[] overlaps = new double[term.MeanFeature is null ? 0 : vectors];
            for (int l = 0; l < overlaps.Length; l++)
            {
                overlaps[l] = TensorPrimitives.Dot<double>(term.MeanFeature, input.Row(l));
            }

            Share.Sum(overlaps);
            team.For(vectors, l => TensorPrimitives.Multiply(input.Row(l), term.LinearGain, scaled.Row(l)));
            Gemm.Multiply(team, term.Weight * term.LinearVariance / dimension, scaled.View, firstLayer.View, 0, projected.View);
            Share.Sum(projected.Span);
            Gemm.Multiply(team, 1, projected.View, firstLayer.Transposed, 0, scaled.View);
            team.For(vectors, l =>
            {
                Span<double> row = scaled.Row(l);
                TensorPrimitives.MultiplyAdd(row, term.LinearGain, sum.Row(l), sum.Row(l));
                TensorPrimitives.Multiply(input.Row(l), term.Diagonal, row);
                TensorPrimitives.MultiplyAdd(row, term.Weight, sum.Row(l), sum.Row(l));
                if (term.MeanFeature is { } mean)
                {
                    TensorPrimitives.MultiplyAdd(mean, term.Weight * overlaps[l], sum.Row(l),
                        sum.Row(l));
                }
            });
        }

        MatrixCopy.Copy(sum.View, y.Transposed);
    }
}
