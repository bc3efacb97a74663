using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>Blocks of vectors whose rows are divided among processes, made whole in each of them and divided again.</summary>
internal static class SharedVectors
{
    /// <summary>All rows of the vectors, k×n, from the rows of every process.</summary>
    public static Matrix<double> Gather(RowShare share, MatrixView<double> x)
    {
        var all = new Matrix<double>(x.Columns, share.Total);
        MatrixCopy.Copy(x.Transposed, all.View.Slice(0, share.First, x.Columns, share.Count));
        share.Sum(all.Span);
        return all;
    }

    /// <summary>y ← the rows of this process of the sum over all processes of <paramref name="parts"/>, k×n, which is overwritten by the sum.</summary>
    public static void Scatter(RowShare share, Matrix<double> parts, MatrixView<double> y)
    {
        share.Sum(parts.Span);
        MatrixCopy.Copy(parts.View.Slice(0, share.First, y.Columns, share.Count), y.Transposed);
    }
}
