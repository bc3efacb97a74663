using Hpc.Ddpm.Sampling;
using Hpc.Ddpm.Spec;
using Hpc.Numerics.Randomness;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Tests;

/// <summary>The forward process, and the reversed one where the score is known.</summary>
public class ProcessTests
{
    private static readonly NoiseSchedule Standard = new(new NoiseSpec(1000, 1e-4, 0.02));

    [Fact]
    public void What_is_left_of_the_data_is_the_product_of_the_steps()
    {
        // log ᾱ_T = Σ log(1 − β) ≈ −Σ (β + β²/2 + β³/3), with sums of powers of an arithmetic progression: here −10.0500 − 0.06733 − 0.00067.
        Assert.Equal(1 - 1e-4, Standard.Kept(0), 12);
        Assert.Equal(1, Standard.Kept(-1));
        double first = 1000 * (1e-4 + 0.02) / 2, width = 0.02 - 1e-4;
        double second = Enumerable.Range(0, 1000).Sum(i => Math.Pow(1e-4 + width * i / 999, 2)) / 2, third = Enumerable.Range(0, 1000).Sum(i => Math.Pow(1e-4 + width * i / 999, 3)) / 3;
        Assert.Equal(-(first + second + third), Math.Log(Standard.Kept(999)), 1e-4);

        // The published schedule ends at 4.04e-5.
        Assert.Equal(4.0358e-5, Standard.Kept(999), 1e-8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(999)]
    public void Noised_images_have_the_moments_of_the_process(int t)
    {
        const int Draws = 200_000;
        float[] noise = new float[Draws], image = new float[Draws], noised = new float[Draws];
        Array.Fill(image, 0.7f);
        new RandomStream(1, StreamPurpose.TrainingNoise).FillNormals(t, 0, noise);
        Standard.AddNoise(t, image, noise, noised);
        double kept = Math.Exp(Enumerable.Range(0, t + 1).Sum(s => Math.Log(1 - (1e-4 + (0.02 - 1e-4) * s / 999)))), variance = 1 - kept;
        double mean = noised.Average(v => (double)v), measured = noised.Average(v => (v - mean) * (v - mean));

        // Within 5 standard errors.
        Assert.Equal(0.7 * Math.Sqrt(kept), mean, 5 * Math.Sqrt(variance / Draws) + 1e-6);
        Assert.Equal(variance, measured, 5 * variance * Math.Sqrt(2.0 / Draws) + 1e-6);
    }

    [Fact]
    public void Steps_are_drawn_evenly()
    {
        Assert.Equal(0, Standard.StepOf(1e-9));
        Assert.Equal(999, Standard.StepOf(1 - 1e-12));
        Assert.Equal(500, Standard.StepOf(0.5001));
    }

    /// <summary>
    /// Data of independent normal numbers of mean m and variance v: E[ε | x_t] = √(1 − ᾱ)(x_t − √ᾱ m)/(ᾱ v + 1 − ᾱ). With many steps both
    /// samplers then draw from the data; with few the variance follows from the linear recursion.
    /// </summary>
    [Theory]
    [InlineData(SamplingMethod.Ddim, 1000, 0.25)]
    [InlineData(SamplingMethod.Ddim, 20, 0.25)]
    [InlineData(SamplingMethod.Ancestral, 1000, 0.25)]
    [InlineData(SamplingMethod.Ancestral, 50, 2.0)]
    public void Samples_from_an_exact_score_have_the_variance_of_the_data(SamplingMethod method, int steps, double variance)
    {
        const double Mean = 0.5;
        const int Count = 400, Pixels = 64;
        var sampler = new ImageSampler(Standard, new SamplingSpec(method, steps, Count, 1), 9);
        float[] samples = sampler.Draw(
            (x, t) =>
            {
                double kept = Standard.Kept(t);
                return (x - Math.Sqrt(kept) * Mean) * (Math.Sqrt(1 - kept) / (kept * variance + 1 - kept));
            },
            0, Count, [1, 8, 8], CPU, TestContext.Current.CancellationToken);
        (double expectedMean, double expectedVariance) = Recursion(method, steps, Mean, variance);
        const int Numbers = Count * Pixels;
        double mean = samples.Average(v => (double)v), measured = samples.Average(v => (v - mean) * (v - mean));
        Assert.Equal(expectedMean, mean, 5 * Math.Sqrt(expectedVariance / Numbers));
        Assert.Equal(expectedVariance, measured, 5 * expectedVariance * Math.Sqrt(2.0 / Numbers));
        if (steps == 1000)
        {
            // The process itself loses 4e-5 of the data, and the last step of the ancestral chain β_1 of the noise.
            Assert.Equal(variance, expectedVariance, 0.02 * variance);
            Assert.Equal(Mean, expectedMean, 0.01);
        }
    }

    /// <summary>The same images whatever else is drawn with them.</summary>
    [Fact]
    public void A_sample_depends_on_its_number_alone()
    {
        var sampler = new ImageSampler(Standard, new SamplingSpec(SamplingMethod.Ancestral, 10, 8, 1), 9);
        float[] Draw(long first, int count) => sampler.Draw((x, t) => x * 0.5, first, count, [1, 4, 4], CPU, TestContext.Current.CancellationToken);
        Assert.Equal(Draw(0, 8)[(3 * 16)..(5 * 16)], Draw(3, 2));
    }

    /// <summary>Mean and variance after the textbook form of the step: x̂_0, then x_s = √ᾱ_s x̂_0 + √(1 − ᾱ_s − σ²) ε̂ + σ z.</summary>
    private static (double Mean, double Variance) Recursion(SamplingMethod method, int steps, double dataMean, double dataVariance)
    {
        (double mean, double variance) = (0, 1);
        for (int i = steps - 1; i >= 0; i--)
        {
            double now = Standard.Kept((int)Math.Round(999.0 * i / (steps - 1))), next = i > 0 ? Standard.Kept((int)Math.Round(999.0 * (i - 1) / (steps - 1))) : 1;
            double sigma2 = method == SamplingMethod.Ddim ? 0 : (1 - next) / (1 - now) * (1 - now / next);
            double slope = Math.Sqrt(1 - now) / (now * dataVariance + 1 - now);
            double Step(double x)
            {
                double noise = slope * (x - Math.Sqrt(now) * dataMean), clean = (x - Math.Sqrt(1 - now) * noise) / Math.Sqrt(now);
                return Math.Sqrt(next) * clean + Math.Sqrt(Math.Max(0, 1 - next - sigma2)) * noise;
            }

            double factor = Step(1) - Step(0);
            (mean, variance) = (Step(mean), factor * factor * variance + sigma2);
        }

        return (mean, variance);
    }
}
