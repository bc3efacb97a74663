using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>Several polynomials of an operator applied to a block in one pass of the three-term recurrence.</summary>
public static class ChebyshevRecurrence
{
    // Terms that are added to the results at a time, as one matrix product.
    private const int TermsAtATime = 16;

    private const double GrowthTolerance = 1e-6;

    /// <summary>
    /// results[r] = p_r(A) X. The products with A are as many as the largest degree, whatever the number of series; a series costs one
    /// multiply-add for each term and element.
    /// </summary>
    /// <param name="apply">A, n×n, with its spectrum in the interval of the series.</param>
    /// <param name="series">p_r, all on the same interval.</param>
    /// <param name="x">X as k×n: a vector a row.</param>
    /// <param name="results">One row per series: p_r(A)X as k×n, row-major.</param>
    /// <param name="team">Threads for the sums.</param>
    /// <exception cref="ArgumentException">
    /// Shapes or intervals do not fit together, or the operator has eigenvalues outside the interval.
    /// </exception>
    public static void Apply(ISymmetricOperator apply, IReadOnlyList<ChebyshevSeries> series, Matrix<double> x, Matrix<double> results,
        ThreadTeam team)
    {
        int n = apply.Dimension, vectors = x.Rows, length = checked(vectors * n);
        if (series.Count == 0 || x.Columns != n || results.Rows != series.Count || results.Columns != length)
        {
            throw new ArgumentException(
                $"{series.Count} series on a {x.Rows}×{x.Columns} block with an operator of dimension {n} "
                + $"give {series.Count} rows of {length} numbers; "
                + $"room for {results.Rows} rows of {results.Columns} was given.");
        }

        double lower = series[0].Lower, upper = series[0].Upper;
        if (series.Any(s => s.Lower != lower || s.Upper != upper))
        {
            throw new ArgumentException("The series are on different intervals: expand all of them on the same one.", nameof(series));
        }

        int degree = series.Max(s => s.Degree);
        using Matrix<double> terms = new(TermsAtATime, length), weights = new(series.Count, TermsAtATime);
        x.Span.CopyTo(terms.Row(0));
        for (int j = 0; j <= degree; j++)
        {
            int slot = j % TermsAtATime;
            if (j > 0)
            {
                Next(apply, lower, upper, Term(j - 1), j == 1 ? null : Term(j - 2), Term(j), team);
            }

            if (slot == TermsAtATime - 1 || j == degree)
            {
                for (int r = 0; r < series.Count; r++)
                {
                    for (int i = 0; i < TermsAtATime; i++)
                    {
                        int term = j - slot + i;
                        weights[r, i] = i <= slot && term <= series[r].Degree ? series[r].Coefficients[term] : 0;
                    }
                }

                Gemm.Multiply(team, 1, weights.View, terms.View, j == slot ? 0 : 1, results.View);
            }
        }

        // |T_j| ≤ 1 on the interval and grows exponentially outside it.
        MatrixView<double> highest = Term(degree);
        for (int l = 0; l < vectors; l++)
        {
            if (!(apply.Share.Norm(Row(highest, l)) <= (1 + GrowthTolerance) * apply.Share.Norm(x.Row(l))))
            {
                throw new ArgumentException(
                    $"The operator has eigenvalues outside [{lower:G6}, {upper:G6}], the interval of the series: widen it.",
                    nameof(series));
            }
        }

        unsafe MatrixView<double> Term(int j) => new(terms.Pointer + (nint)(j % TermsAtATime) * length, vectors, n, n, 1);
    }

    /// <summary>
    /// T_{j+1} = 2B T_j − T_{j−1}, or T_1 = B T_0 without T_{j−1}, where B is A mapped to [−1, 1]; blocks are k×n with contiguous rows.
    /// </summary>
    internal static unsafe void Next(
        ISymmetricOperator apply, double lower, double upper, MatrixView<double> last, MatrixView<double>? before,
            MatrixView<double> target, ThreadTeam team)
    {
        apply.Apply(last.Transposed, target.Transposed);
        double factor = (before is null ? 2 : 4) / (upper - lower), shift = -0.5 * (lower + upper) * factor;
        team.For(last.Rows, l =>
        {
            Span<double> row = Row(target, l);
            TensorPrimitives.Multiply(row, factor, row);
            TensorPrimitives.MultiplyAdd(Row(last, l), shift, row, row);
            if (before is { } older)
            {
                TensorPrimitives.Subtract(row, Row(older, l), row);
            }
        });
    }

    internal static unsafe Span<double> Row(MatrixView<double> block, int l) => new(block.Pointer + l * block.RowStride, block.Columns);
}
