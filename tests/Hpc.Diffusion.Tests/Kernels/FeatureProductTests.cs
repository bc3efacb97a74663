using System.Numerics;
using Hpc.Diffusion.Kernels;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Kernels;

/// <summary>Every width of the registers against the sums written out, for shapes with every kind of remainder.</summary>
public class FeatureProductTests
{
    private const double Weight = 0.7;

    public static TheoryData<SimdWidth, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<SimdWidth, int, int, int>();
            foreach (SimdWidth width in Enum.GetValues<SimdWidth>().Where(w => w <= SimdSupport.Widest))
            {
                foreach ((int features, int rows) in ((int, int)[])[(1, 1), (16, 8), (37, 53), (300, 9), (529, 150)])
                {
                    foreach (int vectors in (int[])[1, 2, 4, 7, 9, 16, 19, 33, 70])
                    {
                        cases.Add(width, features, rows, vectors);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Products_are_the_sums(SimdWidth width, int features, int rows, int vectors)
    {
        AssertSums<float>(width, features, rows, vectors);
        AssertSums<double>(width, features, rows, vectors);
    }

    [Fact]
    public void Tiles_follow_each_other() => AssertSums<double>(SimdSupport.Widest, features: 1100, rows: 3500, vectors: 19);

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(70)]
    public void The_number_of_threads_changes_no_bit(int vectors)
    {
        // Ten tiles in single precision, the last one not whole: parts of two and three, where threads meet when there are more of them than parts.
        const int Features = 700, Rows = 9500;
        using InterleavedRows<float> stored = Random<float>(Rows, Features, out _);
        using Matrix<double> x = Normals(vectors, Features), alone = new(vectors, Features), together = new(vectors, Features);
        foreach (int threads in (int[])[2, 3, 9])
        {
            using ThreadTeam one = new(1), several = new(threads);
            FeatureProduct.Multiply(SimdSupport.Widest, one, stored, Weight, x.Transposed, alone.Transposed);
            FeatureProduct.Multiply(SimdSupport.Widest, several, stored, Weight, x.Transposed, together.Transposed);
            Assert.True(alone.Span.SequenceEqual(together.Span), $"{threads} threads");
        }
    }

    [Fact]
    public unsafe void Views_of_any_strides_are_read_and_written()
    {
        const int Features = 37, Rows = 20, Vectors = 5;
        using var team = new ThreadTeam(2);
        using InterleavedRows<double> stored = Random<double>(Rows, Features, out _);
        using Matrix<double> x = Normals(Vectors, Features), byRows = new(2 * Features, 2 * Vectors), expected = new(Vectors, Features);
        MatrixView<double> everySecond = new(byRows.Pointer, Features, Vectors, 2 * byRows.Columns, 2);
        MatrixCopy.Copy(x.Transposed, everySecond);
        using Matrix<double> found = new(Features, Vectors);
        FeatureProduct.Multiply(SimdSupport.Widest, team, stored, Weight, x.Transposed, expected.Transposed);
        FeatureProduct.Multiply(SimdSupport.Widest, team, stored, Weight, everySecond, found.View);
        for (int i = 0; i < Features; i++)
        {
            for (int l = 0; l < Vectors; l++)
            {
                Assert.Equal(expected[l, i], found[i, l]);
            }
        }
    }

    [Fact]
    public void Rows_come_back_as_they_were_written()
    {
        using InterleavedRows<double> stored = Random<double>(19, 45, out double[,] values);
        double[] row = new double[45];
        for (int r = 0; r < 19; r++)
        {
            stored.Read(r, row);
            Assert.Equal(Enumerable.Range(0, 45).Select(i => values[r, i]), row);
        }
    }

    private static void AssertSums<T>(SimdWidth width, int features, int rows, int vectors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var team = new ThreadTeam(2);
        using InterleavedRows<T> stored = Random<T>(rows, features, out double[,] phi);
        using Matrix<double> x = Normals(vectors, features), y = new(vectors, features);
        y.Span.Fill(double.NaN);
        FeatureProduct.Multiply(width, team, stored, Weight, x.Transposed, y.Transposed);
        for (int l = 0; l < vectors; l++)
        {
            double[] sum = new double[features], size = new double[features];
            for (int r = 0; r < rows; r++)
            {
                double overlap = 0, magnitude = 0;
                for (int i = 0; i < features; i++)
                {
                    overlap += phi[r, i] * x[l, i];
                    magnitude += Math.Abs(phi[r, i] * x[l, i]);
                }

                for (int i = 0; i < features; i++)
                {
                    sum[i] += Weight * phi[r, i] * overlap;
                    size[i] += Weight * Math.Abs(phi[r, i]) * magnitude;
                }
            }

            // A sum of n products is off by at most n ε times the sum of their magnitudes, in either order.
            double rounding = 2 * (features + rows + 3) * (double.BitIncrement(1) - 1);
            for (int i = 0; i < features; i++)
            {
                Assert.InRange(y[l, i] - sum[i], -rounding * size[i], rounding * size[i]);
            }
        }
    }

    private static InterleavedRows<T> Random<T>(int rows, int features, out double[,] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var stored = new InterleavedRows<T>(rows, features);
        values = new double[rows, features];
        var random = new Random(rows + features);
        double[] row = new double[features];
        for (int r = 0; r < rows; r++)
        {
            for (int i = 0; i < features; i++)
            {
                row[i] = values[r, i] = double.CreateTruncating(T.CreateTruncating(2 * random.NextDouble() - 1));
            }

            stored.Write(r, row);
        }

        return stored;
    }

    private static Matrix<double> Normals(int rows, int columns)
    {
        var matrix = new Matrix<double>(rows, columns);
        new Numerics.Randomness.RandomStream(11, Numerics.Randomness.StreamPurpose.TestData).FillNormals(0, 0, matrix.Span);
        return matrix;
    }
}
