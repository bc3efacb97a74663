using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Kernels;

/// <summary>
/// The feature covariance averaged over Gaussian pre-activations, by its Mehler series on a device (theory.md section 2). Sources are
/// rows of inputs; the pre-activation of feature i for source x is e^{−t} w_i·x/√N + noise·n_i·z.
/// </summary>
public interface IFeatureCovariance : IDisposable
{
    /// <summary>Averages over the sources of the Hermite coefficients, to choose the order of the series from.</summary>
    /// <param name="sources">M×N.</param>
    /// <param name="noise">√Δ for the noise alone, Γ_c for a whole class about its centroid.</param>
    /// <param name="table">Orders and quadrature.</param>
    HermiteMoments Moments(MatrixView<double> sources, double noise, HermiteTable table);

    /// <summary>U_ij = (1/M) Σ_k ρ_ij^k Σ_μ C_k[i,μ] C_k[j,μ] off the diagonal and mean E[φ²] on it.</summary>
    /// <param name="sources">M×N.</param>
    /// <param name="noise">As for <see cref="Moments"/>.</param>
    /// <param name="table">Orders and quadrature.</param>
    /// <param name="covariance">Receives U, P×P.</param>
    void Compute(MatrixView<double> sources, double noise, HermiteTable table, MatrixView<double> covariance);
}
