using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Moments of m draws of the noise for every training sample, U = ΦΦᵀ/(Mm) and V = ΦΞᵀ/(Mm); fresh samples are averaged exactly.
/// </summary>
/// <remarks>
/// Descent with these moments is descent on the m draws as if they were all the data: its U has at most Mm eigenvalues that are not zero,
/// and it memorizes the
/// draws. It approaches the noise average as 1/√m.
/// </remarks>
public sealed class SampledMoments : IFeatureMoments
{
    private const int TileRows = 256;

    private readonly Realization realization;
    private readonly ForwardProcess forward;
    private readonly ThreadTeam team;
    private readonly IExactCovariances covariances;
    private readonly IFeatureTiles[] tiles;
    private readonly Matrix<double>[] correlations;

    /// <param name="realization">W and x.</param>
    /// <param name="forward">t.</param>
    /// <param name="draws">m, at least 1.</param>
    /// <param name="storage">Whether the features are kept or made again at every product.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="covariances">Where averages over fresh samples are computed, disposed with this; null stands for the processor.</param>
    /// <exception cref="ArgumentException">No draw.</exception>
    public SampledMoments(
        Realization realization, ForwardProcess forward, int draws, FeatureStorage storage, ThreadTeam team, IExactCovariances? covariances = null)
    {
        (this.realization, this.forward, this.team) = (realization, forward, team);
        this.covariances = covariances ?? new SimdExactCovariances(realization, forward, single: false, team);
        int classes = realization.Model.Classes.Count;
        tiles = new IFeatureTiles[classes];
        correlations = new Matrix<double>[classes];
        for (int c = 0; c < classes; c++)
        {
            var features = new SampledFeatures(realization, forward, realization.ClassStarts[c], realization.ClassSizes[c], draws, team);
            correlations[c] = Correlate(features);
            tiles[c] = storage.Keep(features, team);
        }
    }

    public FeatureMoments TrainAll
    {
        get
        {
            double[] shares = [.. realization.ClassSizes.Select(m => (double)m / realization.Model.Samples)];
            return new FeatureMoments(
                new SumOperator([.. shares.Select((share, c) => (share, Covariance(c)))]),
                (first, block) => Fill(first, block, shares));
        }
    }

    public FeatureMoments Train(int c) => new(
        Covariance(c), (first, block) => Fill(first, block, [.. correlations.Select((_, k) => k == c ? 1.0 : 0.0)]));

    public FeatureMoments Test(int c) => ExactAverage.Test(realization, forward, c, covariances);

    public void Dispose()
    {
        Array.ForEach(tiles, t => (t as IDisposable)?.Dispose());
        Array.ForEach(correlations, m => m.Dispose());
        covariances.Dispose();
    }

    private ISymmetricOperator Covariance(int c) => new FeatureCovariance(tiles[c], 1.0 / tiles[c].Count, team, realization.Features);

    private void Fill(int first, MatrixView<double> block, double[] weights)
    {
        for (int i = 0; i < block.Rows; i++)
        {
            for (int n = 0; n < block.Columns; n++)
            {
                double sum = 0;
                for (int c = 0; c < weights.Length; c++)
                {
                    sum += weights[c] * correlations[c][i, first + n];
                }

                block[i, n] = sum;
            }
        }
    }

    private Matrix<double> Correlate(SampledFeatures features)
    {
        int dimension = realization.Model.Dimension, rows = Math.Min(TileRows, features.Count);
        var correlation = new Matrix<double>(features.Features, dimension);
        using Matrix<double> tile = new(rows, features.Features), inputs = new(rows, dimension), noises = new(rows, dimension);
        for (int first = 0; first < features.Count; first += rows)
        {
            int count = Math.Min(rows, features.Count - first);
            MatrixView<double> phi = tile.View.Slice(0, 0, count, features.Features);
            features.Fill(first, phi, inputs, noises);
            Gemm.Multiply(team, 1.0 / features.Count, phi.Transposed, noises.View.Slice(0, 0, count, dimension), 1, correlation.View);
        }

        return correlation;
    }
}
