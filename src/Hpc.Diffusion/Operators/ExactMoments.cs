using System.Numerics.Tensors;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Moments averaged exactly over the noise (theory.md section 2): U and the covariances of all classes but the largest are kept, that of the
/// largest follows from them, and those of fresh samples are made again at every product. K matrices in memory, where the eigensystem needs
/// five of double precision; processes that share the features keep some panels of each.
/// </summary>
public sealed class ExactMoments : IFeatureMoments
{
    private readonly Realization realization;
    private readonly ForwardProcess forward;
    private readonly IExactCovariances covariances;
    private readonly Dictionary<int, ExactCovariance> kept = [];

    /// <param name="realization">W and x.</param>
    /// <param name="forward">t.</param>
    /// <param name="covariances">Where they are computed and kept; disposed with this.</param>
    public ExactMoments(Realization realization, ForwardProcess forward, IExactCovariances covariances) =>
        (this.realization, this.forward, this.covariances) = (realization, forward, covariances);

    /// <summary>Moments that are computed on the processor.</summary>
    /// <param name="realization">W and x.</param>
    /// <param name="forward">t.</param>
    /// <param name="single">Whether the matrices are kept in single precision.</param>
    /// <param name="team">Threads to compute with.</param>
    public ExactMoments(Realization realization, ForwardProcess forward, bool single, ThreadTeam team)
        : this(realization, forward, new SimdExactCovariances(realization, forward, single, team))
    {
    }

    /// <summary>Largest order of a series that was summed so far.</summary>
    public int SeriesOrder { get; private set; }

    /// <summary>Largest bound on the spectral norm of what a series left out.</summary>
    public double SeriesRemainder { get; private set; }

    public FeatureMoments TrainAll => Moments(Keep(All, 0, realization.Model.Samples));

    private static int All => -1;

    private int Derived => Array.IndexOf(realization.ClassSizes, realization.ClassSizes.Max());

    public FeatureMoments Train(int c)
    {
        if (realization.ClassSizes.Length == 1)
        {
            return TrainAll;
        }

        if (c != Derived)
        {
            return Moments(Keep(c, realization.ClassStarts[c], realization.ClassSizes[c]));
        }

        // U = Σ_c (M_c/M) U_c, and the same for the gains.
        ExactCovariance all = Keep(All, 0, realization.Model.Samples);
        double own = (double)realization.Model.Samples / realization.ClassSizes[c];
        var terms = new List<(double, ISymmetricOperator)> { (own, all.Operator) };
        double[] derived = new double[all.Series.Gain.Length];
        TensorPrimitives.Multiply(all.Series.Gain, own, derived);
        foreach (int other in Enumerable.Range(0, realization.ClassSizes.Length).Where(k => k != c))
        {
            ExactCovariance part = Keep(other, realization.ClassStarts[other], realization.ClassSizes[other]);
            double share = -(double)realization.ClassSizes[other] / realization.ClassSizes[c];
            terms.Add((share, part.Operator));
            TensorPrimitives.MultiplyAdd(part.Series.Gain, share, derived, derived);
        }

        return new FeatureMoments(new SumOperator(terms), GainCorrelation.Columns(realization.FirstLayer, forward, derived));
    }

    public FeatureMoments Test(int c) => ExactAverage.Test(realization, forward, c, covariances);

    public void Dispose()
    {
        foreach (ExactCovariance covariance in kept.Values)
        {
            covariance.Dispose();
        }

        covariances.Dispose();
    }

    private FeatureMoments Moments(ExactCovariance covariance) =>
        new(covariance.Operator, GainCorrelation.Columns(realization.FirstLayer, forward, covariance.Series.Gain));

    private ExactCovariance Keep(int key, int first, int count)
    {
        if (!kept.TryGetValue(key, out ExactCovariance? found))
        {
            found = covariances.Keep(realization.Samples.View.Slice(first, 0, count, realization.Model.Dimension), forward.NoiseAmplitude);
            SeriesOrder = Math.Max(SeriesOrder, found.Series.Order);
            SeriesRemainder = Math.Max(SeriesRemainder, found.Series.RemainderBound);
            kept.Add(key, found);
        }

        return found;
    }
}
