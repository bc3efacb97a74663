using Hpc.Numerics.Profiling;
using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>
/// The rate of every kernel over its flops per byte, under the roofs of the machine (Williams, Waterman and Patterson, Comm. ACM 52,
/// 2009). Kernels that compute nothing have no place in it.
/// </summary>
public static class RooflineFigure
{
    private const float RoofWidth = 2.2f;

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

        // The busiest first, so that those have the nearest places.
        PointLabels.Add(axes.Plot, [.. shown.Select(kernel => (kernel.Name, Place(kernel)))], lines, FigureSet.Width, FigureSet.Height(items.Count));
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
}
