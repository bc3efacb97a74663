using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>Exact averages over the noise as operators, by panels of the Mehler series (theory.md section 2).</summary>
public static class ExactAverage
{
    /// <summary>
    /// Over the noise of the training samples first, …, first + count − 1. See <see cref="MehlerCovariance"/> for what a product costs.
    /// </summary>
    public static FeatureMoments Train(Realization realization, ForwardProcess forward, int first, int count, ThreadTeam team)
    {
        MehlerCovariance covariance = Series(realization, forward, first, count, team);
        return new FeatureMoments(covariance, GainCorrelation.Columns(realization.FirstLayer, forward, covariance.Gain));
    }

    /// <summary>The covariance of <see cref="Train"/> with its gains.</summary>
    internal static MehlerCovariance Series(Realization realization, ForwardProcess forward, int first, int count, ThreadTeam team)
    {
        int dimension = realization.Model.Dimension;
        double scale = forward.Decay / Math.Sqrt(dimension);
        Matrix<double> firstLayer = realization.WholeFirstLayer(team);
        return new MehlerCovariance(
            firstLayer,
            realization.Model.Activation,
            (start, block) => Gemm.Multiply(
                team, scale, firstLayer.View, realization.Samples.View.Slice(first + start, 0, block.Columns, dimension).Transposed, 0, block),
            count, forward.NoiseAmplitude, team, realization.Features);
    }

    /// <summary>
    /// Over fresh samples of a class and their noise, one Gaussian of variance Γ_c² about the centroid: 2P²(N + k) flops a product with k
    /// vectors.
    /// </summary>
    public static FeatureMoments Test(Realization realization, ForwardProcess forward, int c, ThreadTeam team)
    {
        int dimension = realization.Model.Dimension;
        double scale = forward.Decay / Math.Sqrt(dimension);
        Matrix<double> firstLayer = realization.WholeFirstLayer(team);
        var covariance = new MehlerCovariance(
            firstLayer,
            realization.Model.Activation,
            (_, block) => Gemm.Multiply(
                team, scale, firstLayer.View, realization.Centroids.View.Slice(c, 0, 1, dimension).Transposed, 0, block),
            1, Math.Sqrt(forward.NoisedVariance(realization.Model.Classes[c].Variance)), team, realization.Features);
        return new FeatureMoments(covariance, GainCorrelation.Columns(realization.FirstLayer, forward, covariance.Gain));
    }
}
