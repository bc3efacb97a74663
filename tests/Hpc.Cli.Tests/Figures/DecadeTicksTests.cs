using Hpc.Cli.Figures;
using ScottPlot;

namespace Hpc.Cli.Tests.Figures;

public class DecadeTicksTests
{
    [Theory]
    [InlineData(-3, 0, "10⁻³ 10⁻² 10⁻¹ 10⁰")]
    [InlineData(-0.5, 0.8, "0.5 1 2 5")]
    [InlineData(0.1, 0.75, "2 3 4 5")]
    [InlineData(-4.5, -3.2, "5×10⁻⁵ 1×10⁻⁴ 2×10⁻⁴ 5×10⁻⁴")]
    [InlineData(-8, 4, "10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 10⁰ 10² 10⁴")]
    public void LabelsDecades(double from, double to, string expected) =>
        Assert.Equal(expected, string.Join(' ', Ticks(from, to).Where(tick => tick.IsMajor).Select(tick => tick.Label)));

    [Fact]
    public void PutsMinorTicksAtTwoToNine()
    {
        double[] minor = [.. Ticks(0, 2).Where(tick => !tick.IsMajor).Select(tick => Math.Pow(10, tick.Position))];
        double[] expected = [2, 3, 4, 5, 6, 7, 8, 9, 20, 30, 40, 50, 60, 70, 80, 90];
        Assert.Equal(expected.Length, minor.Length);
        Assert.All(minor.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-12 * pair.Second));
    }

    private static Tick[] Ticks(double from, double to) => DecadeTicks.Generate(from, to, 10);
}
