using Hpc.Cli.Figures;
using Hpc.Numerics.Profiling;
using ScottPlot;
using ScottPlot.Plottables;

namespace Hpc.Cli.Tests.Figures;

public class RooflineFigureTests
{
    private static readonly MachineLimits limits = new(SingleFlops: 200e9, DoubleFlops: 100e9, Bandwidth: 10e9);

    private static readonly KernelTotals[] kernels =
    [
        new("gemm", "double", 3, Seconds: 4, SelfSeconds: 4, Flops: 200e9, Bytes: 1e9),
        new("fresh-noise-epoch", "single", 2, Seconds: 5, SelfSeconds: 1, Flops: 50e9, Bytes: 10e9),
        new("hdf5-write", "double", 1, Seconds: 2, SelfSeconds: 2, Flops: 0, Bytes: 1e9),
    ];

    [Fact]
    public void ShowsTheRoofsAndTheKernelsThatCompute()
    {
        using Plot plot = RooflineFigure.Draw("name", kernels, limits)!.Plot;
        foreach ((string precision, double peak) in ((string, double)[])[("single", 200), ("double", 100)])
        {
            Coordinates[] roof = [.. plot.GetPlottables<Scatter>().Single(line => line.LegendText == $"{precision} roof").Data.GetScatterPoints()];
            Assert.All(roof, point => Assert.Equal(Math.Log10(Math.Min(peak, 10 * Math.Pow(10, point.X))), point.Y, 1e-12));
            Assert.True(roof[0].Y < Math.Log10(peak) - 0.5);
            Assert.Equal(Math.Log10(peak), roof[^1].Y, 1e-12);
        }

        Assert.Equal(["fresh-noise-epoch", "gemm"], plot.GetPlottables<Text>().Select(text => text.LabelText).Order());
        Coordinates[] points = [.. plot.GetPlottables<Markers>().SelectMany(markers => markers.Data.GetScatterPoints())];
        Assert.Equal([(Math.Log10(200), Math.Log10(50)), (Math.Log10(5), Math.Log10(10))], points.Select(point => (point.X, point.Y)));
        AxisLimits axes = plot.Axes.GetLimits();
        Assert.All(points, point => Assert.True(axes.Contains(point)));
    }

    [Fact]
    public void NothingIsDrawnOfKernelsThatComputeNothing() => Assert.Null(RooflineFigure.Draw("name", kernels[2..], limits));
}
