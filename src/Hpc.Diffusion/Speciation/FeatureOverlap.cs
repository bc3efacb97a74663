using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Speciation;

/// <summary>
/// How much of each class's mean feature the top eigenvectors of U hold: RMS_c = (Σ_{k ≤ K} (α_c·ψ_k)²/‖α_c‖²)^{1/2} over the K largest
/// eigenvalues of the P×P matrix U (theory.md section 6, with K = 2 classes there). 1 when the class spans a direction of its own in the
/// spectrum, of order √(K/P) after its speciation time.
/// </summary>
/// <param name="Eigenvalues">The K largest eigenvalues of U, in decreasing order.</param>
/// <param name="Rms">RMS_c of every class, in [0, 1]; NaN for a class without mean feature.</param>
public sealed record FeatureOverlap(double[] Eigenvalues, double[] Rms)
{
    /// <summary>Root mean square of a mean feature below which it is rounding of the average over the noise.</summary>
    private const double Rounding = 1e-12;

    /// <summary>
    /// Residual of an eigenpair relative to λ_max: with the smallest gaps at the edge of a bulk, some 10⁻² λ_max, overlaps are good to 10⁻⁹.
    /// </summary>
    private const double Tolerance = 1e-11;

    private const int SmallestBlock = 4;

    /// <summary>From all eigenpairs of U.</summary>
    /// <param name="covariance">U, P×P, overwritten.</param>
    /// <param name="meanFeatures">α_c, K vectors of length P.</param>
    /// <param name="eigensolver">Eigensolver.</param>
    /// <param name="threads">Its threads.</param>
    public static FeatureOverlap Dense(Matrix<double> covariance, double[][] meanFeatures, ISymmetricEigensolver eigensolver, int threads)
    {
        double[] values = new double[covariance.Rows];
        eigensolver.Decompose(covariance, values, vectors: true, threads);
        return Measure(values, covariance, meanFeatures, RowShare.Whole(covariance.Rows));
    }

    /// <summary>From the largest eigenpairs of U alone, by block Lanczos iteration.</summary>
    /// <param name="covariance">U.</param>
    /// <param name="meanFeatures">α_c, K vectors of the features that are here.</param>
    /// <param name="seed">Seed of the start block.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <exception cref="ArgumentException">The iteration did not converge, or the operator is not symmetric.</exception>
    public static FeatureOverlap Lanczos(ISymmetricOperator covariance, double[][] meanFeatures, uint seed, ThreadTeam team)
    {
        int features = covariance.Share.Total, wanted = Math.Min(meanFeatures.Length, features);
        var lanczos = new BlockLanczos { BlockSize = BlockSize(features, wanted), Tolerance = Tolerance, Seed = seed };
        using Eigenpairs pairs = lanczos.Solve(covariance, 0, wanted, team);
        return pairs.Convergence.Converged
            ? Measure(pairs.Values, pairs.Vectors, meanFeatures, covariance.Share)
            : throw new ArgumentException(
                $"the {wanted} largest eigenvalues of U did not converge in {pairs.Convergence.Iterations} products: use speciation.method = \"dense\"");
    }

    /// <summary>Vectors of a Lanczos block.</summary>
    public static int BlockSize(int features, int classes) => Math.Min(features, Math.Max(SmallestBlock, classes + 2));

    /// <param name="values">Eigenvalues, ascending.</param>
    /// <param name="vectors">Their eigenvectors, a row each, and of them the features that are here.</param>
    private static FeatureOverlap Measure(double[] values, Matrix<double> vectors, double[][] meanFeatures, RowShare share)
    {
        int wanted = Math.Min(meanFeatures.Length, values.Length);
        double[] rms = new double[meanFeatures.Length];
        for (int c = 0; c < rms.Length; c++)
        {
            double norm = share.Dot(meanFeatures[c], meanFeatures[c]), sum = 0;
            for (int k = 1; k <= wanted; k++)
            {
                double overlap = share.Dot(meanFeatures[c], vectors.Row(values.Length - k));
                sum += overlap * overlap;
            }

            rms[c] = norm > Rounding * Rounding * share.Total ? Math.Sqrt(sum / norm) : double.NaN;
        }

        return new FeatureOverlap([.. values[^wanted..].Reverse()], rms);
    }
}
