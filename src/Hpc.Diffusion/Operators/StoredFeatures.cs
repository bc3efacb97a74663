using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Diffusion.Kernels;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
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

    private const int Parts = 16;

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

    /// <summary>
    /// y ← w Σ φ^μ (φ^μ·x) for few vectors, in one pass over the memory. The vectors are cut into a fixed number of parts whose results
    /// are added in order, so that the number of threads changes nothing.
    /// </summary>
    /// <param name="weight">w.</param>
    /// <param name="x">k×P, rows contiguous.</param>
    /// <param name="y">k×P, overwritten.</param>
    public unsafe void Multiply(double weight, Matrix<double> x, Matrix<double> y)
    {
        int vectors = x.Rows, groups = (Count + FewVectors.Rows - 1) / FewVectors.Rows, parts = Math.Min(Parts, groups);
        using var sums = new Matrix<double>(parts * vectors, Features);
        team.For(parts, part =>
        {
            int first = (int)((long)groups * part / parts) * FewVectors.Rows;
            int last = Math.Min((int)((long)groups * (part + 1) / parts) * FewVectors.Rows, Count);
            for (int row = first; row < last; row += FewVectors.Rows)
            {
                // Fewer than four rows at the very end: each counts as four of a quarter of the weight.
                int rows = Math.Min(FewVectors.Rows, last - row);
                for (int l = 0; l < vectors; l++)
                {
                    double* target = sums.Pointer + (nint)(part * vectors + l) * Features;
                    if (rows == FewVectors.Rows)
                    {
                        FewVectors.Add(Vectors.Pointer + (nint)row * Features, Features, Features, weight, x.Pointer + (nint)l * Features, target);
                        continue;
                    }

                    for (int i = row; i < last; i++)
                    {
                        FewVectors.Add(
                            Vectors.Pointer + (nint)i * Features, 0, Features, weight / FewVectors.Rows, x.Pointer + (nint)l * Features, target);
                    }
                }
            }
        });
        y.Span.Clear();
        for (int part = 0; part < parts; part++)
        {
            for (int l = 0; l < vectors; l++)
            {
                TensorPrimitives.Add(y.Row(l), sums.Row(part * vectors + l), y.Row(l));
            }
        }
    }

    public void Dispose() => Vectors.Dispose();
}
