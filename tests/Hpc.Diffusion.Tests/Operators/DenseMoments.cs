using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Operators;

/// <summary>Moments from matrices in memory, each made at its first use: 8(2K + 1)P² bytes once all are.</summary>
/// <param name="realization">W.</param>
/// <param name="statistics">Where the matrices come from.</param>
/// <param name="forward">Δ.</param>
/// <param name="team">Threads for the products.</param>
internal sealed class DenseMoments(Realization realization, IFeatureStatistics statistics, ForwardProcess forward,
    ThreadTeam team) : IFeatureMoments
{
    private readonly Dictionary<(bool Test, int Class), FeatureMoments> cache = [];
    private readonly List<Matrix<double>> matrices = [];

    public FeatureMoments TrainAll => Find((false, -1), statistics.TrainAll);

    public FeatureMoments Train(int c) => Find((false, c), u => statistics.Train(c, u));

    public FeatureMoments Test(int c) => Find((true, c), u => statistics.Test(c, u));

    public void Dispose() => matrices.ForEach(m => m.Dispose());

    private FeatureMoments Find((bool Test, int Class) key, Func<Matrix<double>, double[]> fill)
    {
        if (!cache.TryGetValue(key, out FeatureMoments? moments))
        {
            var matrix = new Matrix<double>(realization.Model.Features, realization.Model.Features);
            matrices.Add(matrix);
            double[] gain = fill(matrix);
            moments = new FeatureMoments(new DenseOperator(matrix, team), GainCorrelation.Columns(realization.FirstLayer, forward, gain));
            cache.Add(key, moments);
        }

        return moments;
    }
}
