using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Backends;

/// <summary><see cref="IExactCovariances"/> on the processor: <see cref="MehlerSeries"/> and <see cref="MehlerCovariance"/>.</summary>
/// <param name="realization">W and φ.</param>
/// <param name="forward">t.</param>
/// <param name="single">Whether matrices are summed and kept in single precision.</param>
/// <param name="team">Threads to compute with.</param>
internal sealed class SimdExactCovariances(Realization realization, ForwardProcess forward, bool single, ThreadTeam team) : IExactCovariances
{
    private MehlerSeries? series;

    public MehlerResult Compute(MatrixView<double> samples, double noise, Matrix<double> covariance)
    {
        series ??= new MehlerSeries(realization.Geometry(team), realization.Model.Activation, single, team);
        return series.Compute(Means(samples), samples.Rows, noise, covariance);
    }

    public ExactCovariance Keep(MatrixView<double> samples, double noise)
    {
        MehlerCovariance source = Operator(samples, noise);
        ISymmetricOperator kept = (realization.Features.IsWhole, single) switch
        {
            (true, true) => new StoredCovariance<float>(source, team),
            (true, false) => new StoredCovariance<double>(source, team),
            (false, true) => new SharedCovariance<float>(source, team),
            (false, false) => new SharedCovariance<double>(source, team),
        };
        return new ExactCovariance(kept, Result(source));
    }

    public ExactCovariance Renew(MatrixView<double> sample, double noise)
    {
        MehlerCovariance source = Operator(sample, noise);
        return new ExactCovariance(source, Result(source));
    }

    public void Dispose()
    {
    }

    private static MehlerResult Result(MehlerCovariance source) => new(source.Order, source.RemainderBound, source.Gain);

    private MehlerCovariance Operator(MatrixView<double> samples, double noise) =>
        new(realization.WholeFirstLayer(team), realization.Model.Activation, Means(samples), samples.Rows, noise, team, realization.Features);

    private PreactivationMeans Means(MatrixView<double> samples)
    {
        double scale = forward.Decay / Math.Sqrt(realization.Model.Dimension);
        Matrix<double> firstLayer = realization.WholeFirstLayer(team);
        return (first, block) => Gemm.Multiply(
            team, scale, firstLayer.View, samples.Slice(first, 0, block.Columns, samples.Columns).Transposed, 0, block);
    }
}
