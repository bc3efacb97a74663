using System.Numerics.Tensors;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Krylov;

public class DominantSubspaceTests
{
    private const int N = 240;

    [Fact]
    public void Everything_above_a_gap_is_found_multiplicities_included()
    {
        double[] bulk = [.. Enumerable.Range(0, N - 25).Select(i => 1e-5 * Math.Pow(4e4, i / (N - 26.0)))];
        double[] top = [.. Enumerable.Range(0, 18).Select(i => 5 + 1.5 * i), 30.5, 30.5, 30.5, 30.5, 60, 60, 400];
        double[] exact = [.. bulk, .. top.Order()];
        using var team = new ThreadTeam(2);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact), block = RandomBlock(32), image = new(top.Length, N);
        using Eigenpairs found = DominantSubspace.Find(new DenseOperator(a, team), block, 3, 1e-12, new ManagedEigensolver(), team)!;
        Assert.Equal(top.Length, found.Values.Length);
        Gemm.Multiply(team, 1, found.Vectors.View, a.View, 0, image.View);
        for (int i = 0; i < top.Length; i++)
        {
            Assert.Equal(exact[bulk.Length + i], found.Values[i], 1e-10);
            TensorPrimitives.MultiplyAdd(found.Vectors.Row(i), -found.Values[i], image.Row(i), image.Row(i));
            Assert.InRange(TensorPrimitives.Norm<double>(image.Row(i)), 0, 1e-12 * 400 * 2);
            for (int j = 0; j <= i; j++)
            {
                Assert.Equal(i == j ? 1 : 0, TensorPrimitives.Dot<double>(found.Vectors.Row(i), found.Vectors.Row(j)), 1e-13);
            }
        }

        // Without them the largest eigenvalue is that of the bulk.
        var deflated = new DeflatedOperator(new DenseOperator(a, team), found.Vectors, team);
        using Matrix<double> start = RandomBlock(1), y = new(1, N);
        deflated.Project(start.View);
        (double largest, _) = LargestEigenvalue.Compute(
            (x, target) =>
            {
                x.CopyTo(start.Row(0));
                deflated.Apply(start.Transposed, y.Transposed);
                y.Row(0).CopyTo(target);
            },
            start.Row(0).ToArray(), 1e-10, N);
        Assert.Equal(bulk[^1], largest, 1e-8);
    }

    [Fact]
    public void A_spectrum_without_a_gap_gives_none()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([.. Enumerable.Range(1, N).Select(i => (double)i)]), block = RandomBlock(30);
        Assert.Null(DominantSubspace.Find(new DenseOperator(a, team), block, 3, 1e-12, new ManagedEigensolver(), team));
    }

    [Fact]
    public void A_gap_below_the_block_is_none()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([.. Enumerable.Range(0, N).Select(i => i < N - 50 ? 0.01 : 5 + 0.1 * i)]), block = RandomBlock(30);
        Assert.Null(DominantSubspace.Find(new DenseOperator(a, team), block, 3, 1e-12, new ManagedEigensolver(), team));
    }

    [Fact]
    public void Start_vectors_that_are_zero_give_none_and_wrong_shapes_are_refused()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([.. Enumerable.Range(0, N).Select(i => i < N - 5 ? 0.01 : 5.0)]), block = RandomBlock(10), narrow = new(10, N - 1);
        block.Row(0).Clear();
        Assert.Null(DominantSubspace.Find(new DenseOperator(a, team), block, 3, 1e-12, new ManagedEigensolver(), team));
        Assert.Contains($"10×{N - 1}", Assert.Throws<ArgumentException>(
            () => DominantSubspace.Find(new DenseOperator(a, team), narrow, 3, 1e-12, new ManagedEigensolver(), team)).Message);
    }

    private static Matrix<double> RandomBlock(int rows)
    {
        var block = new Matrix<double>(rows, N);
        new RandomStream(7, StreamPurpose.ProbeVectors).FillNormals(3, 0, block.Span);
        return block;
    }
}
