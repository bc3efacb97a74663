using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>Orthonormalizes the rows of a block and detects its rank.</summary>
internal static class BlockQr
{
    /// <summary>A direction counts as new when what is left of it is above this part of the scale.</summary>
    private const double RankTolerance = 1e-13;

    /// <summary>
    /// W = C Q with orthonormal rows Q, by classical Gram–Schmidt with a second pass; dependent rows give no row of Q.
    /// </summary>
    /// <param name="w">k×n, rows 0 … r − 1 are overwritten by Q.</param>
    /// <param name="rows">k.</param>
    /// <param name="scale">Size below which rows count as rounding, ‖A‖.</param>
    /// <param name="share">Which part of the rows' elements is here.</param>
    /// <param name="coefficients">k×k, receives C (columns from r on are zero).</param>
    /// <returns>The rank r.</returns>
    public static int Factor(Matrix<double> w, int rows, double scale, RowShare share, double[,] coefficients)
    {
        Array.Clear(coefficients);
        int rank = 0;
        for (int l = 0; l < rows; l++)
        {
            Span<double> row = w.Row(l);
            for (int pass = 0; pass < 2; pass++)
            {
                ReadOnlySpan<double> overlaps = Remove(w, rank, row, share);
                for (int i = 0; i < rank; i++)
                {
                    coefficients[l, i] += overlaps[i];
                }
            }

            double norm = share.Norm(row);
            if (norm > RankTolerance * scale)
            {
                coefficients[l, rank] = norm;
                TensorPrimitives.Divide(row, norm, w.Row(rank));

                // A row that nearly cancelled is as good as its rounding: make it orthogonal once more.
                Remove(w, rank, w.Row(rank), share);
                TensorPrimitives.Divide(w.Row(rank), share.Norm(w.Row(rank)), w.Row(rank));
                rank++;
            }
        }

        return rank;
    }

    /// <summary>row ← row − Σ_i (w_i·row) w_i over the first rows of W; returns the overlaps.</summary>
    private static double[] Remove(Matrix<double> w, int rows, Span<double> row, RowShare share)
    {
        double[] overlaps = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            overlaps[i] = TensorPrimitives.Dot<double>(w.Row(i), row);
        }

        share.Sum(overlaps);
        for (int i = 0; i < rows; i++)
        {
            TensorPrimitives.MultiplyAdd(w.Row(i), -overlaps[i], row, row);
        }

        return overlaps;
    }
}
