using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Tests.Eigen;

public class LapackEigensolverTests : SymmetricEigensolverTests
{
    protected override ISymmetricEigensolver Solver
    {
        get
        {
            ISymmetricEigensolver found = SymmetricEigensolvers.Find("auto");
            if (found is ManagedEigensolver)
            {
                // A library that is there and fails is an error, not a reason to skip.
                Assert.All(SymmetricEigensolvers.Candidates().Where(c => !c.Usable), c => Assert.EndsWith("can be loaded", c.Reason));
                Assert.Skip("No LAPACK library is installed.");
            }

            return found;
        }
    }

    [Fact]
    public void DecompositionsWithDifferentThreadCountsRunSideBySide()
    {
        ISymmetricEigensolver solver = Solver;
        Parallel.For(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 4 }, task =>
        {
            int n = 20 + task;
            using var a = new Matrix<double>(n, n);
            a.Span.Fill(1);
            double[] values = new double[n];
            solver.Decompose(a, values, true, 1 + task % 2);

            // The matrix of ones has eigenvalue n once and 0 otherwise.
            Assert.InRange(values[^1], n - 1e-12, n + 1e-12);
            Assert.InRange(values[^2], -1e-12, 1e-12);
        });
    }
}
