using MathNet.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Model;

/// <summary>The geometry of the centroids: Gram_cc' = m_c·m_c'/N, K×K, positive semi-definite (theory.md section 1).</summary>
public static class Gram
{
    /// <summary>Relative size of a pivot that counts as zero: n·ε with a margin for rounding in the spec.</summary>
    private const double RankTolerance = 1e-10;

    /// <summary>All centroids at the origin.</summary>
    public static double[][] Zero(int classes) => [.. Enumerable.Range(0, classes).Select(_ => new double[classes])];

    public static double SmallestEigenvalue(double[][] gram) =>
        Matrix<double>.Build.DenseOfRowArrays(gram).Evd(Symmetricity.Symmetric).EigenValues.Min(z => z.Real);

    /// <summary>
    /// Gram = L Lᵀ with L of shape K×rank, by Cholesky with pivoting, so that m_c = √N Σ_k L_ck e_k on any orthonormal e_1 … e_rank.
    /// </summary>
    /// <exception cref="ArgumentException">Gram is not square, symmetric, finite and positive semi-definite.</exception>
    public static double[][] Factor(double[][] gram)
    {
        int n = gram.Length;
        double scale = 0;
        for (int i = 0; i < n; i++)
        {
            if (gram[i].Length != n)
            {
                throw new ArgumentException($"Row {i} of the centroid Gram matrix has {gram[i].Length} entries; {n} classes need {n}.", nameof(gram));
            }

            scale = Math.Max(scale, Math.Abs(gram[i][i]));
        }

        var remainder = gram.Select(row => row.ToArray()).ToArray();
        var columns = new List<double[]>();
        while (columns.Count < n)
        {
            int pivot = Enumerable.Range(0, n).MaxBy(i => remainder[i][i]);
            if (!(remainder[pivot][pivot] > RankTolerance * scale))
            {
                break;
            }

            double root = Math.Sqrt(remainder[pivot][pivot]);
            var column = new double[n];
            for (int i = 0; i < n; i++)
            {
                column[i] = remainder[i][pivot] / root;
            }

            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    remainder[i][j] -= column[i] * column[j];
                }
            }

            columns.Add(column);
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                if (!(Math.Abs(remainder[i][j]) <= 10 * n * RankTolerance * scale))
                {
                    throw new ArgumentException(
                        $"The centroid Gram matrix is not symmetric positive semi-definite (remainder {remainder[i][j]:g3} at ({i}, {j})): " +
                        "entries must be m_c·m_c'/N of real centroids.",
                        nameof(gram));
                }
            }
        }

        return Enumerable.Range(0, n).Select(i => columns.Select(column => column[i]).ToArray()).ToArray();
    }
}
