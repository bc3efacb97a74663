using Hpc.Numerics.Profiling;
using ScottPlot;
using ScottPlot.Plottables;

namespace Hpc.Cli.Figures;

/// <summary>
/// The rate of every kernel over its flops per byte, under the roofs of the machine (Williams, Waterman and Patterson, Comm. ACM 52,
/// 2009). Kernels that compute nothing have no place in it.
/// </summary>
public static class RooflineFigure
{
    private const float RoofWidth = 2.2f, LabelSize = 12;

    /// <summary>A label farther from its point than this, in pixels, gets a line to it.</summary>
    private const double LeaderFrom = 12;

    /// <summary>Draws the figure; null when no kernel of the processor computes anything.</summary>
    /// <param name="heading">One line above the axes.</param>
    /// <param name="kernels">The kernels.</param>
    /// <param name="limits">The machine.</param>
    public static Drawing? Draw(string heading, IReadOnlyList<KernelTotals> kernels, MachineLimits limits)
    {
        KernelTotals[] shown = [.. kernels.Where(kernel => kernel.Flops > 0 && !kernel.IsOnDevice)];
        if (shown.Length == 0)
            return null;

        // The ridges of both precisions are in sight, wherever the kernels are.
        double ridge = limits.SingleFlops / limits.Bandwidth;
        double left = Math.Min(shown.Min(kernel => kernel.Intensity), 0.1 * ridge) / 2;
        double right = Math.Max(shown.Max(kernel => kernel.Intensity), 10 * ridge) * 2;
        double lowest = Math.Min(shown.Min(kernel => kernel.FlopRate), limits.Bandwidth * left) / 1e9;
        FigureAxes axes = new(
            heading, "flops per byte", "rate (GFLOP/s)", (left, right), (lowest, 1.5 * Math.Max(limits.SingleFlops, limits.DoubleFlops) / 1e9), true, 0);
        List<LegendItem> items = [];
        List<Coordinates> lines = [];
        foreach ((string precision, Color color) in Colours)
        {
            Coordinates[] roof = Roof(limits, precision, left, right);
            axes.Line($"{precision} roof", roof, color, RoofWidth);
            items.Add(FigureAxes.LineItem(
                $"{precision} roof: {Superscript.Number(limits.Flops(precision) / 1e9)} GFLOP/s, {Superscript.Number(limits.Bandwidth / 1e9)} GB/s", color, RoofWidth));
            lines.AddRange(roof);
        }

        foreach ((string precision, Color color) in Colours)
            axes.Plot.Add.Markers(shown.Where(kernel => kernel.Precision == precision).Select(Place).ToArray(), MarkerShape.FilledCircle, 9, color);
        axes.Legend(1, items);
        Label(axes.Plot, shown, lines, FigureSet.Height(items.Count));
        return new Drawing(
            "roofline", "Kernels under the roofs of the machine",
            "Floating-point operations per second over operations per byte, both by the definition of a kernel. Roofs: what memory and multiply-add units allow at most. " +
            "A kernel above its roof found its operands in a cache.",
            axes.Plot, items.Count, [.. shown.Select(kernel => new Curve(kernel.Name, [kernel.Intensity], [kernel.FlopRate / 1e9], null))]);
    }

    private static (string Precision, Color Color)[] Colours => [(Kernel.Double, Palette.Class(0, 2)), (Kernel.Single, Palette.Class(1, 2))];

    private static Coordinates Place(KernelTotals kernel) => new(Math.Log10(kernel.Intensity), Math.Log10(kernel.FlopRate / 1e9));

    private static Coordinates[] Roof(MachineLimits limits, string precision, double left, double right)
    {
        const int Segments = 300;
        return
        [
            .. Enumerable.Range(0, Segments + 1).Select(k =>
            {
                double intensity = left * Math.Pow(right / left, (double)k / Segments);
                return new Coordinates(Math.Log10(intensity), Math.Log10(Math.Min(limits.Flops(precision), intensity * limits.Bandwidth) / 1e9));
            }),
        ];
    }

    /// <summary>Names the points, the busiest first, so that those have the nearest places.</summary>
    private static void Label(Plot plot, KernelTotals[] kernels, IEnumerable<Coordinates> lines, int height)
    {
        // The size of the axes in pixels is known only when everything is laid out.
        plot.RenderInMemory(FigureSet.Width, height);
        PixelRect data = plot.LastRender.DataRect;
        using Paint paint = Paint.NewDisposablePaint();
        Text[] labels = [.. kernels.Select(kernel =>
        {
            Text label = plot.Add.Text(kernel.Name, Place(kernel));
            (label.LabelFontName, label.LabelFontSize, label.LabelAlignment) = (FigureFont.Family, LabelSize, Alignment.UpperLeft);
            return label;
        })];
        (double X, double Y)[] points = [.. kernels.Select(kernel => Pixel(Place(kernel)))];
        (double Width, double Height)[] sizes = [.. labels.Select(label => label.LabelStyle.Measure(label.LabelText, paint)).Select(size => ((double)size.Width, (double)size.Height))];
        IReadOnlyList<(double X, double Y, (double X, double Y) Anchor)> places =
            LabelPlacement.Place(points, sizes, lines.Select(Pixel), (data.Left, data.Top, data.Right, data.Bottom));
        for (int i = 0; i < labels.Length; i++)
        {
            ((double x, double y, (double X, double Y) anchor), (double X, double Y) point) = (places[i], points[i]);
            labels[i].Location = At(x, y);
            if (Math.Sqrt(Math.Pow(anchor.X - point.X, 2) + Math.Pow(anchor.Y - point.Y, 2)) > LeaderFrom)
            {
                LinePlot leader = plot.Add.Line(Place(kernels[i]), At(anchor.X, anchor.Y));
                (leader.LineColor, leader.LineWidth) = (Colors.Black.WithAlpha(0.4), 0.8f);
            }
        }

        (double X, double Y) Pixel(Coordinates place)
        {
            Pixel pixel = plot.GetPixel(place);
            return (pixel.X, pixel.Y);
        }

        Coordinates At(double x, double y) => plot.GetCoordinates((float)x, (float)y);
    }
}
