using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Hpc.Kernels.Tests;

/// <summary>Gauss–Hermite rules for z ~ N(0, 1) by the eigenvalues of the Jacobi matrix (Golub and Welsch, 1969).</summary>
internal static class GaussHermite
{
    public static (double[] Nodes, double[] Weights) Rule(int count)
    {
        Evd<double> evd = Matrix<double>.Build.Dense(
            count, count, (i, j) => Math.Abs(i - j) == 1 ? Math.Sqrt(Math.Max(i, j)) : 0).Evd(Symmetricity.Symmetric);
        return ([.. evd.EigenValues.Select(z => z.Real)], [.. Enumerable.Range(0, count).Select(q => Math.Pow(evd.EigenVectors[0, q], 2))]);
    }
}
