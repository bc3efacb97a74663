using ScottPlot;
using ScottPlot.Plottables;

namespace Hpc.Cli.Figures;

/// <summary>Names beside the points of a plot.</summary>
internal static class PointLabels
{
    private const float Size = 12;

    /// <summary>A label farther from its point than this, in pixels, gets a line to it.</summary>
    private const double LeaderFrom = 12;

    /// <summary>Names points, the first of them at the nearest places.</summary>
    /// <param name="plot">A plot with everything else in it, and its limits set.</param>
    /// <param name="points">Name and coordinates of each point.</param>
    /// <param name="lines">Coordinates of lines to keep clear of, dense enough that no label slips between two.</param>
    /// <param name="width">Width of the figure, as it will be drawn.</param>
    /// <param name="height">Height of the figure.</param>
    public static void Add(Plot plot, IReadOnlyList<(string Name, Coordinates Place)> points, IEnumerable<Coordinates> lines, int width, int height)
    {
        // The size of the axes in pixels is known only when everything is laid out.
        plot.RenderInMemory(width, height);
        PixelRect data = plot.LastRender.DataRect;
        using Paint paint = Paint.NewDisposablePaint();
        Text[] labels = [.. points.Select(point =>
        {
            Text label = plot.Add.Text(point.Name, point.Place);
            (label.LabelFontName, label.LabelFontSize, label.LabelAlignment) = (FigureFont.Family, Size, Alignment.UpperLeft);
            return label;
        })];
        (double X, double Y)[] pixels = [.. points.Select(point => Pixel(point.Place))];
        (double Width, double Height)[] sizes = [.. labels.Select(label => label.LabelStyle.Measure(label.LabelText, paint)).Select(size => ((double)size.Width, (double)size.Height))];
        IReadOnlyList<(double X, double Y, (double X, double Y) Anchor)> places =
            LabelPlacement.Place(pixels, sizes, lines.Select(Pixel), (data.Left, data.Top, data.Right, data.Bottom));
        for (int i = 0; i < labels.Length; i++)
        {
            ((double x, double y, (double X, double Y) anchor), (double X, double Y) point) = (places[i], pixels[i]);
            labels[i].Location = At(x, y);
            if (Math.Sqrt(Math.Pow(anchor.X - point.X, 2) + Math.Pow(anchor.Y - point.Y, 2)) > LeaderFrom)
            {
                LinePlot leader = plot.Add.Line(points[i].Place, At(anchor.X, anchor.Y));
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
