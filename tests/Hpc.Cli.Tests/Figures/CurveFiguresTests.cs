using Hpc.Cli.Figures;
using ScottPlot;
using ScottPlot.Plottables;

namespace Hpc.Cli.Tests.Figures;

public class CurveFiguresTests
{
    /// <summary>The spread over seeds is symmetric and 3 % a step, so mean and standard error are closed forms.</summary>
    [Fact]
    public void AveragesOverSeeds()
    {
        ResultView results = SyntheticResult.Simulation().View;
        Curve curve = Curve.OverSeeds("x", SyntheticResult.Times(), results.Find("test_loss", "seed", "epoch", "class")!, 1);

        // Deviations −2…2 steps: variance 10/4, over 5 seeds.
        double relative = 0.03 * Math.Sqrt(2.5 / 5);
        for (int k = 0; k < curve.Times.Length; k += 7)
        {
            double truth = SyntheticResult.Test(curve.Times[k], 1);
            Assert.Equal(truth, curve.Values[k], 1e-14);
            Assert.Equal(relative * truth, curve.Errors![k], 1e-14);
        }
    }

    /// <summary>Seeds shift both losses together, so the gap has the error of the difference, not of the two losses.</summary>
    [Fact]
    public void TakesTheGapWithinSeeds()
    {
        ResultView results = SyntheticResult.Simulation().View;
        Curve curve = Curve.OverSeeds(
            "x", SyntheticResult.Times(), results.Find("test_loss", "seed", "epoch", "class")!, 0,
            results.Find("train_loss", "seed", "epoch", "class"));
        int k = curve.Times.Length - 1;
        double gap = SyntheticResult.Test(curve.Times[k], 0) - SyntheticResult.Train(curve.Times[k], 0);
        Assert.Equal(gap, curve.Values[k], 1e-14);
        Assert.Equal(0.03 * Math.Sqrt(0.5) * gap, curve.Errors![k], 1e-14);
    }

    [Theory]
    [InlineData("class 1 test")]
    [InlineData("class 2 test")]
    [InlineData("class 1 train")]
    [InlineData("class 2 train")]
    [InlineData("class 1 theory test")]
    [InlineData("class 2 theory train")]
    public void LossesShowTheData(string label)
    {
        using Plot plot = CurveFigures.Losses(SyntheticResult.Simulation().WithTheory().View)!.Plot;
        Func<double, int, double> truth = label.EndsWith("test") ? SyntheticResult.Test : SyntheticResult.Train;
        AssertShows(plot, label, s => truth(s, label[6] - '1'));
    }

    [Fact]
    public void GapShowsTheDataAndTheThreshold()
    {
        using Plot plot = CurveFigures.Gap(SyntheticResult.Simulation().View)!.Plot;
        AssertShows(plot, "class 2 gap", s => SyntheticResult.Test(s, 1) - SyntheticResult.Train(s, 1));
        AxisLimits limits = plot.Axes.GetLimits();
        Assert.Contains(plot.GetPlottables<LinePlot>(), line =>
            line.Start.Y == 0.1 && line.End.Y == 0.1 && line.Start.X == limits.Left && line.End.X == limits.Right);
    }

    [Fact]
    public void ScoreErrorIsLogarithmic()
    {
        using Plot plot = CurveFigures.ScoreError(SyntheticResult.Simulation().View)!.Plot;
        AssertShows(plot, "class 1 score error", s => Math.Log10(40 * Math.Pow(SyntheticResult.Test(s, 0) - 0.3, 1.5)));
    }

    /// <summary>Marks stand at the mean time of each class, and at the theory's.</summary>
    [Fact]
    public void MarksTimeScales()
    {
        using Plot plot = CurveFigures.Losses(SyntheticResult.Simulation().WithTheory().View)!.Plot;
        double[] memorized = [.. new[] { 0, 2, 3, 4 }.Select(seed => 150 + 9 * SyntheticResult.Spread(seed, 5))];
        Assert.Equal([0.9, 2.1], Times(plot, MarkerShape.FilledTriangleUp));
        Assert.Equal([23, memorized.Average()], Times(plot, MarkerShape.FilledSquare));
        Assert.Equal([0.92, 2.05], Times(plot, MarkerShape.OpenTriangleUp));
        Assert.Equal([22, 160], Times(plot, MarkerShape.OpenSquare));
    }

    [Fact]
    public void WindowStaysOpenWhereMostSeedsDoNotMemorize()
    {
        SyntheticResult result = SyntheticResult.Simulation();
        double[] times = result.Datasets["memorization_time"].Doubles;
        (times[0], times[2], times[4]) = (double.NaN, double.NaN, double.NaN);
        using Plot plot = CurveFigures.Losses(result.View)!.Plot;
        Assert.Single(Times(plot, MarkerShape.FilledSquare));
        double right = plot.Axes.GetLimits().Right;
        Assert.Equal(2, plot.GetPlottables<Rectangle>().Count(rectangle => rectangle.X2 == right));
    }

    /// <summary>The time scales have rows of their own: no curve, band or dot reaches them.</summary>
    [Fact]
    public void TimeScalesDoNotCoverData()
    {
        using Plot plot = CurveFigures.Losses(SyntheticResult.Simulation().View)!.Plot;
        double highest = plot.GetPlottables<Scatter>().SelectMany(line => line.Data.GetScatterPoints()).Max(point => point.Y);
        double band = plot.GetPlottables<FillY>().Max(fill => fill.GetAxisLimits().Top);
        Assert.All(plot.GetPlottables<Marker>(), marker => Assert.True(marker.Y > Math.Max(highest, band)));
    }

    [Fact]
    public void FallsBackToSampledTestLoss()
    {
        SyntheticResult result = SyntheticResult.Simulation();
        result.Datasets["test_loss_sampled"] = result.Datasets["test_loss"] with { Name = "test_loss_sampled" };
        result.Datasets.Remove("test_loss");
        using Plot plot = CurveFigures.Losses(result.View)!.Plot;
        AssertShows(plot, "class 1 test", s => SyntheticResult.Test(s, 0));
    }

    [Fact]
    public void WideLossesGetALogarithmicAxis()
    {
        SyntheticResult result = SyntheticResult.Simulation();
        double[] losses = result.Datasets["test_loss"].Doubles;
        for (int i = 0; i < losses.Length; i++)
            losses[i] = Math.Pow(losses[i], 8);
        using Plot plot = CurveFigures.Losses(result.View)!.Plot;
        Assert.InRange(plot.Axes.GetLimits().Top, Math.Log10(55), 3);
        Assert.All(
            plot.GetPlottables<Scatter>().SelectMany(line => line.Data.GetScatterPoints()),
            point => Assert.True(double.IsFinite(point.Y)));
    }

    private static void AssertShows(Plot plot, string label, Func<double, double> truth)
    {
        Coordinates[] shown = [.. plot.GetPlottables<Scatter>().Single(line => line.LegendText == label).Data.GetScatterPoints()];

        // All records but s = 0, which a logarithmic axis cannot show.
        double[] times = [.. SyntheticResult.Times().Skip(1)];
        Assert.Equal(times.Length, shown.Length);
        for (int k = 0; k < times.Length; k++)
        {
            Assert.Equal(Math.Log10(times[k]), shown[k].X, 1e-14);
            Assert.Equal(truth(times[k]), shown[k].Y, 1e-13);
        }
    }

    private static double[] Times(Plot plot, MarkerShape shape) =>
        [.. plot.GetPlottables<Marker>().Where(marker => marker.Shape == shape).Select(marker => Math.Round(Math.Pow(10, marker.X), 9))];
}
