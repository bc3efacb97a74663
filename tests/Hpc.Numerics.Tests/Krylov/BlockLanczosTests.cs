using System.Numerics.Tensors;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Krylov;

public class BlockLanczosTests
{
    public static TheoryData<IReorthogonalization> Reorthogonalizations => [new FullReorthogonalization(),
        new SelectiveReorthogonalization()];

    [Theory]
    [MemberData(nameof(Reorthogonalizations))]
    public void Both_ends_of_a_spectrum_are_found_with_eigenvectors(IReorthogonalization reorthogonalization)
    {
        // Outliers above a bulk and isolated values below it.
        double[] exact = [.. Enumerable.Range(0, 301).Select(i => 1 + i / 301.0), 0.1, 0.2, 0.5, 3, 4, 4.5, 7];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        Array.Sort(exact);

        // A basis that is orthogonal to √ε = 1.5e-8 cannot promise smaller residuals.
        double tolerance = reorthogonalization is SelectiveReorthogonalization ? 1e-8 : 1e-10;
        var lanczos = new BlockLanczos { BlockSize = 3, BasisSize = 40, Tolerance = tolerance, Reorthogonalization = reorthogonalization };
        using Eigenpairs pairs = lanczos.Solve(new DenseOperator(a, team), 3, 4, team);
        Assert.True(pairs.Convergence.Converged);
        AssertPairs([.. exact[..3], .. exact[^4..]], pairs, a, 1e-9 * 7);
    }

    [Theory]
    [MemberData(nameof(Reorthogonalizations))]
    public void Multiplicities_beyond_the_block_size_are_found(IReorthogonalization reorthogonalization)
    {
        double[] exact = [.. Enumerable.Repeat(1.0, 40), .. Enumerable.Repeat(3.0, 5), .. Enumerable.Repeat(2.0, 8)];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        var lanczos = new BlockLanczos { BlockSize = 2, Tolerance = 1e-10, Reorthogonalization = reorthogonalization };
        using Eigenpairs pairs = lanczos.Solve(new DenseOperator(a, team), 0, 7, team);
        AssertPairs([2, 2, 3, 3, 3, 3, 3], pairs, a, 1e-9);
    }

    [Fact]
    public void A_covariance_with_thick_restarts_has_the_eigenvalues_of_the_dense_solver()
    {
        const int N = 157;
        using var team = new ThreadTeam(2);
        using Matrix<double> factor = new(N, 211), a = new(N, N);
        new Hpc.Numerics.Randomness.RandomStream(3, Hpc.Numerics.Randomness.StreamPurpose.TestData).FillNormals(0, 0, factor.Span);
        Syrk.Multiply(team, 1.0 / 211, factor.View, 0, a.View);
        using Matrix<double> copy = a.Clone();
        double[] exact = new double[N];
        new Hpc.Numerics.Eigen.ManagedEigensolver().Decompose(copy, exact, vectors: false, threads: 1);
        var lanczos = new BlockLanczos { BlockSize = 4, BasisSize = 48 };
        using Eigenpairs pairs = lanczos.Solve(new DenseOperator(a, team), 5, 10, team);
        Assert.True(pairs.Convergence.Converged);
        Assert.True(pairs.Convergence.Iterations > 48 + 15, "no restart was needed: the test tests nothing");
        AssertPairs([.. exact[..5], .. exact[^10..]], pairs, a, 1e-8 * exact[^1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Everything_above_a_threshold_is_counted(int block)
    {
        // Twice the block and one more copies of the largest value, one of a value beside the threshold, and a bulk below it.
        double[] exact = [.. Enumerable.Range(0, 800).Select(i => 1 + i / 800.0), 2.6, .. Enumerable.Repeat(4.0, 2 * block + 1)];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        var lanczos = new BlockLanczos { BlockSize = block, Tolerance = 1e-10 };
        using Eigenpairs pairs = lanczos.SolveAbove(new DenseOperator(a, team), 2.3, team);
        Assert.True(pairs.Convergence.Converged);
        Assert.True(pairs.Convergence.Iterations < exact.Length, "the whole space was needed");
        AssertPairs(exact[800..], pairs, a, 1e-9);
        using Eigenpairs none = lanczos.SolveAbove(new DenseOperator(a, team), 5, team);
        Assert.Empty(none.Values);
    }

    [Fact]
    public void Too_few_products_are_reported()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([.. Enumerable.Range(0, 300).Select(i => 1 + i / 300.0)]);
        using Eigenpairs pairs = new BlockLanczos { BlockSize = 2, LargestProducts = 30 }.Solve(new DenseOperator(a, team), 3, 0, team);
        Assert.False(pairs.Convergence.Converged);
        Assert.True(pairs.Convergence.Residual > 1e-8);
        Assert.Equal(pairs.Residuals.Max(), pairs.Convergence.Residual);
    }

    [Fact]
    public void All_pairs_of_a_small_matrix_can_be_asked_for()
    {
        double[] exact = [-2, -1, 0, 0, 3, 5, 5];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        using Eigenpairs pairs = new BlockLanczos { BlockSize = 3 }.Solve(new DenseOperator(a, team), 2, 5, team);
        AssertPairs(exact, pairs, a, 1e-12);
    }

    [Fact]
    public void An_interior_bulk_is_found_by_filtering()
    {
        double[] exact = [.. Enumerable.Range(0, 120).Select(i => 0.1 + 0.001 * i), .. Enumerable.Range(0, 31).Select(i => 1 + 0.01 * i),
            .. Enumerable.Range(0, 40).Select(i => 2 + 0.02 * i)];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact);
        using Eigenpairs pairs = InteriorEigenpairs.Solve(
            new DenseOperator(a, team), 0.8, 1.6, 0, 3, 0.3, new BlockLanczos { BlockSize = 4, Tolerance = 1e-10 }, team);
        Assert.True(pairs.Convergence.Converged);
        AssertPairs(exact[120..151], pairs, a, 1e-7);
    }

    [Fact]
    public void What_cannot_be_done_is_refused()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([1, 2, 3, 4, 5]);
        var symmetric = new DenseOperator(a, team);
        Assert.Contains("dimension 5", Assert.Throws<ArgumentException>(() => new BlockLanczos { BlockSize = 2 }.Solve(symmetric, 3, 3,
            team)).Message);
        Assert.Contains("block", Assert.Throws<ArgumentException>(() => new BlockLanczos { BlockSize = 6 }.Solve(symmetric, 0, 1,
            team)).Message);
        Assert.Contains("at least 5", Assert.Throws<ArgumentException>(() => new BlockLanczos
        {
            BlockSize = 2,
            BasisSize = 4
        }.Solve(symmetric, 1, 1, team)).Message);
        using Matrix<double> skewed = a.Clone();
        skewed[1, 3] += 1e-6;
        var lopsided = new DenseOperator(skewed, team);
        Assert.Contains("not symmetric", Assert.Throws<ArgumentException>(() => new BlockLanczos { BlockSize = 2 }.Solve(lopsided, 0, 1,
            team)).Message);
        Assert.Contains("not symmetric", Assert.Throws<ArgumentException>(() => StochasticQuadrature.Compute(lopsided, 1, 3, 0,
            team)).Message);
    }

    private static void AssertPairs(double[] expected, Eigenpairs pairs, Matrix<double> a, double tolerance)
    {
        Assert.Equal(expected.Length, pairs.Values.Length);
        int n = a.Rows;
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.Equal(expected[k], pairs.Values[k], tolerance);
            Assert.InRange(pairs.Residuals[k], 0, 10 * tolerance);
            double residual = Math.Sqrt(Enumerable.Range(0, n).Sum(i => Math.Pow(TensorPrimitives.Dot<double>(a.Row(i),
                pairs.Vectors.Row(k)) - pairs.Values[k] * pairs.Vectors[k, i], 2)));
            Assert.Equal(pairs.Residuals[k], residual, 1e-12);
            for (int l = 0; l <= k; l++)
            {
                Assert.Equal(l == k ? 1 : 0, TensorPrimitives.Dot<double>(pairs.Vectors.Row(k), pairs.Vectors.Row(l)), 1e-7);
            }
        }
    }
}
