using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;

namespace Hpc.Diffusion.Operators;

/// <summary>Exact averages over fresh samples as operators (theory.md section 2).</summary>
internal static class ExactAverage
{
    /// <summary>Over fresh samples of a class and their noise, one Gaussian of variance Γ_c² about the centroid.</summary>
    public static FeatureMoments Test(Realization realization, ForwardProcess forward, int c, IExactCovariances covariances)
    {
        ExactCovariance covariance = covariances.Renew(
            realization.Centroids.View.Slice(c, 0, 1, realization.Model.Dimension), Math.Sqrt(forward.NoisedVariance(realization.Model.Classes[c].Variance)));
        return new FeatureMoments(covariance.Operator, GainCorrelation.Columns(realization.FirstLayer, forward, covariance.Series.Gain));
    }
}
