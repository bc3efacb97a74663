using Hpc.Ddpm.Data;
using Hpc.Ddpm.Measurement;

namespace Hpc.Ddpm.Tests;

public class MeasurementTests
{
    [Fact]
    public void Neighbours_are_those_of_a_search_in_doubles()
    {
        var random = new Random(1);
        const int Pixels = 67, Images = 23, Samples = 40;
        float[] values = [.. Enumerable.Range(0, Images * Pixels).Select(_ => random.NextSingle())], samples = [.. Enumerable.Range(0, Samples * Pixels).Select(_ => random.NextSingle())];

        // Some samples are near to an image, one is one.
        for (int s = 0; s < 10; s++)
        {
            for (int p = 0; p < Pixels; p++)
            {
                samples[s * Pixels + p] = values[s * Pixels + p] + 0.02f * s * samples[s * Pixels + p];
            }
        }

        var images = new ImageBatch(Pixels, values, new int[Images], new int[Images]);
        Neighbours[] found = Neighbours.Find(images, samples);
        for (int s = 0; s < Samples; s++)
        {
            (double Distance, int Image)[] sorted = [.. Enumerable.Range(0, Images)
                .Select(i => (Math.Sqrt(Enumerable.Range(0, Pixels).Sum(p => Math.Pow((double)values[i * Pixels + p] - samples[s * Pixels + p], 2))), i)).Order()];
            Assert.Equal(sorted[0].Image, found[s].Image);
            Assert.Equal(sorted[0].Distance, found[s].First, 1e-5);
            Assert.Equal(sorted[1].Distance, found[s].Second, 1e-5);
            Assert.Equal(sorted[0].Distance / sorted[1].Distance, found[s].Ratio, 1e-5);
        }

        Assert.Equal(0, found[0].Ratio);
        Assert.Equal(1, new Neighbours(0, 0, 0).Ratio);
    }

    [Fact]
    public void Fractions_are_of_the_samples_of_a_class()
    {
        // Images 0 and 1 are of class 0, 2 of class 1. Three samples of class 0, two of them copies, and one of class 1 that is none.
        Neighbours[] record = [new(0, 0.1, 1), new(1, 0.2, 1), new(1, 0.5, 1), new(2, 0.4, 1)];
        var curves = new MemorizationCurves([10, 20], [record, [.. record.Take(3).Append(new Neighbours(0, 0.3, 1))]], [0, 0, 1], 2, 1.0 / 3);
        Assert.Equal([2.0 / 3, 0], curves.Fractions[0]);
        Assert.Equal(0.75, curves.Fractions[1][0]);
        Assert.True(double.IsNaN(curves.Fractions[1][1]));
        Assert.Equal([3L, 1L], curves.Counts[0]);
        Assert.Equal([4L, 0L], curves.Counts[1]);
        Assert.Equal(10, curves.Times(0.5)[0]);
        Assert.True(double.IsNaN(curves.Times(0.5)[1]));
    }

    [Fact]
    public void Times_are_interpolated_in_the_logarithm_of_the_step()
    {
        long[] steps = [10, 100, 1000, 10_000];
        double[][] fractions = [[0, 0.5], [double.NaN, 0.1], [0.2, 0.1], [0.6, 0.3]];

        // From 0.2 at 10³ to 0.6 at 10⁴: 0.4 is half-way, at 10^3.5; 0.1 is half-way from 10 to 10³, past the record without samples.
        Assert.Equal(Math.Pow(10, 3.5), MemorizationCurves.TimeOf(steps, fractions, 0, 0.4), 1e-6);
        Assert.Equal(100, MemorizationCurves.TimeOf(steps, fractions, 0, 0.1), 1e-9);
        Assert.Equal(10, MemorizationCurves.TimeOf(steps, fractions, 1, 0.4));
        Assert.True(double.IsNaN(MemorizationCurves.TimeOf(steps, fractions, 0, 0.7)));
        Assert.Equal(-1, MemorizationCurves.Gap([10, 100]));
    }

    /// <summary>Every sample memorized with probability p, on its own: the fraction of n has the standard error √(p(1 − p)/n).</summary>
    [Fact]
    public void Intervals_are_those_of_a_binomial_fraction()
    {
        const int Samples = 2000;
        const double Probability = 0.3;
        var random = new Random(3);
        Neighbours[] record = [.. Enumerable.Range(0, Samples).Select(i => new Neighbours(i % 2, random.NextDouble() < Probability ? 0.1 : 0.9, 1))];
        Neighbours[] later = [.. record.Select(n => n with { First = random.NextDouble() < 0.5 ? 0.1 : n.First })];
        var curves = new MemorizationCurves([100, 1000], [record, later], [0, 1], 2, 1.0 / 3);
        MemorizationIntervals intervals = curves.Bootstrap([0.5], 2000, 4);
        for (int c = 0; c < 2; c++)
        {
            double fraction = curves.Fractions[0][c], error = Math.Sqrt(fraction * (1 - fraction) / (Samples / 2));
            Assert.Equal(fraction - 1.96 * error, intervals.Fractions[0][c].Low, 0.25 * error);
            Assert.Equal(fraction + 1.96 * error, intervals.Fractions[0][c].High, 0.25 * error);
            double time = curves.Times(0.5)[c];
            Assert.InRange(time, intervals.Times[0][c].Low, intervals.Times[0][c].High);

            // The time moves by (log 10) δf/(f₂ − f₁) in its logarithm, and both fractions move together.
            Assert.InRange(Math.Log(intervals.Times[0][c].High / intervals.Times[0][c].Low), 0.2, 1.2);
        }

        Assert.InRange(MemorizationCurves.Gap(curves.Times(0.5)), intervals.Gaps[0].Low, intervals.Gaps[0].High);

        // A threshold that no resample reaches has no interval.
        Assert.True(double.IsNaN(curves.Bootstrap([0.99], 50, 4).Times[0][0].High));
    }
}
