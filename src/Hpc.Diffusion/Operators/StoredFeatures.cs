using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Feature vectors kept in memory; in single precision they are rounded once, and everything computed from them is in double.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class StoredFeatures<T> : IFeatureTiles, IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int TileRows = 128;

    private readonly ThreadTeam team;

    /// <summary>Evaluates <paramref name="source"/> once.</summary>
    /// <exception cref="OutOfMemoryException">count × P numbers do not fit.</exception>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public StoredFeatures(IFeatureTiles source, ThreadTeam team)
    {
        ProductArguments.RequireFloatOrDouble<T>();
        this.team = team;
        Vectors = new Matrix<T>(source.Count, source.Features);
        using var tile = new Matrix<double>(Math.Min(TileRows, source.Count), source.Features);
        for (int first = 0; first < source.Count; first += tile.Rows)
        {
            int start = first, count = Math.Min(tile.Rows, source.Count - first);
            source.Fill(first, tile.View.Slice(0, 0, count, source.Features));
            team.For(count, i => TensorPrimitives.ConvertTruncating<double, T>(tile.Row(i), Vectors.Row(start + i)));
        }
    }

    public int Features => Vectors.Columns;

    public int Count => Vectors.Rows;

    public unsafe long MemoryBytes => Vectors.Length * sizeof(T);

    public double FlopsPerVector => 0;

    /// <summary>The feature vectors, a row each.</summary>
    internal Matrix<T> Vectors { get; }

    public unsafe void Fill(int first, MatrixView<double> tile) =>
        team.For(tile.Rows, i => TensorPrimitives.ConvertTruncating<T, double>(
            Vectors.Row(first + i), new Span<double>(tile.Pointer + i * tile.RowStride, tile.Columns)));

    public void Dispose() => Vectors.Dispose();
}
