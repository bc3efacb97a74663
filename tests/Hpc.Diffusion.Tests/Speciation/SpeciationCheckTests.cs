using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Diffusion.Speciation;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Speciation;

/// <summary>The conditional loss and the cloning experiment, against closed forms and each other.</summary>
public sealed class SpeciationCheckTests : IDisposable
{
    private readonly ThreadTeam team = new(2);

    public void Dispose() => team.Dispose();

    /// <summary>The loss as it is defined, on whole vectors, with the score that the networks are measured against.</summary>
    [Theory]
    [InlineData(0.4, 40)]
    [InlineData(1.6, 40)]
    [InlineData(1.6, 4000)]
    public void The_reduced_loss_is_the_denoising_loss_of_the_exact_score(double time, int dimension)
    {
        ModelSpec model = TestModels.TwoClasses(dimension, 4, 10) with { CentroidGram = [[40.0 / dimension, 10.0 / dimension], [10.0 / dimension, 60.0 / dimension]] };
        var forward = new ForwardProcess(time);
        using var realization = new Realization(model, 7, team);
        ConditionalLossPoint point = new ConditionalLoss(model, 1, 4000, team).At(forward);
        var score = new MixtureScore(realization, forward);
        int count = dimension > 1000 ? 400 : 4000;
        var stream = new RandomStream(11, StreamPurpose.TestNoise);
        double[] z = new double[dimension], noise = new double[dimension], x = new double[dimension], s = new double[dimension];
        for (int c = 0; c < 2; c++)
        {
            double[] losses = new double[count];
            for (int i = 0; i < count; i++)
            {
                stream.FillNormals(2 * c, (long)i * dimension, z);
                stream.FillNormals(2 * c + 1, (long)i * dimension, noise);
                TensorPrimitives.MultiplyAdd(z, Math.Sqrt(model.Classes[c].Variance), realization.Centroids.Row(c), x);
                TensorPrimitives.Multiply(x, forward.Decay, x);
                TensorPrimitives.MultiplyAdd(noise, forward.NoiseAmplitude, x, x);
                score.Evaluate(x, s);
                TensorPrimitives.MultiplyAdd(s, forward.NoiseAmplitude, noise, s);
                losses[i] = TensorPrimitives.SumOfSquares<double>(s) / dimension;
            }

            double mean = losses.Average(), error = Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean)) / count / (count - 1.0));
            Assert.InRange(mean, point.Mixture[c] - 4 * error - 4 * point.MixtureError[c], point.Mixture[c] + 4 * error + 4 * point.MixtureError[c]);
            Assert.InRange(error, 0, 0.02 * mean);
        }
    }

    /// <summary>
    /// Two classes of equal variance: with d = e^{−t}‖m_1 − m_2‖/Γ, 1 − π_1 = 1/(1 + (b_1/b_2) exp(d²/2 + dz)) for samples of class 1, and the gain is
    /// E(1 − π_1)²/b_2².
    /// </summary>
    [Theory]
    [InlineData(0.5, 0.4)]
    [InlineData(0.8, 1.2)]
    [InlineData(0.97, 1.6)]
    [InlineData(0.8, 2.4)]
    public void Equal_variances_have_a_one_dimensional_posterior(double weight, double time)
    {
        ModelSpec model = Two(100, weight);
        ConditionalLossPoint point = new ConditionalLoss(model, 3, 20000, team).At(new ForwardProcess(time));
        for (int c = 0; c < 2; c++)
        {
            // What is too rare for the samples has no error bar: 1e-6.
            (double posterior, double gain) = Exact(model, time, c);
            Assert.InRange(point.Posterior[c], posterior - 4 * point.PosteriorError[c] - 1e-6, posterior + 4 * point.PosteriorError[c] + 1e-6);
            Assert.InRange(point.Gain[c], gain - 4 * point.GainError[c] - 1e-6, gain + 4 * point.GainError[c] + 1e-6);
        }

        // The average gain is that of the cloning experiment, an identity of the mixture: Σ_c b_c E_c(1 − π_c)² = 1 − φ over two.
        double[] b = [weight, 1 - weight];
        double saved = Enumerable.Range(0, 2).Sum(c => b[c] * (1 - b[c]) * (1 - b[c]) * Exact(model, time, c).Gain);
        double together = Enumerable.Range(0, 2).Sum(c => b[c] * Exact(model, time, c).Posterior);
        Assert.Equal((1 - together) / 2, saved, 1e-6);
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.5, 0.25)]
    public void Clones_end_together_as_the_posterior_says(double first, double second)
    {
        ModelSpec model = Two(100, 0.7) with { Classes = [new ClassSpec(0.7, first), new ClassSpec(0.3, second)] };
        using var realization = new Realization(model, 1, team);
        var loss = new ConditionalLoss(model, 1, 20000, team);
        var cloning = new CloningExperiment(realization, 600, team);
        double[] times = [0.3, 1.3, 1.8, 2.6];
        for (int i = 0; i < times.Length; i++)
        {
            ConditionalLossPoint expected = loss.At(new ForwardProcess(times[i]));
            CloningPoint found = cloning.At(times[i], i);
            double together = 0.7 * expected.Posterior[0] + 0.3 * expected.Posterior[1];

            // The freezing of the posterior within a step leaves less than 0.01.
            TestContext.Current.TestOutputHelper!.WriteLine($"t {times[i]} φ {together:F4} clones {found.Agreement:F4} ± {found.AgreementError:F4}");
            Assert.InRange(found.Agreement, together - 3.5 * found.AgreementError - 0.01, together + 3.5 * found.AgreementError + 0.01);
            for (int c = 0; c < 2; c++)
            {
                Assert.InRange(found.Return[c], expected.Posterior[c] - 3.5 * found.ReturnError[c] - 0.01, expected.Posterior[c] + 3.5 * found.ReturnError[c] + 0.01);
            }
        }
    }

    [Fact]
    public void One_class_and_equal_classes_have_nothing_to_condition_on()
    {
        ModelSpec one = Two(30, 0.5) with { Classes = [new ClassSpec(1, 0.5)], CentroidGram = [[1]] };
        ConditionalLossPoint point = new ConditionalLoss(one, 1, 50, team).At(new ForwardProcess(1));
        Assert.Equal([double.NaN], point.Gain);
        Assert.Equal([1.0], point.Posterior);
        Assert.Equal(point.Conditional, point.Mixture);
        using var realization = new Realization(one, 1, team);
        Assert.Equal(1, new CloningExperiment(realization, 4, team).At(1, 0).Agreement);
        ModelSpec equal = Two(30, 0.6) with { CentroidGram = [[1, 1], [1, 1]] };
        ConditionalLossPoint same = new ConditionalLoss(equal, 1, 50, team).At(new ForwardProcess(1));
        Assert.Equal(0.6, same.Posterior[0], 1e-12);
        Assert.Equal(same.Conditional[1], same.Mixture[1], 1e-12);
    }

    /// <summary>Orthogonal centroids of norm √N, variance 0.5.</summary>
    private static ModelSpec Two(int dimension, double weight) => new()
    {
        Dimension = dimension,
        Features = 4,
        Samples = 100,
        Classes = [new ClassSpec(weight, 0.5), new ClassSpec(1 - weight, 0.5)],
        CentroidGram = [[1, 0], [0, 1]],
    };

    private static (double Posterior, double Gain) Exact(ModelSpec model, double time, int c)
    {
        var forward = new ForwardProcess(time);
        double own = model.Classes[c].Weight, distance = forward.Decay * Math.Sqrt(2 * model.Dimension / forward.NoisedVariance(0.5));
        double posterior = 0, other = 0;
        var rule = new GaussHermite(200);
        for (int q = 0; q < rule.Order; q++)
        {
            double ratio = 1 / (1 + own / (1 - own) * Math.Exp(0.5 * distance * distance + distance * rule.Nodes[q]));
            posterior += rule.Weights[q] * (1 - ratio);
            other += rule.Weights[q] * ratio * ratio;
        }

        return (posterior, other / (1 - own) / (1 - own));
    }
}
