using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Krylov;

/// <summary>Iterations whose vectors an operator keeps, as one on a device does: what it has must never be behind.</summary>
public class KrylovVectorsTests
{
    public static TheoryData<IReorthogonalization> Reorthogonalizations => BlockLanczosTests.Reorthogonalizations;

    [Theory]
    [MemberData(nameof(Reorthogonalizations))]
    public void Eigenpairs_are_found_over_restarts(IReorthogonalization reorthogonalization)
    {
        double[] exact = [.. Enumerable.Range(0, 150).Select(i => 1 + i / 150.0), 0.1, 0.2, 0.5, 3, 3, 3, 7];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        Array.Sort(exact);
        var apply = new Keeping(new DenseOperator(a, team));
        var lanczos = new BlockLanczos { BlockSize = 2, BasisSize = 30, Tolerance = 1e-8, Reorthogonalization = reorthogonalization };
        using Eigenpairs pairs = lanczos.Solve(apply, 3, 4, team);
        Assert.True(pairs.Convergence.Converged && pairs.Convergence.Iterations > 40);
        Assert.All(((double[])[.. exact[..3], .. exact[^4..]]).Zip(pairs.Values), pair => Assert.Equal(pair.First, pair.Second, 7e-8));
        Assert.True(apply.Projections > 20 && apply.Combinations > 1);
        Assert.Equal(0, apply.Open);
    }

    [Fact]
    public void A_quadrature_has_the_same_nodes_and_weights()
    {
        double[] exact = [.. Enumerable.Range(0, 60).Select(i => Math.Pow(1 + i / 20.0, 2))];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        var apply = new Keeping(new DenseOperator(a, team));
        StochasticQuadrature expected = StochasticQuadrature.Compute(new DenseOperator(a, team), 3, 25, 5, team);
        StochasticQuadrature actual = StochasticQuadrature.Compute(apply, 3, 25, 5, team);
        for (int p = 0; p < 3; p++)
        {
            Assert.All(expected.Nodes[p].Zip(actual.Nodes[p]), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
            Assert.All(expected.Weights[p].Zip(actual.Weights[p]), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
        }

        Assert.Equal(3 * 25, apply.Projections);
        Assert.Equal(0, apply.Open);
    }

    private sealed class Keeping(ISymmetricOperator apply) : ISymmetricOperator
    {
        public int Projections { get; private set; }

        public int Combinations { get; private set; }

        public int Open { get; private set; }

        public int Dimension => apply.Dimension;

        public long MemoryBytes => apply.MemoryBytes;

        public double Flops(int vectors) => apply.Flops(vectors);

        public void Apply(MatrixView<double> x, MatrixView<double> y) => apply.Apply(x, y);

        public IKrylovVectors KeepVectors(int capacity)
        {
            Open++;
            return new Vectors(this, new double[capacity, Dimension]);
        }

        private sealed class Vectors(Keeping owner, double[,] q) : IKrylovVectors
        {
            public void Set(int first, MatrixView<double> rows)
            {
                for (int i = 0; i < rows.Rows; i++)
                {
                    for (int j = 0; j < rows.Columns; j++)
                    {
                        q[first + i, j] = rows[i, j];
                    }
                }
            }

            public void Project(int from, int to, int passes, MatrixView<double> w, MatrixView<double> overlaps)
            {
                owner.Projections++;
                for (int pass = 0; pass < passes; pass++)
                {
                    for (int l = 0; l < w.Rows; l++)
                    {
                        double[] sums = new double[to - from];
                        for (int i = from; i < to; i++)
                        {
                            for (int j = 0; j < w.Columns; j++)
                            {
                                sums[i - from] += w[l, j] * q[i, j];
                            }
                        }

                        for (int i = from; i < to; i++)
                        {
                            overlaps[l, i - from] = pass == 0 ? sums[i - from] : overlaps[l, i - from];
                            for (int j = 0; j < w.Columns; j++)
                            {
                                w[l, j] -= sums[i - from] * q[i, j];
                            }
                        }
                    }
                }
            }

            public void Combine(MatrixView<double> coefficients, MatrixView<double> result)
            {
                owner.Combinations++;
                for (int i = 0; i < result.Rows; i++)
                {
                    for (int j = 0; j < result.Columns; j++)
                    {
                        double sum = 0;
                        for (int k = 0; k < coefficients.Columns; k++)
                        {
                            sum += coefficients[i, k] * q[k, j];
                        }

                        result[i, j] = sum;
                    }
                }
            }

            public void Dispose() => owner.Open--;
        }
    }
}
