using Hpc.Cli.Figures;
using Hpc.Results;
using ScottPlot;
using Drawing = Hpc.Cli.Figures.Drawing;
using Palette = Hpc.Cli.Figures.Palette;

namespace Hpc.Ddpm.Figures;

/// <summary>The descriptors of all classes of a data set.</summary>
internal static class DescriptorFigure
{
    /// <summary>Draws the figure.</summary>
    /// <param name="name">Key of the data set.</param>
    /// <param name="group">Datasets of dimension <c>label</c>, and the names of the classes.</param>
    /// <param name="reference">Label of the class that cosines are taken to.</param>
    public static Drawing Draw(string name, ResultGroup group, int reference)
    {
        string[] classes = (string[])group.Attributes["label_names"];
        double[] x = [.. Enumerable.Range(0, classes.Length).Select(i => (double)i)];
        (Curve Curve, string Label, MarkerShape Shape)[] series =
        [
            (new Curve("relative variance", x, group["relative_variance"].Doubles, null), "variance over its mean", MarkerShape.FilledCircle),
            (new Curve("relative norm", x, group["relative_norm"].Doubles, null), "centroid norm over its mean", MarkerShape.FilledSquare),
            (new Curve($"cosine to {classes[reference]}", x, group["cosine"].Doubles, null), $"cosine to {classes[reference]}", MarkerShape.FilledTriangleUp),
        ];
        double[] values = [.. series.SelectMany(s => s.Curve.Values), 0];
        FigureAxes axes = new(name, "", "descriptor", (-0.5, classes.Length - 0.5), (values.Min(), values.Max()), false, 0, linear: true);
        axes.Threshold(0);
        axes.Threshold(1);
        axes.Name(classes);
        List<LegendItem> items = [];
        foreach ((int i, (Curve curve, string label, MarkerShape shape)) in series.Index())
        {
            axes.Points(curve, shape, Palette.Class(i, series.Length));
            items.Add(FigureAxes.MarkerItem(label, shape, Palette.Class(i, series.Length)));
        }

        // Ten names have no room side by side.
        axes.Plot.Axes.Bottom.TickLabelStyle.Rotation = -40;
        axes.Plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
        axes.Plot.Axes.Bottom.MinimumSize = 66;
        axes.Legend(2, items);
        return new Drawing(
            $"descriptors-{name}", $"Descriptors of the classes of {name}",
            "Variance within the class and norm of its centroid, each over its mean over the classes, and cosine between centroids. Centroids are taken from the mean of all class means, so that nothing "
            + "depends on the grey value that is called zero.",
            axes.Plot, 2, [.. series.Select(s => s.Curve)]);
    }
}
