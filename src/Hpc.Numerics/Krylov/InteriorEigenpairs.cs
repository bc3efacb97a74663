using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// All eigenpairs in an interval anywhere in the spectrum, without solving linear systems: a smooth window p of the interval makes them the
/// largest of p(A)
/// (after Li, Xi, Vecharynski, Yang and Saad, SIAM J. Sci. Comput. 38, 2016), and a Rayleigh–Ritz step with A itself separates them.
/// </summary>
public static class InteriorEigenpairs
{
    /// <summary>Finds the eigenpairs in [from, to].</summary>
    /// <param name="apply">The operator.</param>
    /// <param name="from">Lower end, best in a gap of the spectrum.</param>
    /// <param name="to">Upper end, best in a gap of the spectrum.</param>
    /// <param name="lower">Below the smallest eigenvalue.</param>
    /// <param name="upper">Above the largest eigenvalue.</param>
    /// <param name="gap">
    /// Width of the smaller of the gaps at both ends: the window falls from 1 to 0 within it. Its degree is 4(upper − lower)/gap.
    /// </param>
    /// <param name="lanczos">Block size, tolerance and the rest.</param>
    /// <param name="team">Threads for the work on the bases.</param>
    /// <exception cref="ArgumentException">An interval is empty or outside the spectrum, or the operator is not symmetric.</exception>
    public static Eigenpairs Solve(
        ISymmetricOperator apply, double from, double to, double lower, double upper, double gap, BlockLanczos lanczos, ThreadTeam team)
    {
        if (!(gap > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(gap), gap, "The gap must be positive.");
        }

        ChebyshevSeries window = ChebyshevSeries.Window(from, to, lower, upper, (int)Math.Ceiling(4 * (upper - lower) / gap));
        using Eigenpairs filtered = lanczos.SolveAbove(new FilteredOperator(apply, window, team), 0.5, team);
        int count = filtered.Values.Length, n = apply.Dimension;
        if (count == 0)
        {
            return filtered with { Vectors = new Matrix<double>(0, n) };
        }

        using Matrix<double> image = new(count, n), projection = new(count, count);
        apply.Apply(filtered.Vectors.Transposed, image.Transposed);
        Gemm.Multiply(team, 1, filtered.Vectors.View, image.Transposed, 0, projection.View);
        double[] values = new double[count];
        apply.Share.Sum(projection.Span);
        new Eigen.ManagedEigensolver().Decompose(projection, values, vectors: true, threads: 1);
        apply.Share.Agree(values);
        apply.Share.Agree(projection.Span);
        Matrix<double> vectors = new(count, n);
        Gemm.Multiply(team, 1, projection.View, filtered.Vectors.View, 0, vectors.View);
        double[] residuals = BlockLanczos.Residuals(apply, values, vectors);
        return new Eigenpairs(values, vectors, residuals, new Convergence(
            filtered.Convergence.Converged, filtered.Convergence.Iterations * window.Degree + 2 * count, residuals.Max()));
    }
}
