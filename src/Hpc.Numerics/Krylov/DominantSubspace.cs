using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// All eigenpairs above a gap near the top of a positive spectrum, by Chebyshev-filtered subspace iteration (Zhou, Saad, Tiago and
/// Chelikowsky, J. Comput. Phys. 219, 2006). Where a good start block is known, hundreds of eigenpairs cost a dozen block products.
/// </summary>
/// <remarks>
/// The gap is not known beforehand: it is the lowest place where neighbouring Ritz values of the block differ by the ratio, and the lowest vectors
/// of the block are there to show it. Eigenpairs that the iteration misses are no error for the caller who uses the pairs as an invariant subspace.
/// </remarks>
public static class DominantSubspace
{
    // Growth of what is above the gap against what is below it in one filter: more would drown the small members of a block in the rounding
    // of the large ones.
    private const double Amplification = 1e5;

    private const int LargestDegree = 12;

    private const int LargestRounds = 12;

    // From this round on the block has been filtered often enough to show a gap that there is.
    private const int FirstVerdict = 4;

    private const double Rounding = 1e-14;

    private const int LargestPasses = 6;

    /// <summary>Finds the subspace.</summary>
    /// <param name="apply">The operator, positive semi-definite.</param>
    /// <param name="block">k×n, the start vectors as rows and some more than there are eigenvalues above the gap; overwritten.</param>
    /// <param name="leastRatio">Smallest ratio of the eigenvalues on both sides of a gap that counts as one.</param>
    /// <param name="tolerance">Largest residual relative to λ_max.</param>
    /// <param name="eigensolver">For k×k matrices.</param>
    /// <param name="team">Threads for the work on the block.</param>
    /// <returns>The pairs above the gap, which the caller disposes; null when there is no gap or the iteration did not converge.</returns>
    /// <exception cref="ArgumentException">The block has fewer than two vectors or more than n, or vectors of another length.</exception>
    public static Eigenpairs? Find(
        ISymmetricOperator apply, Matrix<double> block, double leastRatio, double tolerance, ISymmetricEigensolver eigensolver, ThreadTeam team)
    {
        RowShare share = apply.Share;
        int n = share.Count, count = block.Rows;
        if (block.Columns != n || count < 2 || count > share.Total)
        {
            throw new ArgumentException($"The start block is {count}×{block.Columns}; for an operator of dimension {n} it must have 2 to {n} rows of {n}.", nameof(block));
        }

        using Matrix<double> image = new(count, n), third = new(count, n), small = new(count, count);
        double[] values = new double[count], residuals = new double[count];
        int products = 0;
        for (int round = 0; round < LargestRounds; round++)
        {
            if (!Orthonormalize(block, third, small, share, eigensolver, team))
            {
                return null;
            }

            apply.Apply(block.Transposed, image.Transposed);
            products += count;
            Gemm.Multiply(team, 1, block.View, image.Transposed, 0, small.View);
            Decompose(small, values, share, eigensolver, team);
            Rotate(small, block, third, team);
            Rotate(small, image, third, team);
            team.For(count, i =>
            {
                TensorPrimitives.MultiplyAdd(block.Row(i), -values[i], image.Row(i), third.Row(i));
                residuals[i] = TensorPrimitives.SumOfSquares<double>(third.Row(i));
            });
            share.Sum(residuals);
            TensorPrimitives.Sqrt(residuals, residuals);
            int cut = Gap(values, leastRatio);
            bool open = cut > 0 && values[cut] >= leastRatio * values[cut - 1];
            if (!open && round >= FirstVerdict)
            {
                return null;
            }

            if (open && round >= 1 && residuals.Skip(cut).Max() <= tolerance * values[^1])
            {
                var vectors = new Matrix<double>(count - cut, n);
                block.Span[(cut * n)..].CopyTo(vectors.Span);
                return new Eigenpairs(values[cut..], vectors, residuals[cut..], new Convergence(true, products, residuals.Skip(cut).Max()));
            }

            if (cut == 0)
            {
                return null;
            }

            double edge = Math.Max(values[cut - 1], values[^1] * 1e-12);
            double place = 2 * values[cut] / edge - 1;
            int degree = Math.Clamp((int)Math.Ceiling(Math.Log(2 * Amplification) / Math.Acosh(place)), 1, LargestDegree);
            Filter(apply, edge, degree, block, image, third, team);
            products += degree * count;
        }

        return null;
    }

    /// <summary>
    /// Index of the first Ritz value above the lowest gap of at least the ratio, else above the widest one; 0 without positive values.
    /// </summary>
    private static int Gap(double[] values, double ratio)
    {
        int cut = 0;
        double best = 1;
        for (int i = 1; i < values.Length && best < ratio; i++)
        {
            if (values[i - 1] > 0 && values[i] > best * values[i - 1])
            {
                (cut, best) = (i, values[i] / values[i - 1]);
            }
        }

        return cut;
    }

    /// <summary>block ← T_degree(2A/edge − 1) block, rows scaled to one.</summary>
    private static void Filter(
        ISymmetricOperator apply, double edge, int degree, Matrix<double> block, Matrix<double> second, Matrix<double> third, ThreadTeam team)
    {
        Matrix<double>[] ring = [block, second, third];
        for (int j = 1; j <= degree; j++)
        {
            ChebyshevRecurrence.Next(apply, 0, edge, ring[(j - 1) % 3].View, j == 1 ? null : ring[(j + 1) % 3].View, ring[j % 3].View, team);
        }

        Matrix<double> result = ring[degree % 3];
        double[] squares = new double[block.Rows];
        team.For(block.Rows, i => squares[i] = TensorPrimitives.SumOfSquares<double>(result.Row(i)));
        apply.Share.Sum(squares);
        team.For(block.Rows, i => TensorPrimitives.Divide(result.Row(i), Math.Sqrt(squares[i]), block.Row(i)));
    }

    /// <summary>
    /// Orthonormalizes the rows by the eigensystem of their Gram matrix (Stathopoulos and Wu, SIAM J. Sci. Comput. 23, 2002), again until
    /// nothing changes: nearly dependent rows come out scaled up by at most 1/√<see cref="Rounding"/> in a pass.
    /// </summary>
    /// <returns>False when rows are dependent.</returns>
    private static bool Orthonormalize(
        Matrix<double> block, Matrix<double> scratch, Matrix<double> gram, RowShare share, ISymmetricEigensolver eigensolver, ThreadTeam team)
    {
        double[] squares = new double[block.Rows];
        for (int pass = 0; pass < LargestPasses; pass++)
        {
            Gemm.Multiply(team, 1, block.View, block.Transposed, 0, gram.View);
            Decompose(gram, squares, share, eigensolver, team);
            for (int i = 0; i < block.Rows; i++)
            {
                TensorPrimitives.Divide(gram.Row(i), Math.Sqrt(Math.Max(squares[i], Rounding * squares[^1])), gram.Row(i));
            }

            Rotate(gram, block, scratch, team);
            if (pass > 0 && squares[0] > 0.5 * squares[^1])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Eigensystem of the sum over all processes of their part of a small matrix, the same for all.</summary>
    private static void Decompose(Matrix<double> small, double[] values, RowShare share, ISymmetricEigensolver eigensolver, ThreadTeam team)
    {
        share.Sum(small.Span);
        eigensolver.Decompose(small, values, vectors: true, team.Count);
        share.Agree(values);
        share.Agree(small.Span);
    }

    /// <summary>block ← rotation · block.</summary>
    private static void Rotate(Matrix<double> rotation, Matrix<double> block, Matrix<double> scratch, ThreadTeam team)
    {
        Gemm.Multiply(team, 1, rotation.View, block.View, 0, scratch.View);
        team.For(block.Rows, i => scratch.Row(i).CopyTo(block.Row(i)));
    }
}
