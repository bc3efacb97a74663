using Hpc.Diffusion.Operators;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>What tasks of the Lanczos method have in common where their covariance is the same.</summary>
/// <param name="Moments">Products with U and V.</param>
internal sealed record LanczosSpectrum(IFeatureMoments Moments) : IDisposable
{
    /// <summary>What was measured on the spectrum, once it was.</summary>
    public IReadOnlyList<Dataset>? Datasets { get; set; }

    public void Dispose() => Moments.Dispose();
}
