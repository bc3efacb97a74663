using Hpc.Ddpm.Comparison;
using Hpc.Ddpm.Spec;
using Hpc.Diffusion.Measurement;

namespace Hpc.Ddpm.Tests;

public class ComparisonTests
{
    /// <summary>Ties in both lists. Coefficients of SciPy 1.10: pearsonr, spearmanr, rankdata.</summary>
    [Fact]
    public void Coefficients_are_those_of_SciPy()
    {
        double[] x = [-0.45, -0.26, -0.32, -0.18, -0.26, -0.22, -0.34, -0.45, -0.26], y = [-0.31, -0.12, -0.05, -0.20, 0.08, -0.12, -0.27, -0.40, 0.02];
        Assert.Equal([1.5, 6, 4, 9, 6, 8, 3, 1.5, 6], Correlation.Ranks(x));
        Assert.Equal([2, 5.5, 7, 4, 9, 5.5, 3, 1, 8], Correlation.Ranks(y));
        Assert.Equal(0.6488804237837152, Correlation.Pearson(x, y), 1e-14);
        Assert.Equal(0.53854022639685, Correlation.Spearman(x, y), 1e-14);
        Assert.Equal(0.8320502943378436, Correlation.Pearson([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]), 1e-14);
        Assert.Equal(0.8207826816681233, Correlation.Spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]), 1e-14);
        Assert.Equal(-0.21677749238102995, Correlation.Pearson([0.1, 0.4, 0.2], [3, 1, -2]), 1e-14);
        Assert.Equal(-0.5, Correlation.Spearman([0.1, 0.4, 0.2], [3, 1, -2]), 1e-14);
    }

    [Fact]
    public void What_has_no_coefficient_has_none()
    {
        Assert.True(double.IsNaN(Correlation.Pearson([1, 1, 1], [1, 2, 3])));
        Assert.True(double.IsNaN(Correlation.Pearson([0.1 + 0.2, 0.3, 0.3], [1, 2, 3])));
        Correlation two = Correlation.Measure(Correlation.Pearson, [[1], [2]], [[3], [5]], 100, 1);
        Assert.Equal((double.NaN, double.NaN, double.NaN, 2), (two.Value, two.Interval.Low, two.Interval.High, two.Pairs));

        // A pair without one of the quantities does not count.
        Correlation missing = Correlation.Measure(Correlation.Spearman, [[1], [], [2], [5]], [[3], [5], [4], []], 100, 1);
        Assert.Equal((double.NaN, 2), (missing.Value, missing.Pairs));
    }

    /// <summary>Pairs from a normal distribution with a correlation: Fisher's interval is tanh(artanh r ± 1.96/√(n − 3)).</summary>
    [Fact]
    public void Intervals_over_many_pairs_are_those_of_Fisher()
    {
        const int Pairs = 300;
        var random = new Random(6);
        double[] x = [.. Enumerable.Range(0, Pairs).Select(_ => Normal())], y = [.. x.Select(v => 0.6 * v + 0.8 * Normal())];
        Correlation found = Correlation.Measure(Correlation.Pearson, [.. x.Select(v => (double[])[v])], [.. y.Select(v => (double[])[v])], 4000, 2);
        double half = 1.96 / Math.Sqrt(Pairs - 3), z = Math.Atanh(Correlation.Pearson(x, y));
        Assert.Equal(0.6, found.Value, 0.08);
        Assert.Equal(Math.Tanh(z - half), found.Interval.Low, 0.02);
        Assert.Equal(Math.Tanh(z + half), found.Interval.High, 0.02);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    [Fact]
    public void Seeds_are_drawn_together()
    {
        // y = 1 − 2x for every seed: whatever is drawn, the means are on a line. With seeds of their own they are not.
        double[][] x = [[0.1, 0.9], [0.5, 0.2], [0.3, 0.35], [0.8, 0.1]];
        double[][] y = [.. x.Select(seeds => Array.ConvertAll(seeds, v => 1 - 2 * v))];
        Correlation line = Correlation.Measure(Correlation.Pearson, x, y, 500, 3);
        Assert.Equal(-1, line.Value, 1e-12);
        Assert.Equal(-1, line.Interval.Low, 1e-12);
        Assert.Equal(-1, line.Interval.High, 1e-12);
        Assert.InRange(Correlation.Measure(Correlation.Pearson, x, [.. y.Select(v => (double[])[.. v, v.Average()])], 500, 3).Interval.High, -0.9, 1);
    }

    /// <summary>The table of theory.md section 7, from an independent implementation: N = 50, P = 1500, M = 1000, Gram = identity, t = 0.01.</summary>
    [Fact]
    public void The_random_features_model_of_a_pair_has_the_gaps_of_the_table()
    {
        var spec = new ComparisonSpec(50, 30, 20, 0.01);
        double[][] gram = [[1, 0], [0, 1]];
        TimeScales[] simulated = new RandomFeaturesModel(spec, "even", (10, 10), [0.5, 0.25], gram).Simulate(1, 1, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(-0.30, Gap(simulated, t => t.Memorization), 0.05);
        Assert.Equal(-0.45, Gap(simulated, t => t.Generalization), 0.08);

        // Finite size moves the theory away from the simulated table by a few hundredths. A rare class is memorized sooner.
        TimeScales[] even = new RandomFeaturesModel(spec, "even", (10, 10), [0.5, 0.25], gram).Theory();
        TimeScales[] rare = new RandomFeaturesModel(spec, "rare", (1, 9), [0.5, 0.25], gram).Theory();
        Assert.Equal(-0.30, Gap(even, t => t.Memorization), 0.08);
        Assert.Equal(-0.70, Gap(rare, t => t.Memorization), 0.12);
        Assert.Equal(-0.45, Gap(even, t => t.Generalization), 0.1);

        static double Gap(TimeScales[] scales, Func<TimeScales, double> time) => Math.Log10(time(scales[0]) / time(scales[1]));
    }
}
