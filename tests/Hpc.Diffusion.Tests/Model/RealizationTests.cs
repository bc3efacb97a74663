using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Model;

public class RealizationTests
{
    [Theory]
    [InlineData(10, new[] { 0.7, 0.3 }, new[] { 7, 3 })]
    [InlineData(10, new[] { 0.25, 0.75 }, new[] { 3, 7 })]
    [InlineData(7, new[] { 0.5, 0.5 }, new[] { 4, 3 })]
    [InlineData(100, new[] { 0.335, 0.333, 0.332 }, new[] { 34, 33, 33 })]
    public void Class_sizes_sum_to_the_samples(int samples, double[] weights, int[] expected)
    {
        ModelSpec model = TestModels.TwoClasses(5, 5, samples) with
        {
            Classes = [.. weights.Select(w => new ClassSpec(w, 1))],
            CentroidGram = Gram.Zero(weights.Length),
        };
        Assert.Equal(expected, Mixture.ClassSizes(model));
    }

    public static TheoryData<double[][]> Grams => new(
        [[1, 0.3], [0.3, 1.5]],
        [[1, 1], [1, 1]],
        [[4, -2, 0], [-2, 1, 0], [0, 0, 2]],
        [[2, 1, 0.5, 0], [1, 2, 0.5, 0], [0.5, 0.5, 1, 0.25], [0, 0, 0.25, 1]],
        [[0, 0], [0, 0]]);

    [Theory]
    [MemberData(nameof(Grams))]
    public void Centroids_have_exactly_the_inner_products_of_the_gram_matrix(double[][] gram)
    {
        using var team = new ThreadTeam(1);
        int classes = gram.Length;
        ModelSpec model = TestModels.TwoClasses(11, 3, 20) with
        {
            Classes = [.. gram.Select(_ => new ClassSpec(1.0 / classes, 1))],
            CentroidGram = gram,
        };
        using var realization = new Realization(model, 5, team);
        for (int c = 0; c < classes; c++)
        {
            for (int d = 0; d < classes; d++)
            {
                Assert.Equal(gram[c][d], TensorPrimitives.Dot<double>(realization.Centroids.Row(c), realization.Centroids.Row(d)) / 11, 1e-13);
            }
        }
    }

    [Fact]
    public void Samples_have_the_means_and_variances_of_their_class()
    {
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(40, 3, 10_000), 1, team);
        for (int c = 0; c < 2; c++)
        {
            int size = realization.ClassSizes[c];
            double sum = 0, squares = 0;
            for (int i = 0; i < size; i++)
            {
                Span<double> row = realization.Samples.Row(realization.ClassStarts[c] + i);
                for (int n = 0; n < row.Length; n++)
                {
                    double deviation = row[n] - realization.Centroids[c, n];
                    sum += deviation;
                    squares += deviation * deviation;
                }
            }

            double count = 40.0 * size, variance = realization.Model.Classes[c].Variance;
            Assert.Equal(0, sum / count, 4 * Math.Sqrt(variance / count));
            Assert.Equal(variance, squares / count, 4 * variance * Math.Sqrt(2 / count));
        }
    }

    [Fact]
    public void A_seed_gives_the_same_numbers_on_any_number_of_threads_and_other_seeds_give_others()
    {
        using ThreadTeam one = new(1), three = new(3);
        using Realization first = new(TestModels.TwoClasses(13, 17, 29), 8, one), second = new(TestModels.TwoClasses(13, 17, 29), 8, three), other = new(TestModels.TwoClasses(13, 17, 29), 9, one);
        Assert.True(first.FirstLayer.Span.SequenceEqual(second.FirstLayer.Span));
        Assert.True(first.Samples.Span.SequenceEqual(second.Samples.Span));
        Assert.False(first.FirstLayer.Span.SequenceEqual(other.FirstLayer.Span));
        Assert.False(first.Samples.Span.SequenceEqual(other.Samples.Span));
    }

    [Fact]
    public void Test_samples_can_be_drawn_in_parts_and_are_no_training_samples()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(13, 17, 29), 8, team);
        using Matrix<double> whole = new(10, 13), part = new(4, 13);
        realization.DrawTestSamples(1, 0, whole);
        realization.DrawTestSamples(1, 6, part);
        Assert.True(part.Span.SequenceEqual(whole.Span[(6 * 13)..]));
        Assert.NotEqual(whole[0, 0], realization.Samples[realization.ClassStarts[1], 0]);
    }

    [Fact]
    public void The_score_is_the_gradient_of_the_log_density()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(6, 3, 20), 2, team);
        var forward = new ForwardProcess(0.4);
        var score = new MixtureScore(realization, forward);
        double[] x = [0.3, -1, 0.7, 0.1, 1.4, -0.6], value = new double[6];
        score.Evaluate(x, value);
        const double Step = 1e-5;
        for (int n = 0; n < x.Length; n++)
        {
            double[] up = [.. x], down = [.. x];
            up[n] += Step;
            down[n] -= Step;
            Assert.Equal((LogDensity(up) - LogDensity(down)) / (2 * Step), value[n], 1e-8);
        }

        double LogDensity(double[] point)
        {
            double density = 0;
            for (int c = 0; c < 2; c++)
            {
                double variance = Math.Exp(-0.8) * realization.Model.Classes[c].Variance + 1 - Math.Exp(-0.8), distance = 0;
                for (int n = 0; n < point.Length; n++)
                {
                    distance += Math.Pow(point[n] - Math.Exp(-0.4) * realization.Centroids[c, n], 2);
                }

                density += realization.Model.Classes[c].Weight * Math.Pow(2 * Math.PI * variance, -3) * Math.Exp(-distance / (2 * variance));
            }

            return Math.Log(density);
        }
    }
}
