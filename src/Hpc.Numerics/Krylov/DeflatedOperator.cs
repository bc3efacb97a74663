using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// (1 − QᵀQ) A on vectors that are orthogonal to the rows of Q, an orthonormal basis of an invariant subspace: A without those eigenvalues.
/// </summary>
/// <param name="apply">A.</param>
/// <param name="basis">Q, m×n.</param>
/// <param name="team">Threads for the projection.</param>
public sealed class DeflatedOperator(ISymmetricOperator apply, Matrix<double> basis, ThreadTeam team) : ISymmetricOperator
{
    public int Dimension => apply.Dimension;

    public RowShare Share => apply.Share;

    public IKrylovVectors? KeepVectors(int capacity) => apply.KeepVectors(capacity);

    public long MemoryBytes => apply.MemoryBytes + sizeof(double) * basis.Length;

    public double Flops(int vectors) => apply.Flops(vectors) + 4.0 * basis.Length * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        apply.Apply(x, y);
        Project(y.Transposed);
    }

    /// <summary>rows ← rows (1 − QᵀQ), k×n.</summary>
    public void Project(MatrixView<double> rows) => KrylovBasis.Project(team, apply.Share, basis.View, rows).Dispose();
}
