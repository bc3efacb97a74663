using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Eigen;

/// <summary>Eigendecomposition A = Σ_k λ_k v_k v_kᵀ of a dense symmetric matrix.</summary>
public interface ISymmetricEigensolver
{
    /// <summary>Library, version, file and routine, as a run records them.</summary>
    string Description { get; }

    /// <summary>Computes all eigenvalues and, if asked, an orthonormal basis of eigenvectors.</summary>
    /// <param name="a">
    /// n×n, both triangles filled; overwritten. With <paramref name="vectors"/>, row k becomes the k-th eigenvector.
    /// </param>
    /// <param name="eigenvalues">Length n; receives the eigenvalues in ascending order.</param>
    /// <param name="vectors">Whether eigenvectors are wanted; without them the contents of <paramref name="a"/> are lost.</param>
    /// <param name="threads">Number of threads the library may use, at least 1.</param>
    /// <exception cref="ArgumentException">The matrix is not square or not finite, or a length does not fit.</exception>
    /// <exception cref="NotSupportedException">n is beyond what the solver can address; the message says what it can.</exception>
    /// <exception cref="InvalidOperationException">The iteration did not converge.</exception>
    void Decompose(Matrix<double> a, Span<double> eigenvalues, bool vectors, int threads);

    /// <summary>Bytes that <see cref="Decompose"/> allocates beside the matrix itself.</summary>
    /// <exception cref="NotSupportedException">n is beyond what the solver can address; the message says what it can.</exception>
    long WorkspaceBytes(int n, bool vectors);
}
