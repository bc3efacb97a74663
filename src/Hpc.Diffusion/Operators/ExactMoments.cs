using System.Numerics.Tensors;
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
    private readonly bool single;
    private readonly ThreadTeam team;
    private readonly Dictionary<int, (ISymmetricOperator Covariance, double[] Gain)> kept = [];

    /// <param name="realization">W and x.</param>
    /// <param name="forward">t.</param>
    /// <param name="single">Whether the matrices are kept in single precision.</param>
    /// <param name="team">Threads to compute with.</param>
    public ExactMoments(Realization realization, ForwardProcess forward, bool single, ThreadTeam team)
    {
        (this.realization, this.forward, this.single, this.team) = (realization, forward, single, team);
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
        (ISymmetricOperator all, double[] gain) = Keep(All, 0, realization.Model.Samples);
        double own = (double)realization.Model.Samples / realization.ClassSizes[c];
        var terms = new List<(double, ISymmetricOperator)> { (own, all) };
        double[] derived = new double[gain.Length];
        TensorPrimitives.Multiply(gain, own, derived);
        foreach (int other in Enumerable.Range(0, realization.ClassSizes.Length).Where(k => k != c))
        {
            (ISymmetricOperator covariance, double[] part) = Keep(other, realization.ClassStarts[other], realization.ClassSizes[other]);
            double share = -(double)realization.ClassSizes[other] / realization.ClassSizes[c];
            terms.Add((share, covariance));
            TensorPrimitives.MultiplyAdd(part, share, derived, derived);
        }

        return Moments((new SumOperator(terms), derived));
    }

    public FeatureMoments Test(int c) => ExactAverage.Test(realization, forward, c, team);

    public void Dispose()
    {
        foreach ((ISymmetricOperator covariance, _) in kept.Values)
        {
            ((IDisposable)covariance).Dispose();
        }
    }

    private FeatureMoments Moments((ISymmetricOperator Covariance, double[] Gain) pair) =>
        new(pair.Covariance, GainCorrelation.Columns(realization.FirstLayer, forward, pair.Gain));

    private (ISymmetricOperator Covariance, double[] Gain) Keep(int key, int first, int count)
    {
        if (!kept.TryGetValue(key, out (ISymmetricOperator, double[]) found))
        {
            MehlerCovariance series = ExactAverage.Series(realization, forward, first, count, team);
            SeriesOrder = Math.Max(SeriesOrder, series.Order);
            SeriesRemainder = Math.Max(SeriesRemainder, series.RemainderBound);
            ISymmetricOperator covariance = (realization.Features.IsWhole, single) switch
            {
                (true, true) => new StoredCovariance<float>(series, team),
                (true, false) => new StoredCovariance<double>(series, team),
                (false, true) => new SharedCovariance<float>(series, team),
                (false, false) => new SharedCovariance<double>(series, team),
            };
            found = (covariance, series.Gain);
            kept.Add(key, found);
        }

        return found;
    }
}
