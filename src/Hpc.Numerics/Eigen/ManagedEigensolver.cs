using System.Numerics;
using System.Runtime.InteropServices;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace Hpc.Numerics.Eigen;

/// <summary>
/// Householder tridiagonalization and implicit QL iterations of Math.NET Numerics, one thread, no native code. For matrices of a few
/// hundred rows, and for machines without LAPACK.
/// </summary>
public sealed class ManagedEigensolver : ISymmetricEigensolver
{
    private const int LargestOrder = 46340; // n² elements in one array

    public string Description =>
        $"Math.NET Numerics {typeof(Combinatorics).Assembly.GetName().Version?.ToString(3)} (managed), Householder and QL";

    /// <inheritdoc/>
    /// <remarks>It runs on the calling thread whatever <paramref name="threads"/> allows, and computes the vectors in any case.</remarks>
    public void Decompose(Matrix<double> a, Span<double> eigenvalues, bool vectors, int threads)
    {
        EigensolverArguments.Check(a, eigenvalues, threads);
        int n = a.Rows;
        CheckOrder(n);
        if (n == 0)
        {
            return;
        }

        using KernelScope scope = EigensolverArguments.Enter(n, vectors);
        double[] matrix = a.Span.ToArray();
        double[] eigenvectors = new double[matrix.Length];
        double[] diagonal = new double[matrix.Length];
        Complex[] values = new Complex[n];
        try
        {
            // The instance itself rather than the library's current provider: no native provider is looked for, no global state matters.
            ManagedLinearAlgebraProvider.Instance.EigenDecomp(true, n, matrix, eigenvectors, values, diagonal);
        }
        catch (NonConvergenceException e)
        {
            throw new InvalidOperationException($"The QL iterations did not converge for a matrix of {n} rows.", e);
        }

        for (int k = 0; k < n; k++)
        {
            eigenvalues[k] = values[k].Real;
        }

        if (vectors)
        {
            eigenvectors.CopyTo(a.Span);
        }
    }

    public long WorkspaceBytes(int n, bool vectors)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        CheckOrder(n);
        return 3L * n * n * sizeof(double) + (long)n * Marshal.SizeOf<Complex>();
    }

    private static void CheckOrder(int n)
    {
        if (n > LargestOrder)
        {
            throw new NotSupportedException(
                $"The managed eigensolver takes at most {LargestOrder} rows, the matrix has {n}: install OpenBLAS, lower features, or use "
                + "spectrum method lanczos.");
        }
    }
}
