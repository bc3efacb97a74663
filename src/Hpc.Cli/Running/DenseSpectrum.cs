using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;

namespace Hpc.Cli.Running;

/// <summary>What tasks of the dense method have in common where their covariance is the same.</summary>
/// <param name="Statistics">U and V.</param>
/// <param name="Covariances">What they are computed with; null for the equivalent ones.</param>
/// <param name="Eigensystem">The eigensystem, where a descent asks for it.</param>
/// <param name="Eigenvalues">λ_i, ascending.</param>
internal sealed record DenseSpectrum(IFeatureStatistics Statistics, IExactCovariances? Covariances, FeatureEigensystem? Eigensystem, double[] Eigenvalues) : IDisposable
{
    public void Dispose()
    {
        Eigensystem?.Dispose();
        Covariances?.Dispose();
    }
}
