using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Feature vectors in memory, which products with few vectors read directly.</summary>
internal interface IStoredFeatures : IFeatureTiles, IDisposable
{
    /// <summary>y ← w Σ φ^μ (φ^μ·x), k×P with contiguous rows.</summary>
    void Multiply(double weight, Matrix<double> x, Matrix<double> y);
}
