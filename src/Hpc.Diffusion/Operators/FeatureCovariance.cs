using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// U = w Σ_μ φ^μ φ^μᵀ of feature vectors that come in tiles. A product takes one pass over them: Φ_b(Φ_bᵀX) while tile b is in the cache.
/// </summary>
/// <param name="tiles">φ^μ.</param>
/// <param name="weight">w, 1/(Mm) for the average over M samples of m draws.</param>
/// <param name="team">Threads to compute with.</param>
/// <param name="share">How the features are divided among processes, which add up Φ_bᵀX; null when they are not.</param>
public sealed class FeatureCovariance(IFeatureTiles tiles, double weight, ThreadTeam team, RowShare? share = null) : ISymmetricOperator
{
    private static readonly Kernel Product = Kernel.Of<double>("feature-operator"), Forms = Kernel.Of<double>("feature-forms");

    private const int FormVectors = 4096;

    // 4 MB of doubles: they stay in a shared cache, while the packing of X is spread over enough rows.
    private const int TileElements = 1 << 19;

    private const int LargestTile = 512;

    public int Dimension => tiles.Features;

    public RowShare Share { get; } = share ?? RowShare.Whole(tiles.Features);

    public IKrylovVectors? KeepVectors(int capacity) => tiles is IStoredFeatures stored && Share.IsWhole ? stored.KeepVectors(capacity) : null;

    public long MemoryBytes =>
        tiles.MemoryBytes + (tiles is IStoredFeatures ? 0 : sizeof(double) * (long)HeightOf(tiles, 1, Share) * tiles.Features);

    public double Flops(int vectors) => tiles.Count * (4.0 * tiles.Features * vectors + tiles.FlopsPerVector);

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        int features = tiles.Features;
        using KernelScope scope = Product.Enter(Flops(x.Columns), tiles.MemoryBytes + 2.0 * sizeof(double) * features * x.Columns);
        if (tiles is IStoredFeatures stored)
        {
            stored.Multiply(weight, x, y, Share);
            return;
        }

        // X is packed once for every tile: with many vectors a tile has as many rows. Where that is a gain, the sums of a tile go on beside the
        // features and the projections of the next, in the other half of the workspace.
        int height = HeightOf(tiles, x.Columns, Share), halves = Share.Overlaps ? 2 : 1, summed = -1;
        using Matrix<double> tile = new(halves * height, features), weights = new(halves * height, x.Columns);
        for (int first = 0; first < tiles.Count; first += height)
        {
            (int start, int count) = Half(first);
            tiles.Fill(first, Rows(tile, start, count));
            Gemm.Multiply(team, weight, Rows(tile, start, count), x, 0, Rows(weights, start, count));
            Span<double> projections = weights.Span.Slice(start * x.Columns, count * x.Columns);
            if (!Share.Overlaps)
            {
                Share.Sum(projections);
                Accumulate(first);
                continue;
            }

            Finish(summed);
            Share.Begin(projections);
            summed = first;
        }

        Finish(summed);

        (int Start, int Count) Half(int first) => (first / height % halves * height, Math.Min(height, tiles.Count - first));

        void Finish(int first)
        {
            if (first >= 0)
            {
                Share.Complete();
                Accumulate(first);
            }
        }

        void Accumulate(int first)
        {
            (int start, int count) = Half(first);
            Gemm.Multiply(team, 1, Rows(tile, start, count).Transposed, Rows(weights, start, count), first == 0 ? 0 : 1, y);
        }

        static MatrixView<double> Rows(Matrix<double> matrix, int start, int count) => matrix.View.Slice(start, 0, count, matrix.Columns);
    }

    /// <summary>w Σ_μ (φ^μ·x_l)²: one of the two products.</summary>
    public void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        using KernelScope scope = Forms.Enter(
            tiles.Count * (2.0 * tiles.Features * x.Columns + tiles.FlopsPerVector), tiles.MemoryBytes + sizeof(double) * (double)tiles.Features * x.Columns);
        if (tiles is IStoredFeatures stored)
        {
            stored.QuadraticForms(weight, x, forms, Share);
        }
        else
        {
            SumSquares(tiles, weight, x, forms, team, Share);
        }
    }

    /// <summary>w Σ_μ (φ^μ·x_l)², a tile of the processor's memory at a time.</summary>
    internal static void SumSquares(IFeatureTiles tiles, double weight, MatrixView<double> x, Span<double> forms, ThreadTeam team, RowShare share)
    {
        int features = tiles.Features, height = HeightOf(tiles, x.Columns, share);
        using Matrix<double> tile = new(height, features), projections = new(Math.Min(x.Columns, FormVectors), height);
        forms.Clear();
        for (int first = 0; first < tiles.Count; first += height)
        {
            int count = Math.Min(height, tiles.Count - first);
            MatrixView<double> phi = tile.View.Slice(0, 0, count, features);
            tiles.Fill(first, phi);
            for (int band = 0; band < x.Columns; band += projections.Rows)
            {
                int vectors = Math.Min(projections.Rows, x.Columns - band);
                Gemm.Multiply(
                    team, 1, phi, x.Slice(0, band, features, vectors), 0, projections.View.Slice(0, 0, vectors, count).Transposed);
                share.Sum(projections.Span[..(vectors * height)]);
                for (int l = 0; l < vectors; l++)
                {
                    forms[band + l] += weight * TensorPrimitives.SumOfSquares<double>(projections.Row(l)[..count]);
                }
            }
        }
    }

    /// <summary>Feature vectors of a tile, as many in every process: it stays in the cache, or has a row for each of many vectors.</summary>
    private static int HeightOf(IFeatureTiles tiles, int vectors, RowShare share) =>
        Math.Min(tiles.Count, Math.Max(Math.Clamp(TileElements / share.LargestCount, 16, LargestTile), Math.Min(vectors, LargestTile)));
}
