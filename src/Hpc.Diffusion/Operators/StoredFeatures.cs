using System.Numerics;
using Hpc.Diffusion.Kernels;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Feature vectors kept in memory; in single precision they are rounded once, and everything computed from them is in double.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class StoredFeatures<T> : IStoredFeatures
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int TileRows = 128;

    private readonly ThreadTeam team;
    private readonly InterleavedRows<T> vectors;

    /// <summary>Evaluates <paramref name="source"/> once.</summary>
    /// <exception cref="OutOfMemoryException">count × P numbers do not fit.</exception>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public StoredFeatures(IFeatureTiles source, ThreadTeam team)
    {
        ProductArguments.RequireFloatOrDouble<T>();
        this.team = team;
        vectors = new InterleavedRows<T>(source.Count, source.Features);
        using var tile = new Matrix<double>(Math.Min(TileRows, source.Count), source.Features);
        for (int first = 0; first < source.Count; first += tile.Rows)
        {
            int start = first, count = Math.Min(tile.Rows, source.Count - first);
            source.Fill(first, tile.View.Slice(0, 0, count, source.Features));
            team.For(count, i => vectors.Write(start + i, tile.Row(i)));
        }
    }

    public int Features => vectors.Length;

    public int Count => vectors.Count;

    public long MemoryBytes => vectors.Bytes;

    public double FlopsPerVector => 0;

    public unsafe void Fill(int first, MatrixView<double> tile) =>
        team.For(tile.Rows, i => vectors.Read(first + i, new Span<double>(tile.Pointer + i * tile.RowStride, tile.Columns)));

    public void Multiply(double weight, MatrixView<double> x, MatrixView<double> y, RowShare share) =>
        FeatureProduct.Multiply(SimdSupport.Widest, team, vectors, weight, x, y, share);

    public void QuadraticForms(double weight, MatrixView<double> x, Span<double> forms, RowShare share) =>
        FeatureCovariance.SumSquares(this, weight, x, forms, team, share);

    public void Dispose() => vectors.Dispose();
}
