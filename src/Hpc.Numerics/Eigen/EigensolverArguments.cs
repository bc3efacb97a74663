using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Eigen;

/// <summary>The checks that every solver makes before it touches a matrix.</summary>
internal static class EigensolverArguments
{
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
