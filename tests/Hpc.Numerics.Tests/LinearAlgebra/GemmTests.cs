using System.Numerics;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.LinearAlgebra;

public abstract unsafe class GemmTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int, int>
            {
                { 1, 1, 1 }, { 1, 97, 3 }, { 97, 1, 3 }, { 2, 2, 0 }, { 14, 32, 5 }, { 15, 33, 1 }, { 13, 31, 64 }, { 101, 67, 53 },
                { 6, 16, 384 }, { 29, 49, 389 }, { 211, 263, 7 }, { 3, 5, 1021 }, { 0, 4, 3 }, { 4, 0, 3 },
            };
            for (int rows = 1; rows <= 15; rows++)
            {
                shapes.Add(rows, 19 + rows, 10);
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EqualsTheTripleLoopOnIntegersInEveryLayoutAndWidth(int m, int n, int k)
    {
        using var team = new ThreadTeam(2);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            foreach ((double alpha, double beta) in new[] { (1.0, 0.0), (-2.0, 1.0), (0.5, -3.0) })
            {
                for (int layout = 0; layout < 8; layout++)
                {
                    using Strided<T> a = new(m, k, layout & 1);
                    using Strided<T> b = new(k, n, (layout >> 1) & 1);
                    using Strided<T> c = new(m, n, (layout >> 2) & 1);
                    ProductReference.FillIntegers(a.View, 1);
                    ProductReference.FillIntegers(b.View, 2);
                    ProductReference.FillIntegers(c.View, 3);
                    (T alphaT, T betaT) = (T.CreateChecked(alpha), T.CreateChecked(beta));
                    (double[,] expected, _) = ProductReference.Multiply(alphaT, a.View, b.View, betaT, c.View);
                    Gemm.Multiply<T, Identity<T>>(width, team, alphaT, a.View, b.View, betaT, c.View);
                    AssertEqual(expected, c.View, x => x);
                    c.AssertNothingElseWritten();
                }
            }
        }
    }

    [Fact]
    public void TakesViewsWithoutAContiguousDimension()
    {
        using var team = new ThreadTeam(1);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var storage = new Matrix<T>(3 * 40, 2 * 50);
            var a = new MatrixView<T>(storage.Pointer, 17, 23, 300, 2);
            using var b = new Matrix<T>(23, 37);
            using var cStorage = new Matrix<T>(17, 3 * 37);
            var c = new MatrixView<T>(cStorage.Pointer, 17, 37, 3 * 37, 3);
            ProductReference.FillIntegers(a, 1);
            ProductReference.FillIntegers(b.View, 2);
            (double[,] expected, _) = ProductReference.Multiply(T.One, a, b.View, T.Zero, c);
            Gemm.Multiply<T, Identity<T>>(width, team, T.One, a, b.View, T.Zero, c);
            AssertEqual(expected, c, x => x);
        }
    }

    /// <summary>
    /// The rounding error of a sum of k products is at most k·u of the sum of their absolute values (u = ε/2, and γ_k ≈ k·u), to which
    /// the update adds three roundings. The reference in double has the same bound in its own ε.
    /// </summary>
    [Theory]
    [InlineData(67, 45, 389)]
    [InlineData(31, 129, 1021)]
    public void StaysWithinTheRoundingBound(int m, int n, int k)
    {
        using var team = new ThreadTeam(1);
        double unit = double.CreateChecked(T.BitDecrement(T.One)) is var below ? (1 - below) : 0;
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var a = new Matrix<T>(m, k);
            using var b = new Matrix<T>(k, n);
            using var c = new Matrix<T>(m, n);
            ProductReference.FillUniform(a.View, 1);
            ProductReference.FillUniform(b.View, 2);
            ProductReference.FillUniform(c.View, 3);
            (T alpha, T beta) = (T.CreateChecked(0.7), T.CreateChecked(-1.3));
            (double[,] expected, double[,] scale) = ProductReference.Multiply(alpha, a.View, b.View, beta, c.View);
            Gemm.Multiply<T, Identity<T>>(width, team, alpha, a.View, b.View, beta, c.View);
            double tolerance = (k + 3) * (unit + Math.BitIncrement(1.0) - 1);
            for (int i = 0; i < m; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    Assert.InRange(double.CreateChecked(c[i, j]) - expected[i, j], -tolerance * scale[i, j], tolerance * scale[i, j]);
                }
            }
        }
    }

    [Theory]
    [InlineData(101, 67, 53)]
    [InlineData(40, 96, 400)]
    public void AppliesTheEpilogueOnceToEveryElement(int m, int n, int k)
    {
        using var team = new ThreadTeam(1);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var a = new Matrix<T>(m, k);
            using var b = new Matrix<T>(k, n);
            using var c = new Matrix<T>(m, n);

            // 0 and 1 keep the square of a sum of 400 exact in single precision.
            Random random = new(5);
            foreach (ref T x in a.Span)
            {
                x = T.CreateChecked(random.Next(2));
            }

            foreach (ref T x in b.Span)
            {
                x = T.CreateChecked(random.Next(2));
            }

            ProductReference.FillIntegers(c.View, 3);
            (double[,] expected, _) = ProductReference.Multiply(T.One, a.View, b.View, T.One, c.View);
            Gemm.Multiply<T, Square<T>>(width, team, T.One, a.View, b.View, T.One, c.View);
            AssertEqual(expected, c.View, x => x * x);
        }
    }

    [Fact]
    public void DoesNotReadCWhenBetaIsZero()
    {
        using var team = new ThreadTeam(1);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var a = new Matrix<T>(17, 9);
            using var b = new Matrix<T>(9, 35);
            using var c = new Matrix<T>(17, 35);
            c.Span.Fill(T.NaN);
            Gemm.Multiply<T, Identity<T>>(width, team, T.One, a.View, b.View, T.Zero, c.View);
            Assert.All(c.Span.ToArray(), x => Assert.Equal(T.Zero, x));
        }
    }

    [Fact]
    public void PropagatesNaN()
    {
        using var team = new ThreadTeam(1);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var a = new Matrix<T>(17, 9);
            using var b = new Matrix<T>(9, 35);
            using var c = new Matrix<T>(17, 35);
            a[16, 8] = T.NaN;
            Gemm.Multiply<T, Identity<T>>(width, team, T.One, a.View, b.View, T.Zero, c.View);
            for (int i = 0; i < 17; i++)
            {
                for (int j = 0; j < 35; j++)
                {
                    Assert.Equal(i == 16, T.IsNaN(c[i, j]));
                }
            }
        }
    }

    [Theory]
    [InlineData(150, 333, 450)]
    [InlineData(900, 70, 31)]
    public void IsTheSameOnAnyNumberOfThreads(int m, int n, int k)
    {
        using var a = new Matrix<T>(m, k);
        using var b = new Matrix<T>(k, n);
        ProductReference.FillUniform(a.View, 1);
        ProductReference.FillUniform(b.View, 2);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var single = new Matrix<T>(m, n);
            using (var team = new ThreadTeam(1))
            {
                Gemm.Multiply<T, Identity<T>>(width, team, T.One, a.View, b.View, T.Zero, single.View);
            }

            foreach (int threads in new[] { 2, 3, 7 })
            {
                using var team = new ThreadTeam(threads);
                using var shared = new Matrix<T>(m, n);
                Gemm.Multiply<T, Identity<T>>(width, team, T.One, a.View, b.View, T.Zero, shared.View);
                Assert.True(single.Span.SequenceEqual(shared.Span));
            }

            // Nor on the part of C that is asked for: edges are computed as the interior is.
            using (var team = new ThreadTeam(1))
            {
                using var part = new Matrix<T>(m - 5, n - 9);
                Gemm.Multiply<T, Identity<T>>(
                    width, team, T.One, a.View.Slice(5, 0, m - 5, k), b.View.Slice(0, 9, k, n - 9), T.Zero, part.View);
                for (int i = 0; i < part.Rows; i++)
                {
                    Assert.True(part.Row(i).SequenceEqual(single.Row(i + 5)[9..]));
                }
            }
        }
    }

    [Fact]
    public void CrossesThePackedSuperBlocks()
    {
        // Longer than any PackedRows or PackedColumns of the table.
        const int Long = 4096 + 4096 + 77;
        using var team = new ThreadTeam(2);
        using var tall = new Matrix<T>(Long, 3);
        using var small = new Matrix<T>(3, 5);
        using var c = new Matrix<T>(Long, 5);
        ProductReference.FillIntegers(tall.View, 1);
        ProductReference.FillIntegers(small.View, 2);
        (double[,] expected, _) = ProductReference.Multiply(T.One, tall.View, small.View, T.Zero, c.View);
        Gemm.Multiply(team, T.One, tall.View, small.View, T.Zero, c.View);
        AssertEqual(expected, c.View, x => x);
        using var wide = new Matrix<T>(5, Long);
        Gemm.Multiply(team, T.One, small.Transposed, tall.Transposed, T.Zero, wide.View);
        AssertEqual(expected, wide.Transposed, x => x);
    }

    [Fact]
    public void AllocatesNothingAfterTheFirstCall()
    {
        using var team = new ThreadTeam(2);
        using var a = new Matrix<T>(130, 90);
        using var b = new Matrix<T>(90, 120);
        using var c = new Matrix<T>(130, 120);
        Gemm.Multiply(team, T.One, a.View, b.View, T.Zero, c.View);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Gemm.Multiply(team, T.One, a.View, b.View, T.Zero, c.View);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void NamesTheShapesThatDoNotFit()
    {
        using var team = new ThreadTeam(1);
        using var a = new Matrix<T>(2, 3);
        using var b = new Matrix<T>(4, 5);
        using var c = new Matrix<T>(2, 5);
        var exception = Assert.Throws<ArgumentException>(() => Gemm.Multiply(team, T.One, a.View, b.View, T.Zero, c.View));
        Assert.Contains("2×3", exception.Message);
        Assert.Contains("4×5", exception.Message);
    }

    private static void AssertEqual(double[,] expected, MatrixView<T> actual, Func<double, double> function)
    {
        for (int i = 0; i < actual.Rows; i++)
        {
            for (int j = 0; j < actual.Columns; j++)
            {
                if (function(expected[i, j]) != double.CreateChecked(actual[i, j]))
                {
                    Assert.Fail($"({i}, {j}) is {actual[i, j]} instead of {function(expected[i, j])}");
                }
            }
        }
    }
}

public sealed class GemmSingleTests : GemmTests<float>;

public sealed class GemmDoubleTests : GemmTests<double>;
