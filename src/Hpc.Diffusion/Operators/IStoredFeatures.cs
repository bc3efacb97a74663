using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Feature vectors in memory, which products read where they lie.</summary>
internal interface IStoredFeatures : IFeatureTiles, IDisposable
{
    /// <summary>Y ← w Σ φ^μ (φ^μᵀ X), P×k, with products φ^μᵀ X over the features of all processes.</summary>
    void Multiply(double weight, MatrixView<double> x, MatrixView<double> y, RowShare share);
}
