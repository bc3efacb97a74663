using Hpc.Diffusion.Covariance;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Model;

/// <summary>
/// The frozen first layer of one seed (theory.md section 1): it depends on N and P alone, so that realizations of other classes, samples or
/// times may share it.
/// </summary>
public sealed class FirstLayer : IDisposable
{
    private static readonly Kernel Normals = Kernel.Of<double>("normals");

    private readonly uint seed;
    private readonly int features;
    private Matrix<double>? whole;
    private NeuronGeometry? geometry;

    /// <param name="dimension">N.</param>
    /// <param name="features">P.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="team">Threads to draw with.</param>
    /// <param name="reduction">Ranks that share the features, each with its own rows of W; null for all in this process.</param>
    /// <exception cref="OutOfMemoryException">W, 8PN bytes, does not fit.</exception>
    /// <exception cref="ArgumentException">More ranks than features.</exception>
    public FirstLayer(int dimension, int features, long seed, ThreadTeam team, IReduction? reduction = null)
    {
        (this.features, this.seed) = (features, (uint)seed);
        Share = reduction is null ? RowShare.Whole(features) : RowShare.Of(features, reduction);
        Weights = new Matrix<double>(Share.Count, dimension);
        using KernelScope scope = Normals.Enter(Weights.Length, sizeof(double) * (double)Weights.Length);
        Draw(Share.First, Weights, team);
    }

    /// <summary>The rows of W that are here.</summary>
    public RowShare Share { get; }

    /// <summary>W, P×N: the rows that are here.</summary>
    public Matrix<double> Weights { get; }

    /// <summary>Norms and correlations of the rows of W, all of which are here, computed at the first call: 8P² bytes.</summary>
    public NeuronGeometry Geometry(ThreadTeam team) => geometry ??= new NeuronGeometry(Weights, team);

    /// <summary>All rows of W, drawn at the first call where they are not here already: 8PN bytes.</summary>
    public Matrix<double> Whole(ThreadTeam team)
    {
        if (Share.IsWhole)
        {
            return Weights;
        }

        if (whole is null)
        {
            whole = new Matrix<double>(features, Weights.Columns);
            Draw(0, whole, team);
        }

        return whole;
    }

    /// <summary>Fills <paramref name="rows"/> (n×N) with rows first, first + 1, … of W.</summary>
    public void Draw(int first, Matrix<double> rows, ThreadTeam team)
    {
        var stream = new RandomStream(seed, StreamPurpose.FirstLayer);
        team.For(rows.Rows, i => stream.FillNormals(0, (long)(first + i) * rows.Columns, rows.Row(i)));
    }

    public void Dispose()
    {
        Weights.Dispose();
        whole?.Dispose();
        geometry?.Dispose();
    }
}
