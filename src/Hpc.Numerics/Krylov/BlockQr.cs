using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>Orthonormalizes the rows of a block and detects its rank.</summary>
internal static class BlockQr
{
    /// <summary>A direction counts as new when what is left of it is above this part of the scale.</summary>
    private const double RankTolerance = 1e-13;

    /// <summary>
    /// W = C Q with orthonormal rows Q, by modified Gram–Schmidt with a second pass; dependent rows give no row of Q.
    /// </summary>
    /// <param name="w">k×n, rows 0 … r − 1 are overwritten by Q.</param>
    /// <param name="rows">k.</param>
    /// <param name="scale">Size below which rows count as rounding, ‖A‖.</param>
    /// <param name="coefficients">k×k, receives C (columns from r on are zero).</param>
    /// <returns>The rank r.</returns>
    public static int Factor(Matrix<double> w, int rows, double scale, double[,] coefficients)
    {
        Array.Clear(coefficients);
        int rank = 0;
        for (int l = 0; l < rows; l++)
        {
            Span<double> row = w.Row(l);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int i = 0; i < rank; i++)
                {
                    double overlap = TensorPrimitives.Dot<double>(w.Row(i), row);
                    coefficients[l, i] += overlap;
                    TensorPrimitives.MultiplyAdd(w.Row(i), -overlap, row, row);
                }
            }

            double norm = TensorPrimitives.Norm<double>(row);
            if (norm > RankTolerance * scale)
            {
                coefficients[l, rank] = norm;
                TensorPrimitives.Divide(row, norm, w.Row(rank));

                // A row that nearly cancelled is as good as its rounding: make it orthogonal once more.
                for (int i = 0; i < rank; i++)
                {
                    TensorPrimitives.MultiplyAdd(w.Row(i), -TensorPrimitives.Dot<double>(w.Row(i), w.Row(rank)), w.Row(rank), w.Row(rank));
                }

                TensorPrimitives.Divide(w.Row(rank), TensorPrimitives.Norm<double>(w.Row(rank)), w.Row(rank));
                rank++;
            }
        }

        return rank;
    }
}
