using ScottPlot;
using ScottPlot.Plottables;

namespace Hpc.Cli.Figures;

/// <summary>
/// A plot in the one style of all figures. Values go in as they are; on a logarithmic axis the coordinate is log₁₀ of the value, and values
/// that are not positive are left out.
/// </summary>
internal sealed class FigureAxes
{
    /// <summary>Fraction of the height given to each row of time scales above the data, and most of it for all rows.</summary>
    private const double RowHeight = 0.06, RowsHeight = 0.36;

    private const float DotSize = 7;

    /// <summary>
    /// Distance, in font sizes, from the middle of a line of text with its descent to the middle of its figures: what is centred on
    /// text needs it.
    /// </summary>
    internal const float Centring = 0.14f;

    private readonly bool logarithmic, linearTimes;
    private readonly double left, right, bottom;

    /// <param name="title">One line above the axes.</param>
    /// <param name="horizontal">Label of the horizontal axis with symbol and unit.</param>
    /// <param name="vertical">Label of the vertical axis with symbol and unit.</param>
    /// <param name="x">Smallest and largest positive value to show.</param>
    /// <param name="y">Smallest and largest value to show, positive on a logarithmic axis.</param>
    /// <param name="logarithmic">Whether the vertical axis is logarithmic.</param>
    /// <param name="rows">Rows of time scales to leave room for above the data.</param>
    /// <param name="linear">Whether the horizontal axis is linear; the values may then have any sign.</param>
    public FigureAxes(
        string title, string horizontal, string vertical, (double From, double To) x, (double From, double To) y, bool logarithmic,
        int rows, bool linear = false)
    {
        (this.logarithmic, linearTimes) = (logarithmic, linear);
        (left, right) = (Horizontal(x.From), Horizontal(x.To));
        (double low, double high) = (Vertical(y.From), Vertical(y.To));

        // At least a factor of four on a logarithmic axis, so that it has labels to read.
        double least = logarithmic ? Math.Log10(4) : Math.Max(1e-12, 1e-3 * Math.Abs(high));
        double missing = Math.Max(0, least - (high - low)) / 2;
        (low, high) = (low - missing, high + missing);
        double margin = 0.05 * (high - low);
        bottom = low - margin;
        double reserved = Math.Min(RowsHeight, RowHeight * rows);
        Rows = (high + margin, (high + margin - bottom) * reserved / (1 - reserved) / Math.Max(1, rows));

        Plot = new Plot();
        Plot.Axes.SetLimits(left, right, bottom, Rows.Bottom + rows * Rows.Height);
        if (!linear)
            Plot.Axes.Bottom.TickGenerator = new DecadeTicks();
        if (logarithmic)
            Plot.Axes.Left.TickGenerator = new DecadeTicks { MaxTickCount = 8 };
        Plot.Title(title, 15);
        Plot.Axes.Title.Label.Bold = false;
        Plot.XLabel(horizontal, 17);
        Plot.YLabel(vertical, 17);
        foreach (IAxis axis in (IAxis[])[Plot.Axes.Bottom, Plot.Axes.Left])
        {
            axis.TickLabelStyle.FontSize = 15;
            axis.Label.Bold = false;
            axis.TickLabelStyle.OffsetY = axis == Plot.Axes.Left ? Centring * 15 : 0;
            axis.MajorTickStyle.Length = 6;
            axis.MinorTickStyle.Length = 3;
        }

        // Half of a label of the last tick hangs over the end of the axis.
        Plot.Axes.Right.MinimumSize = 28;
        Plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.08);
    }

    public Plot Plot { get; }

    /// <summary>Bottom of the lowest row of time scales and height of each, in coordinates.</summary>
    private (double Bottom, double Height) Rows { get; }

    /// <summary>Coordinates of the points of <paramref name="curve"/> that the axes can show.</summary>
    private Coordinates[] Points(Curve curve) =>
    [
        .. from k in Enumerable.Range(0, curve.Times.Length)
           where Showable(curve, k)
           select new Coordinates(Horizontal(curve.Times[k]), Vertical(curve.Values[k])),
    ];

    /// <summary>A line, found in the plot by the label of the curve.</summary>
    public void Line(Curve curve, Color color, float width) => Line(curve.Label, Points(curve), color, width);

    /// <summary>A line of some pattern.</summary>
    public void Line(Curve curve, Color color, float width, LinePattern pattern) => Line(curve.Label, Points(curve), color, width, pattern);

    /// <summary>A line through points given as values.</summary>
    public void Line(string label, Coordinates[] coordinates, Color color, float width, LinePattern? pattern = null)
    {
        if (coordinates.Length == 0)
            return;
        Scatter line = Plot.Add.ScatterLine(coordinates, color);
        line.LegendText = label;
        line.LineWidth = width;
        line.LinePattern = pattern ?? LinePattern.Solid;
    }

    /// <summary>Dots at about equal distances along the horizontal axis, on top of a line.</summary>
    public void Dots(Curve curve, Color color)
    {
        const int Count = 14;
        double next = left + 0.5 * (right - left) / Count;
        List<Coordinates> shown = [];
        foreach (Coordinates point in Points(curve).Where(point => point.X >= next))
        {
            shown.Add(point);
            while (next <= point.X)
                next += (right - left) / Count;
        }

        if (shown.Count > 0)
            Plot.Add.Markers(shown, MarkerShape.FilledCircle, DotSize, color);
    }

    /// <summary>The range of one standard error to either side of a curve; nothing without errors.</summary>
    public void Band(Curve curve, Color color)
    {
        if (curve.Errors is not { } errors)
            return;
        List<(double X, double Top, double Bottom)> range =
        [
            .. from k in Enumerable.Range(0, curve.Times.Length)
               where Showable(curve, k) && double.IsFinite(errors[k])
               let low = curve.Values[k] - errors[k]
               select (Horizontal(curve.Times[k]), Vertical(curve.Values[k] + errors[k]),
                   logarithmic && low <= 0 ? bottom : Vertical(low)),
        ];
        if (range.Count < 2)
            return;
        FillY band = Plot.Add.FillY(range);
        (band.FillColor, band.LineWidth, band.MarkerSize) = (color.WithAlpha(0.25), 0, 0);
    }

    /// <summary>The range between two curves of the same x.</summary>
    public void Band(Curve low, Curve high, Color color)
    {
        List<(double X, double Top, double Bottom)> range =
        [
            .. from k in Enumerable.Range(0, low.Times.Length)
               where Showable(low, k) && Showable(high, k)
               select (Horizontal(low.Times[k]), Vertical(high.Values[k]), Vertical(low.Values[k])),
        ];
        if (range.Count < 2)
            return;
        FillY band = Plot.Add.FillY(range);
        (band.FillColor, band.LineWidth, band.MarkerSize) = (color.WithAlpha(0.18), 0, 0);
    }

    /// <summary>A marker at every point of a curve, with its standard error where there is one.</summary>
    public void Points(Curve curve, MarkerShape shape, Color color)
    {
        Coordinates[] points = Points(curve);
        if (points.Length == 0)
            return;
        if (curve.Errors is { } errors)
        {
            int[] certain = [.. Enumerable.Range(0, curve.Times.Length).Where(k => Showable(curve, k) && errors[k] > 0)];
            double[] x = [.. certain.Select(k => Horizontal(curve.Times[k]))], y = [.. certain.Select(k => Vertical(curve.Values[k]))];
            double[] up = [.. certain.Select((k, i) => Vertical(curve.Values[k] + errors[k]) - y[i])];
            double[] down = [.. certain.Select((k, i) => logarithmic && curve.Values[k] <= errors[k] ? y[i] - bottom : y[i] - Vertical(curve.Values[k] - errors[k]))];
            if (certain.Length > 0)
                Plot.PlottableList.Add(new ErrorBar(x, y, null, null, up, down) { Color = color, LineWidth = 1.5f, CapSize = 0 });
        }

        Scatter markers = Plot.Add.ScatterPoints(points, color);
        (markers.LegendText, markers.MarkerShape, markers.MarkerSize) = (curve.Label, shape, 9);
    }

    /// <summary>Names in place of the values 0, 1, … of a linear horizontal axis, a line for each part of a name.</summary>
    public void Name(string[] names) =>
        Plot.Axes.Bottom.SetTicks([.. names.Select((_, i) => (double)i)], [.. names.Select(name => name.Replace(", ", "\n"))]);

    /// <summary>A vertical line across the axes at <paramref name="x"/>.</summary>
    public void Mark(double x, Color color)
    {
        AxisLimits limits = Plot.Axes.GetLimits();
        LinePlot line = Plot.Add.Line(Horizontal(x), limits.Bottom, Horizontal(x), limits.Top);
        (line.LineColor, line.LineWidth, line.LinePattern) = (color, 1.2f, LinePattern.Dashed);
    }

    /// <summary>A horizontal line across the axes at <paramref name="value"/>.</summary>
    public void Threshold(double value)
    {
        LinePlot line = Plot.Add.Line(left, Vertical(value), right, Vertical(value));
        (line.LineColor, line.LineWidth) = (Colors.Black.WithAlpha(0.6), 1.2f);
    }

    /// <summary>
    /// Time scales of each class in a row of its own above the data: the window from generalization to memorization, shaded down to the
    /// axis, a triangle where it begins and a square where it ends. A window whose end is not reached stays open to the right.
    /// </summary>
    public void Windows(TimeScale[]? generalization, TimeScale[]? memorization)
    {
        int classes = (generalization ?? memorization)?.Length ?? 0;
        for (int index = 0; index < classes; index++)
        {
            Color color = Palette.Class(index, classes);
            double y = Rows.Bottom + (classes - 1 - index + 0.4) * Rows.Height;
            double? from = Position(generalization?[index]), to = Position(memorization?[index]);
            double until = to ?? right;
            if (from is { } start && start < until && memorization is not null)
            {
                Fill(start, until, bottom, y, 0.07);
                Fill(start, until, y - 0.18 * Rows.Height, y + 0.18 * Rows.Height, 0.45);
            }

            Mark(generalization?[index], from, MarkerShape.FilledTriangleUp, MarkerShape.OpenTriangleUp);
            Mark(memorization?[index], to, MarkerShape.FilledSquare, MarkerShape.OpenSquare);

            void Fill(double x1, double x2, double y1, double y2, double opacity)
            {
                Rectangle shade = Plot.Add.Rectangle(x1, x2, y1, y2);
                (shade.FillColor, shade.LineWidth) = (color.WithAlpha(opacity), 0);
            }

            void Mark(TimeScale? scale, double? position, MarkerShape shape, MarkerShape open)
            {
                if (position is { } x)
                {
                    LinePlot drop = Plot.Add.Line(x, bottom, x, y);
                    (drop.LineColor, drop.LineWidth) = (color.WithAlpha(0.7), 1);
                    if (scale is { Error: > 0 } && scale.Error < scale.Mean)
                    {
                        LinePlot error = Plot.Add.Line(
                            Math.Log10(scale.Mean - scale.Error), y, Math.Log10(scale.Mean + scale.Error), y);
                        (error.LineColor, error.LineWidth) = (color, 2.5f);
                    }

                    Plot.Add.Marker(x, y, shape, 11, color);
                }

                if (scale is { Theory: > 0 } && double.IsFinite(scale.Theory))
                    Plot.Add.Marker(Math.Log10(scale.Theory), y, open, 13, Palette.Theory).MarkerLineWidth = 1.3f;
            }
        }

        static double? Position(TimeScale? scale) => scale is { Typical: true, Mean: > 0 } ? Math.Log10(scale.Mean)
            : scale is { Seeds: 0, Theory: > 0 } && double.IsFinite(scale.Theory) ? Math.Log10(scale.Theory) : null;
    }

    /// <summary>Puts the legend below the axes, where it covers nothing.</summary>
    public void Legend(int columns, IReadOnlyList<LegendItem> items)
    {
        Plot.Legend.DisplayPlottableLegendItems = false;
        Plot.Legend.ManualItems.AddRange(items);
        Plot.Legend.Layout = new LegendGrid(columns);
        Plot.Legend.FontSize = 15;
        Plot.Legend.SymbolWidth = 30;
        Plot.Legend.SymbolPadding = 7;
        Plot.Legend.InterItemPadding = new PixelPadding(0, 18, 4, 0);
        Plot.Legend.Padding = new PixelPadding(4, 4);
        Plot.Legend.Margin = new PixelPadding(0, 0);
        Plot.Legend.OutlineWidth = 0;
        Plot.Legend.ShadowFillStyle.Color = Colors.Transparent;
        Plot.ShowLegend(Edge.Bottom).Padding = new PixelPadding(0, 6);
        FigureFont.Apply(Plot);
    }

    public static LegendItem LineItem(string label, Color color, float width) =>
        new() { LabelText = label, LineColor = color, LineWidth = width };

    public static LegendItem DotItem(string label, Color color, float width) => new()
    {
        LabelText = label,
        LineColor = Palette.Pale(color),
        LineWidth = width,
        MarkerShape = MarkerShape.FilledCircle,
        MarkerSize = DotSize,
        MarkerColor = color,
    };

    public static LegendItem MarkerItem(string label, MarkerShape shape, Color color) =>
        new() { LabelText = label, MarkerShape = shape, MarkerSize = 11, MarkerColor = color };

    public static LegendItem FillItem(string label, Color color) => new() { LabelText = label, FillColor = color };

    private bool Showable(Curve curve, int k) =>
        (linearTimes || curve.Times[k] > 0) && double.IsFinite(curve.Times[k]) && double.IsFinite(curve.Values[k]) && (!logarithmic || curve.Values[k] > 0);

    private double Vertical(double value) => logarithmic ? Math.Log10(value) : value;

    private double Horizontal(double value) => linearTimes ? value : Math.Log10(value);
}
