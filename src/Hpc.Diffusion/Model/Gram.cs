using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Hpc.Diffusion.Model;

/// <summary>The geometry of the centroids: Gram_cc' = m_c·m_c'/N, K×K, positive semi-definite (theory.md section 1).</summary>
public static class Gram
{
    /// <summary>Relative size below which an eigenvalue counts as zero.</summary>
    private const double RankTolerance = 1e-12;

    /// <summary>All centroids at the origin.</summary>
    public static double[][] Zero(int classes) => [.. Enumerable.Range(0, classes).Select(_ => new double[classes])];

    public static double SmallestEigenvalue(double[][] gram) => Decompose(gram).EigenValues.Min(z => z.Real);

    /// <summary>
    /// Gram = L Lᵀ with L of shape K×rank; column k belongs to the k-th largest eigenvalue, so that m_c = √N Σ_k L_ck e_k on any
    /// orthonormal e_1 … e_rank.
    /// </summary>
    public static (double[][] Factor, int Rank) Factor(double[][] gram)
    {
        Evd<double> evd = Decompose(gram);
        double[] values = [.. evd.EigenValues.Select(z => z.Real)];
        double largest = values.Max();
        int[] kept = [.. Enumerable.Range(0, values.Length).Where(k => values[k] > RankTolerance * largest).OrderByDescending(k => values[k])];
        double[][] factor = [.. Enumerable.Range(0, values.Length).Select(
            c => kept.Select(k => evd.EigenVectors[c, k] * Math.Sqrt(values[k])).ToArray())];
        return (factor, kept.Length);
    }

    private static Evd<double> Decompose(double[][] gram) =>
        Matrix<double>.Build.DenseOfRowArrays(gram).Evd(Symmetricity.Symmetric);
}
