using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// How a new Lanczos block is kept orthogonal to the basis, beyond the vectors that the three-term recurrence couples it to.
/// </summary>
public interface IReorthogonalization
{
    /// <summary>Makes the rows of a new block orthogonal to the basis once the recurrence has been subtracted.</summary>
    /// <param name="basis">The basis and the projected operator.</param>
    /// <param name="block">k×n, overwritten.</param>
    void Apply(KrylovBasis basis, MatrixView<double> block);
}
