using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Feature vectors in memory, of the processor or of a device, which products read where they lie.</summary>
public interface IStoredFeatures : IFeatureTiles, IDisposable
{
    /// <summary>Y ← w Σ φ^μ (φ^μᵀ X), P×k, with products φ^μᵀ X over the features of all processes.</summary>
    void Multiply(double weight, MatrixView<double> x, MatrixView<double> y, RowShare share);

    /// <summary>forms_l ← w Σ (φ^μ·x_l)², for the columns of X, over the features of all processes.</summary>
    void QuadraticForms(double weight, MatrixView<double> x, Span<double> forms, RowShare share);

    /// <inheritdoc cref="ISymmetricOperator.KeepVectors"/>
    IKrylovVectors? KeepVectors(int capacity) => null;
}
