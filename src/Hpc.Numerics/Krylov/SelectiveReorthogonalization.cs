using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// Projects a new block against the coupled vectors once more and against those Ritz vectors only that have converged to √ε, in whose
/// directions alone
/// orthogonality is lost (Parlett and Scott, Math. Comp. 33, 1979).
/// </summary>
/// <remarks>
/// The basis stays orthogonal to about √ε, enough for T to be the projection of A to working precision, but not for residuals below √ε‖A‖.
/// It saves work where few of many
/// Ritz pairs have
/// converged; finding them costs an eigendecomposition of T a block.
/// </remarks>
public sealed class SelectiveReorthogonalization : IReorthogonalization
{
    private const double RootRounding = 1.4901161193847656e-8;

    public void Apply(KrylovBasis basis, MatrixView<double> block)
    {
        basis.Project(basis.CoupledStart, basis.Count, block).Dispose();
        (double[] values, Matrix<double> ritz) = basis.Decompose(basis.Count);
        using (ritz)
        {
            double scale = Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
            int width = basis.Count - basis.LastStart;

            // ‖R‖ of the block bounds the residual by the weight of the Ritz vector in the last block.
            double size = 0;
            for (int l = 0; l < block.Rows; l++)
            {
                size = Math.Max(size, basis.Share.Norm(ChebyshevRecurrence.Row(block, l)));
            }

            size *= Math.Sqrt(width);
            int[] converged = [.. Enumerable.Range(0, values.Length).Where(
                i => size * TensorPrimitives.Norm<double>(ritz.Row(i)[basis.LastStart..]) <= RootRounding * scale)];
            if (converged.Length == 0)
            {
                return;
            }

            using var chosen = new Matrix<double>(converged.Length, basis.Count);
            for (int i = 0; i < converged.Length; i++)
            {
                ritz.Row(converged[i]).CopyTo(chosen.Row(i));
            }

            using var vectors = new Matrix<double>(converged.Length, block.Columns);
            basis.Combine(chosen, vectors);
            KrylovBasis.Project(basis.Team, basis.Share, vectors.View, block).Dispose();
        }
    }
}
