using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Blocks of vectors whose rows are divided among processes, made whole in each of them and divided again.</summary>
internal static class SharedVectors
{
    private const int LeastBand = 64;

    /// <summary>All rows of the vectors, k×n, from the rows of every process.</summary>
    public static Matrix<double> Gather(RowShare share, MatrixView<double> x)
    {
        var all = new Matrix<double>(x.Columns, share.Total);
        MatrixCopy.Copy(x.Transposed, all.View.Slice(0, share.First, x.Columns, share.Count));
        share.Sum(all.Span);
        return all;
    }

    /// <summary>All rows of the vectors, as many at a time as take no more memory than what is here of all of them.</summary>
    /// <param name="share">The rows that are here.</param>
    /// <param name="x">Their part of the vectors.</param>
    /// <param name="use">Given the number of the first vector and the vectors.</param>
    public static void ForBands(RowShare share, MatrixView<double> x, Action<int, MatrixView<double>> use)
    {
        if (share.IsWhole)
        {
            use(0, x);
            return;
        }

        int vectors = Math.Max(LeastBand, (x.Columns + share.Ranks - 1) / share.Ranks);
        for (int first = 0; first < x.Columns; first += vectors)
        {
            using Matrix<double> all = Gather(share, x.Slice(0, first, x.Rows, Math.Min(vectors, x.Columns - first)));
            use(first, all.Transposed);
        }
    }

    /// <summary>y ← the rows of this process of the sum over all processes of <paramref name="parts"/>, k×n, which is overwritten by the sum.</summary>
    public static void Scatter(RowShare share, Matrix<double> parts, MatrixView<double> y)
    {
        share.Sum(parts.Span);
        MatrixCopy.Copy(parts.View.Slice(0, share.First, y.Columns, share.Count), y.Transposed);
    }
}
