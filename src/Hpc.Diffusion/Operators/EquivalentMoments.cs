using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Moments of the Gaussian-equivalent features (theory.md section 3) without a P×P matrix: the same numbers as the dense equivalent
/// statistics of the
/// same realization, to rounding.
/// </summary>
public sealed class EquivalentMoments : IFeatureMoments
{
    private readonly Realization realization;
    private readonly ForwardProcess forward;
    private readonly ThreadTeam team;
    private readonly IReadOnlyList<NeuronCoefficients> coefficients;
    private readonly IFeatureTiles[] tiles;

    /// <param name="realization">W and x.</param>
    /// <param name="forward">t.</param>
    /// <param name="coefficients">Of every class, for the features that are here.</param>
    /// <param name="storage">Whether the sample features are kept (4 or 8 bytes each) or made again at every product.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <exception cref="ArgumentException">Coefficients are missing or of another length than the features that are here.</exception>
    public EquivalentMoments(
        Realization realization, ForwardProcess forward, IReadOnlyList<NeuronCoefficients> coefficients, FeatureStorage storage,
            ThreadTeam team)
    {
        int classes = realization.Model.Classes.Count, features = realization.Features.Count;
        if (coefficients.Count != classes || coefficients.Any(
            c => c.MeanFeature.Length != features || c.LinearGain.Length != features
                || c.SampleVariance.Length != features || c.NoiseVariance.Length != features))
        {
            throw new ArgumentException($"Coefficients of {classes} classes for {features} features each are needed.",
                nameof(coefficients));
        }

        (this.realization, this.forward, this.coefficients, this.team) = (realization, forward, coefficients, team);
        tiles = [.. coefficients.Select((k, c) => storage.Keep(new EquivalentFeatures(realization, forward, c, k, team), team))];
    }

    public FeatureMoments TrainAll
    {
        get
        {
            var parts = new List<(double, ISymmetricOperator)>();
            double[] gain = new double[realization.Features.Count];
            for (int c = 0; c < coefficients.Count; c++)
            {
                double share = (double)realization.ClassSizes[c] / realization.Model.Samples;
                TensorPrimitives.MultiplyAdd(coefficients[c].LinearGain, share, gain, gain);
                parts.Add((share, Train(c).Covariance));
            }

            return new FeatureMoments(new SumOperator(parts), GainCorrelation.Columns(realization.FirstLayer, forward, gain));
        }
    }

    public FeatureMoments Train(int c)
    {
        NeuronCoefficients own = coefficients[c];
        return new FeatureMoments(
            new StructuredCovariance(
                realization.FirstLayer,
                new FeatureCovariance(tiles[c], 1.0 / realization.ClassSizes[c], team, realization.Features),
                [new StructuredTerm(1, null, forward.NoiseLevel, own.LinearGain, own.NoiseVariance)],
                team,
                realization.Features),
            GainCorrelation.Columns(realization.FirstLayer, forward, own.LinearGain));
    }

    public FeatureMoments Test(int c)
    {
        NeuronCoefficients own = coefficients[c];
        double[] diagonal = new double[own.NoiseVariance.Length];
        TensorPrimitives.Add(own.SampleVariance, own.NoiseVariance, diagonal);
        double variance = forward.NoisedVariance(realization.Model.Classes[c].Variance);
        return new FeatureMoments(
            new StructuredCovariance(realization.FirstLayer, null, [new StructuredTerm(1, own.MeanFeature, variance, own.LinearGain,
                diagonal)], team, realization.Features),
            GainCorrelation.Columns(realization.FirstLayer, forward, own.LinearGain));
    }

    public void Dispose() => Array.ForEach(tiles, t => (t as IDisposable)?.Dispose());
}
