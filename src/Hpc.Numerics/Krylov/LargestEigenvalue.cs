using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Profiling;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Hpc.Numerics.Krylov;

/// <summary>y ← A x for a symmetric A.</summary>
public delegate void SymmetricOperator(ReadOnlySpan<double> x, Span<double> y);

/// <summary>How an iteration ended.</summary>
/// <param name="Converged">Whether the tolerance was met.</param>
/// <param name="Iterations">Products with the operator.</param>
/// <param name="Residual">‖A x − θ x‖, a bound on the distance of θ from an eigenvalue.</param>
public sealed record Convergence(bool Converged, int Iterations, double Residual);

/// <summary>The largest eigenvalue of a symmetric positive semi-definite operator by Lanczos iteration with full reorthogonalization.</summary>
public static class LargestEigenvalue
{
    private const int ChecksPerDoubling = 8;

    private static readonly Kernel Step = Kernel.Of<double>("lanczos-step");

    /// <summary>Iterates until the residual of the largest Ritz pair is below <paramref name="tolerance"/> times the Ritz value.</summary>
    /// <param name="apply">The operator.</param>
    /// <param name="start">Start vector, not zero; its length is the dimension, or this process's share of it.</param>
    /// <param name="tolerance">Relative residual.</param>
    /// <param name="largestIterations">Most products with the operator.</param>
    /// <param name="rows">How the rows are divided among processes; null when they are not.</param>
    /// <returns>The Ritz value, never above λ_max by more than rounding, and how it was reached; λ_max ≤ value + residual near the top.</returns>
    public static (double Value, Convergence Convergence) Compute(SymmetricOperator apply, ReadOnlySpan<double> start, double tolerance, int largestIterations, RowShare? rows = null)
    {
        int dimension = start.Length;
        RowShare share = rows ?? RowShare.Whole(dimension);
        int steps = Math.Min(largestIterations, share.Total);
        var basis = new List<double[]> { start.ToArray() };
        var diagonal = new List<double>();
        var offDiagonal = new List<double>();
        double norm = share.Norm(start);
        ArgumentOutOfRangeException.ThrowIfZero(norm, nameof(start));
        TensorPrimitives.Divide(basis[0], norm, basis[0]);
        for (int k = 0; ; k++)
        {
            var next = new double[dimension];
            apply(basis[k], next);

            // The basis is read once a pass; the product with the operator is no part of it.
            using KernelScope scope = Step.Enter(8.0 * dimension * basis.Count, 2.0 * sizeof(double) * dimension * (basis.Count + 1));
            for (int pass = 0; pass < 2; pass++)
            {
                double[] overlaps = [.. basis.Select(vector => TensorPrimitives.Dot<double>(vector, next))];
                share.Sum(overlaps);
                for (int i = 0; i < overlaps.Length; i++)
                {
                    TensorPrimitives.MultiplyAdd(basis[i], -overlaps[i], next, next);
                }

                if (pass == 0)
                {
                    diagonal.Add(overlaps[k]);
                }
            }

            double coupling = share.Norm(next);

            // The Ritz pair costs an eigendecomposition of T: it is looked at more rarely as T grows.
            if (k + 1 == steps || k % Math.Max(1, k / ChecksPerDoubling) == 0 || coupling == 0)
            {
                (double value, double last) = LargestRitzPair(diagonal, offDiagonal);
                double[] pair = [value, coupling * Math.Abs(last)];
                share.Agree(pair);
                double residual = pair[1];
                value = pair[0];
                bool converged = residual <= tolerance * Math.Abs(value);
                if (converged || k + 1 == steps)
                {
                    return (value, new Convergence(converged || steps == share.Total, k + 1, residual));
                }
            }

            TensorPrimitives.Divide(next, coupling, next);
            basis.Add(next);
            offDiagonal.Add(coupling);
        }
    }

    private static (double Value, double LastComponent) LargestRitzPair(List<double> diagonal, List<double> offDiagonal)
    {
        int n = diagonal.Count;
        Evd<double> evd = Matrix<double>.Build.Dense(
            n, n, (i, j) => i == j ? diagonal[i] : Math.Abs(i - j) == 1 ? offDiagonal[Math.Min(i, j)] : 0).Evd(Symmetricity.Symmetric);
        int top = Enumerable.Range(0, n).MaxBy(i => evd.EigenValues[i].Real);
        return (evd.EigenValues[top].Real, evd.EigenVectors[n - 1, top]);
    }
}
