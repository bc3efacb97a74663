using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;

namespace Hpc.Numerics.Eigen;

/// <summary>The checks that every solver makes before it touches a matrix, and how its work is counted.</summary>
internal static class EigensolverArguments
{
    private static readonly Kernel Values = Kernel.Of<double>("eigenvalues"), Vectors = Kernel.Of<double>("eigensystem");

    /// <summary>
    /// Begins a decomposition, counted as reduction to tridiagonal form (4/3 n³ flops) and, for vectors, divide and conquer without
    /// deflation (4/3 n³) and their transformation back (2 n³); Demmel, Applied Numerical Linear Algebra, section 5.3.
    /// </summary>
    public static KernelScope Enter(int n, bool vectors)
    {
        double square = (double)n * n;
        return vectors
            ? Vectors.Enter(14.0 / 3.0 * square * n, sizeof(double) * (2 * square + n))
            : Values.Enter(4.0 / 3.0 * square * n, sizeof(double) * (square + n));
    }

    public static void Check(Matrix<double> a, ReadOnlySpan<double> eigenvalues, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (a.Rows != a.Columns)
        {
            throw new ArgumentException($"The matrix is {a.Rows}×{a.Columns}: an eigendecomposition needs a square one.", nameof(a));
        }

        if (eigenvalues.Length != a.Rows)
        {
            throw new ArgumentException(
                $"eigenvalues has {eigenvalues.Length} elements and the matrix {a.Rows} rows: give it one element a row.",
                nameof(eigenvalues));
        }

        for (int i = 0; i < a.Rows; i++)
        {
            if (!double.IsFinite(TensorPrimitives.MaxMagnitude<double>(a.Row(i))))
            {
                throw new ArgumentException($"Row {i} of the matrix has an element that is not finite.", nameof(a));
            }
        }
    }
}
