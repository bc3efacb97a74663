using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>Some eigenpairs of a symmetric operator.</summary>
/// <param name="Values">Eigenvalues, ascending.</param>
/// <param name="Vectors">Orthonormal eigenvectors, a row each.</param>
/// <param name="Residuals">‖A v − λ v‖ of each pair, computed from the returned vectors: an eigenvalue lies within it.</param>
/// <param name="Convergence">How the iteration ended; its residual is the largest of <paramref name="Residuals"/>.</param>
public sealed record Eigenpairs(double[] Values, Matrix<double> Vectors, double[] Residuals, Convergence Convergence) : IDisposable
{
    public void Dispose() => Vectors.Dispose();
}
