using System.Numerics.Tensors;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Randomness;

namespace Hpc.Numerics.Tests.Randomness;

/// <summary>Seeds are fixed, so each test either always passes or always fails; bounds are those of a true random sequence.</summary>
public class RandomStreamStatisticsTests
{
    private const int Count = 1 << 20;
    private const double StandardErrors = 4.5; // two-sided probability 7·10⁻⁶

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    [InlineData(0xFFFFFFFFu)]
    public void MomentsOfNormals(uint seed)
    {
        double[] z = Normals(seed, StreamPurpose.FirstLayer, 0);
        double[] sums = new double[5];
        foreach (double value in z)
        {
            double power = 1;
            for (int k = 1; k <= 4; k++)
            {
                power *= value;
                sums[k] += power;
            }
        }

        // Moments 0, 1, 0, 3; variances of the powers are 1, 2, 15 and 96.
        Assert.InRange(sums[1] / Count, -Bound(1), Bound(1));
        Assert.InRange(sums[2] / Count - 1, -Bound(2), Bound(2));
        Assert.InRange(sums[3] / Count, -Bound(15), Bound(15));
        Assert.InRange(sums[4] / Count - 3, -Bound(96), Bound(96));

        static double Bound(double variance) => StandardErrors * Math.Sqrt(variance / Count);
    }

    [Fact]
    public void DistributionOfNormals()
    {
        double[] z = Normals(5, StreamPurpose.Centroids, 1);
        Array.Sort(z);
        double distance = 0;
        for (int i = 0; i < z.Length; i++)
        {
            double cumulative = 0.5 * (1 + Erf.Invoke(z[i] * Math.Sqrt(0.5)));
            distance = Math.Max(distance, Math.Max(cumulative - (double)i / Count, (i + 1.0) / Count - cumulative));
        }

        // Kolmogorov and Smirnov: P(√n·D > 2.47) = 2·exp(−2·2.47²) = 10⁻⁵, and as rarely below 0.33.
        Assert.InRange(distance * Math.Sqrt(Count), 0.33, 2.47);
    }

    [Fact]
    public void DistributionOfUniforms()
    {
        const int Bins = 1000;
        double[] u = new double[Count];
        new RandomStream(6, StreamPurpose.TestData).FillUniforms(2, 0, u);
        Assert.True(TensorPrimitives.Min<double>(u) > 0 && TensorPrimitives.Max<double>(u) < 1);
        int[] histogram = new int[Bins];
        foreach (double value in u)
        {
            histogram[(int)(value * Bins)]++;
        }

        double expected = (double)Count / Bins;
        double chiSquare = histogram.Sum(n => (n - expected) * (n - expected) / expected);
        double standardError = Math.Sqrt(2.0 * (Bins - 1));
        Assert.InRange(chiSquare - (Bins - 1), -StandardErrors * standardError, StandardErrors * standardError);
    }

    [Fact]
    public void StreamsAreUncorrelated()
    {
        double[] reference = Normals(7, StreamPurpose.TrainingData, 0);
        Assert.InRange(Correlation(reference, Normals(8, StreamPurpose.TrainingData, 0)), -StandardErrors, StandardErrors);
        Assert.InRange(Correlation(reference, Normals(7, StreamPurpose.TrainingNoise, 0)), -StandardErrors, StandardErrors);
        Assert.InRange(Correlation(reference, Normals(7, StreamPurpose.TrainingData, 1)), -StandardErrors, StandardErrors);
        Assert.InRange(Correlation(reference, Normals(7, StreamPurpose.TrainingData, 1L << 32)), -StandardErrors, StandardErrors);
        for (int lag = 1; lag <= 64; lag++)
        {
            Assert.InRange(Correlation(reference.AsSpan(lag), reference.AsSpan(0, Count - lag)), -StandardErrors, StandardErrors);
        }
    }

    [Fact]
    public void MembersOfAPairAreIndependent()
    {
        // Beyond correlation: the squares of cos and sin partners share a radius, and only exact Box–Muller makes them independent.
        double[] z = Normals(9, StreamPurpose.TestNoise, 0);
        double[] even = new double[Count / 2];
        double[] odd = new double[Count / 2];
        for (int i = 0; i < even.Length; i++)
        {
            even[i] = (z[2 * i] * z[2 * i] - 1) / Math.Sqrt(2);
            odd[i] = (z[2 * i + 1] * z[2 * i + 1] - 1) / Math.Sqrt(2);
        }

        Assert.InRange(Correlation(even, odd), -StandardErrors, StandardErrors);
    }

    private static double[] Normals(uint seed, StreamPurpose purpose, long step)
    {
        double[] numbers = new double[Count];
        new RandomStream(seed, purpose).FillNormals(step, 0, numbers);
        return numbers;
    }

    /// <summary>Mean product of standardized numbers, in standard errors.</summary>
    private static double Correlation(ReadOnlySpan<double> a, ReadOnlySpan<double> b) =>
        TensorPrimitives.Dot(a, b) / Math.Sqrt(a.Length);
}
