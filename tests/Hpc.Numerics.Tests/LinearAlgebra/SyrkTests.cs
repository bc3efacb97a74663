using System.Numerics;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.LinearAlgebra.Kernels;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.LinearAlgebra;

public abstract class SyrkTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    [InlineData(5, 0)]
    [InlineData(31, 17)]
    [InlineData(33, 401)]
    [InlineData(131, 67)]
    [InlineData(307, 19)]
    public void EqualsTheTripleLoopOnIntegersInEveryLayoutAndWidth(int n, int k)
    {
        using var team = new ThreadTeam(2);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            foreach ((double alpha, double beta) in new[] { (1.0, 0.0), (-2.0, 1.0), (0.5, -3.0) })
            {
                for (int layout = 0; layout < 4; layout++)
                {
                    using Strided<T> a = new(n, k, layout & 1);
                    using Strided<T> c = new(n, n, layout >> 1);
                    ProductReference.FillIntegers(a.View, 1);
                    ProductReference.FillIntegers(c.View, 3);
                    (T alphaT, T betaT) = (T.CreateChecked(alpha), T.CreateChecked(beta));
                    (double[,] expected, _) = ProductReference.Multiply(alphaT, a.View, a.View.Transposed, betaT, c.View);
                    Syrk.Multiply(width, team, alphaT, a.View, betaT, c.View);
                    for (int i = 0; i < n; i++)
                    {
                        for (int j = 0; j < n; j++)
                        {
                            Assert.Equal(expected[Math.Max(i, j), Math.Min(i, j)], double.CreateChecked(c.View[i, j]));
                        }
                    }

                    c.AssertNothingElseWritten();
                }
            }
        }
    }

    [Fact]
    public void IsExactlySymmetricAndTheSameOnAnyNumberOfThreads()
    {
        const int N = 203;
        using var a = new Matrix<T>(N, 411);
        ProductReference.FillUniform(a.View, 1);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var single = new Matrix<T>(N, N);
            using var full = new Matrix<T>(N, N);
            using (var team = new ThreadTeam(1))
            {
                Syrk.Multiply(width, team, T.One, a.View, T.Zero, single.View);
                Gemm.Multiply<T, Identity<T>>(width, team, T.One, a.View, a.Transposed, T.Zero, full.View);
            }

            for (int i = 0; i < N; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    Assert.Equal(full[i, j], single[i, j]);
                    Assert.Equal(single[i, j], single[j, i]);
                }
            }

            using var three = new ThreadTeam(3);
            using var shared = new Matrix<T>(N, N);
            Syrk.Multiply(width, three, T.One, a.View, T.Zero, shared.View);
            Assert.True(single.Span.SequenceEqual(shared.Span));
        }
    }

    [Fact]
    public void CrossesThePackedSuperBlocks()
    {
        // Longer than any PackedRows or PackedColumns of the table.
        const int N = 4096 + 77;
        using var team = new ThreadTeam(2);
        using var a = new Matrix<T>(N, 2);
        using var c = new Matrix<T>(N, N);
        ProductReference.FillIntegers(a.View, 1);
        Syrk.Multiply(team, T.One, a.View, T.Zero, c.View);
        for (int i = 0; i < N; i += 3)
        {
            for (int j = 0; j < N; j++)
            {
                if (c[i, j] != a[i, 0] * a[j, 0] + a[i, 1] * a[j, 1])
                {
                    Assert.Fail($"({i}, {j})");
                }
            }
        }
    }

    [Fact]
    public void DoesNotReadCWhenBetaIsZero()
    {
        using var team = new ThreadTeam(1);
        foreach (SimdWidth width in ProductReference.Widths)
        {
            using var a = new Matrix<T>(47, 9);
            using var c = new Matrix<T>(47, 47);
            c.Span.Fill(T.NaN);
            Syrk.Multiply(width, team, T.One, a.View, T.Zero, c.View);
            Assert.All(c.Span.ToArray(), x => Assert.Equal(T.Zero, x));
        }
    }

    [Fact]
    public void NamesTheShapesThatDoNotFit()
    {
        using var team = new ThreadTeam(1);
        using var a = new Matrix<T>(2, 3);
        using var c = new Matrix<T>(3, 3);
        var exception = Assert.Throws<ArgumentException>(() => Syrk.Multiply(team, T.One, a.View, T.Zero, c.View));
        Assert.Contains("2×3", exception.Message);
    }
}

public sealed class SyrkSingleTests : SyrkTests<float>;

public sealed class SyrkDoubleTests : SyrkTests<double>;
