using Hpc.Cli.Figures;
using Hpc.Results;
using ScottPlot.Plottables;

namespace Hpc.Cli.Tests.Figures;

public class SpectrumTests
{
    private const int Seeds = SyntheticResult.Seeds, Features = SyntheticResult.Features;

    [Fact]
    public void HistogramIntegratesToOne()
    {
        SpectrumHistogram histogram = Histogram();
        double mass = histogram.Density.Sum() * Math.Log(10) * histogram.BinWidth;
        Assert.Equal(0, histogram.Below);
        Assert.Equal(1, mass, 1e-12);
    }

    /// <summary>The mass within each bulk is its number of eigenvalues over P: the density is per unit of ln λ.</summary>
    [Fact]
    public void HistogramHasTheMassOfEveryBulk()
    {
        SpectrumHistogram histogram = Histogram();
        foreach ((double from, double to, int count) in SyntheticResult.Bulks)
        {
            double mass = histogram.Density
                .Where((_, bin) => histogram.Edges[bin + 1] > Math.Log10(0.9 * from) && histogram.Edges[bin] < Math.Log10(1.1 * to))
                .Sum() * Math.Log(10) * histogram.BinWidth;
            Assert.Equal((double)count / Features, mass, 1e-12);
        }
    }

    /// <summary>Two seeds, one with both eigenvalues in a bin and one with none there: mean 1, standard error 1 (in counts).</summary>
    [Fact]
    public void HistogramHasStandardErrorsOverSeeds()
    {
        SpectrumHistogram histogram = SpectrumHistogram.Of(Eigenvalues(2, 1.1, 1.1, 110, 110), 2)!;
        double unit = 1 / (2 * histogram.BinWidth * Math.Log(10));
        Assert.Equal(unit, histogram.Density[0], 1e-12 * unit);
        Assert.Equal(unit, histogram.Errors[0], 1e-12 * unit);
        Assert.Equal(0, histogram.Errors[1]);
    }

    [Fact]
    public void HistogramCountsWhatIsZeroWithinRounding()
    {
        SpectrumHistogram histogram = SpectrumHistogram.Of(Eigenvalues(1, -1e-16, 0, 1e-16, 1), 4)!;
        Assert.Equal(0.75, histogram.Below);
        Assert.Equal(0.25, histogram.Density.Sum() * Math.Log(10) * histogram.BinWidth, 1e-12);
        Assert.Null(SpectrumHistogram.Of(Eigenvalues(1, 0, -1), 2));
    }

    /// <summary>Two probe vectors of one seed: weights count, not points, and the error is that over the probes.</summary>
    [Fact]
    public void HistogramWeighsTheRulesOfProbeVectors()
    {
        SpectralSamples samples = SpectralSamples.OfRules(
            new Dataset("spectral_node", ["seed", "probe", "step"], [1, 2, 2], new[] { 1.1, 110, 1.1, 110.0 }, "1", "λ"),
            new Dataset("spectral_weight", ["seed", "probe", "step"], [1, 2, 2], new[] { 0.75, 0.25, 0.25, 0.75 }, "1", "w"));
        SpectrumHistogram histogram = SpectrumHistogram.Of(samples, 40)!;
        double unit = 1 / (histogram.BinWidth * Math.Log(10));
        Assert.Equal(0.5 * unit, histogram.Density[0], 1e-12 * unit);
        Assert.Equal(0.25 * unit, histogram.Errors[0], 1e-12 * unit);
        Assert.Equal(0.75 * 1.1 + 0.25 * 110, samples.Average(0, value => value), 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NamesBulksByTheirNumberOfEigenvalues(bool theory)
    {
        SyntheticResult result = SyntheticResult.Simulation();
        IReadOnlyList<SpectralBulk> bulks = SpectralBulk.Find(theory ? result.WithTheory().View : result.View);
        Assert.Equal(
            [BulkKinds.NoiseFloor, BulkKinds.Memorization, BulkKinds.Memorization, BulkKinds.Generalization],
            bulks.Select(bulk => bulk.Kinds));
        Assert.All(bulks.Zip(SyntheticResult.Bulks), pair =>
        {
            Assert.Equal((double)pair.Second.Count / Features, pair.First.Mass, 1e-12);

            // Seeds are scaled by 0.98 to 1.02.
            Assert.InRange(pair.First.Mean, 0.98 * pair.Second.From, 1.02 * pair.Second.To);
            Assert.InRange(pair.First.From, 0.979 * pair.Second.From, pair.Second.To);
            Assert.InRange(pair.First.To, pair.First.From, 1.021 * pair.Second.To);
        });
    }

    [Fact]
    public void FindsNoBulksWithoutGaps()
    {
        SyntheticResult result = SyntheticResult.Simulation(1);
        result.Add("eigenvalues", ["seed", "feature"], [1, Features],
            [.. Enumerable.Range(0, Features).Select(i => Math.Pow(10, 4.0 * i / Features))]);
        Assert.Empty(SpectralBulk.Find(result.View));
    }

    [Fact]
    public void FigureShowsTheHistogramAndTheory()
    {
        ResultView results = SyntheticResult.Simulation().WithTheory().View;
        using ScottPlot.Plot plot = SpectrumFigure.Draw(results)!.Plot;
        SpectrumHistogram histogram = Histogram();
        double[] shown = [.. plot.GetPlottables<BarPlot>().Single().Bars.Select(bar => Math.Pow(10, bar.Value))];
        double[] expected = [.. histogram.Density.Where(density => density > 0)];
        Assert.Equal(expected.Length, shown.Length);
        Assert.All(shown.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-12 * pair.Second));

        Scatter theory = plot.GetPlottables<Scatter>().Single(scatter => scatter.LegendText == "theory");
        ScottPlot.Coordinates[] line = [.. theory.Data.GetScatterPoints()];
        double[] lambda = results.Find("theory_lambda", "theory_lambda")!.Doubles;
        double[] density = results.Find("theory_density", "theory_lambda")!.Doubles;
        for (int i = 0; i < lambda.Length; i += 37)
        {
            double y = Math.Log10(lambda[i] * density[i]);
            Assert.Contains(line, point => Math.Abs(point.X - Math.Log10(lambda[i])) < 1e-12 && Math.Abs(point.Y - y) < 1e-12);
        }

        // Between bulks the line runs below the axes.
        double bottom = plot.Axes.GetLimits().Bottom;
        for (int i = 1; i < line.Length; i++)
        {
            if (line[i].X - line[i - 1].X > 0.2)
                Assert.True(line[i].Y < bottom && line[i - 1].Y < bottom);
        }
    }

    private static SpectrumHistogram Histogram()
    {
        Dataset eigenvalues = SyntheticResult.Simulation().Datasets["eigenvalues"];
        return SpectrumHistogram.Of(SpectralSamples.OfEigenvalues(eigenvalues), Features)!;
    }

    private static SpectralSamples Eigenvalues(int seeds, params double[] values) =>
        SpectralSamples.OfEigenvalues(new Dataset("eigenvalues", ["seed", "feature"], [seeds, values.Length / seeds], values, "1", "λ"));
}
