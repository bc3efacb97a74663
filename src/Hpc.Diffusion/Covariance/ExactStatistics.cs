using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Covariance;

/// <summary>
/// <see cref="IFeatureStatistics"/> without approximation. Given the training samples only the noise is averaged over; for fresh samples
/// the whole input of a class is Gaussian, e^{−t}m_c + Γ_c z with Γ_c² = e^{−2t}σ_c² + Δ, so that the same Mehler series gives the
/// population average and no test set has to be drawn.
/// </summary>
/// <param name="realization">The training samples.</param>
/// <param name="forward">The forward process at the diffusion time.</param>
/// <param name="covariances">Where the averages are computed.</param>
public sealed class ExactStatistics(Realization realization, ForwardProcess forward, IExactCovariances covariances) : IFeatureStatistics
{
    /// <summary>Averages that are computed on the processor.</summary>
    /// <param name="realization">W and the training samples.</param>
    /// <param name="forward">The forward process at the diffusion time.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="single">Whether the products are computed in single precision (see <see cref="MehlerSeries"/>).</param>
    public ExactStatistics(Realization realization, ForwardProcess forward, ThreadTeam team, bool single = false)
        : this(realization, forward, new SimdExactCovariances(realization, forward, single, team))
    {
    }

    public int SeriesOrder { get; private set; }

    public double SeriesRemainder { get; private set; }

    public double[] Train(int c, Matrix<double> covariance) => Samples(realization.ClassStarts[c], realization.ClassSizes[c], covariance);

    public double[] TrainAll(Matrix<double> covariance) => Samples(0, realization.Model.Samples, covariance);

    public double[] Test(int c, Matrix<double> covariance) => Report(covariances.Compute(
        realization.Centroids.View.Slice(c, 0, 1, realization.Model.Dimension),
        Math.Sqrt(forward.NoisedVariance(realization.Model.Classes[c].Variance)),
        covariance));

    private double[] Samples(int start, int count, Matrix<double> covariance) => Report(covariances.Compute(
        realization.Samples.View.Slice(start, 0, count, realization.Model.Dimension), forward.NoiseAmplitude, covariance));

    private double[] Report(MehlerResult result)
    {
        SeriesOrder = Math.Max(SeriesOrder, result.Order);
        SeriesRemainder = Math.Max(SeriesRemainder, result.RemainderBound);
        return result.Gain;
    }
}
