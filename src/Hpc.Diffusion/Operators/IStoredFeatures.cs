using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Feature vectors in memory, which products read where they lie.</summary>
public interface IStoredFeatures : IFeatureTiles, IDisposable
{
    /// <summary>Y ← w Σ φ^μ (φ^μᵀ X), P×k.</summary>
    void Multiply(double weight, MatrixView<double> x, MatrixView<double> y);
}
