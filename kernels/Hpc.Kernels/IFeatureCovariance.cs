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

    /// <summary>
    /// U_ij = (1/M) Σ_k ρ_ij^k Σ_μ C_k[i,μ] C_k[j,μ] off the diagonal and mean E[φ²] on it. The result stays on the device.
    /// </summary>
    /// <param name="sources">M×N.</param>
    /// <param name="noise">As for <see cref="Moments"/>.</param>
    /// <param name="table">Orders and quadrature; max(0, x) takes its coefficients in closed form and only the orders from it.</param>
    /// <exception cref="ArgumentOutOfRangeException">More orders than the covariance was created for.</exception>
    void Compute(MatrixView<double> sources, double noise, HermiteTable table);

    /// <summary>Copies the computed U to <paramref name="covariance"/>, P×P.</summary>
    void Store(MatrixView<double> covariance);

    /// <summary>Y = U·X for a block of columns, P×b, with the computed U.</summary>
    void Apply(MatrixView<double> x, MatrixView<double> y);
}
