using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// The vectors of a Krylov space (rows of Q), kept where an operator makes its products: what costs most of the work on them is done there.
/// </summary>
public interface IKrylovVectors : IDisposable
{
    /// <summary>Takes in rows first, first + 1, … of Q.</summary>
    void Set(int first, MatrixView<double> rows);

    /// <summary>W ← W − (W Qᵀ) Q, with rows from, …, to − 1 for Q.</summary>
    /// <param name="from">First row.</param>
    /// <param name="to">Row behind the last.</param>
    /// <param name="passes">How often.</param>
    /// <param name="w">k×n, overwritten.</param>
    /// <param name="overlaps">Receives W Qᵀ of the first pass, k×(to − from).</param>
    void Project(int from, int to, int passes, MatrixView<double> w, MatrixView<double> overlaps);

    /// <summary>C·Q, with as many rows of Q as C has columns.</summary>
    /// <param name="coefficients">C, m×q.</param>
    /// <param name="result">Receives the product, m×n.</param>
    void Combine(MatrixView<double> coefficients, MatrixView<double> result);
}
