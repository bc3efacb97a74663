using Hpc.Diffusion.Covariance;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Backends;

/// <summary>
/// U = E[φφᵀ] averaged exactly over Gaussian pre-activations, by the Mehler series (theory.md section 2). For a sample x the pre-activation
/// of feature i is e^{−t} w_i·x/√N + noise·n_i·z: √Δ for the noise of training samples, Γ_c for a whole class about its centroid.
/// </summary>
public interface IExactCovariances : IDisposable
{
    /// <summary>Computes the average over samples as a matrix of the host.</summary>
    /// <param name="samples">x, M×N.</param>
    /// <param name="noise">Amplitude of the noise.</param>
    /// <param name="covariance">Receives U, P×P.</param>
    MehlerResult Compute(MatrixView<double> samples, double noise, Matrix<double> covariance);

    /// <summary>The average over samples as a matrix that is kept where products with it are made.</summary>
    ExactCovariance Keep(MatrixView<double> samples, double noise);

    /// <summary>The average over the noise of one sample, made again at every product, which costs little.</summary>
    ExactCovariance Renew(MatrixView<double> sample, double noise);
}

/// <summary>A covariance as an operator.</summary>
/// <param name="Operator">U.</param>
/// <param name="Series">How it was summed, and the gains.</param>
public sealed record ExactCovariance(ISymmetricOperator Operator, MehlerResult Series) : IDisposable
{
    public void Dispose() => (Operator as IDisposable)?.Dispose();
}
