using System.Text;
using System.Xml.Linq;
using ScottPlot;
using SkiaSharp;

namespace Hpc.Cli.Figures;

/// <summary>All figures of one result.</summary>
public static class FigureSet
{
    /// <summary>Width of every figure in points at scale 1; the height follows from the legend.</summary>
    public const int Width = 640;

    /// <summary>Width of each panel of a page with several columns.</summary>
    public const int PanelWidth = 470;

    /// <summary>Pixels per point of the PNG files: 1600 pixels across.</summary>
    public const double PixelScale = 2.5;

    /// <summary>
    /// Draws every figure for which <paramref name="results"/> has the datasets, as <c>name.png</c> and <c>name.svg</c>, with its numbers as
    /// <c>name.csv</c>, in <paramref name="folder"/> (made when absent): spectrum, resolvent, losses, gap, score-error, score-loss, speciation.
    /// </summary>
    /// <param name="results">The result.</param>
    /// <param name="folder">Folder of the files.</param>
    /// <param name="only">Names of the figures to draw; null for all.</param>
    /// <returns>The figures that were written, in that order; those without data are left out.</returns>
    public static IReadOnlyList<Figure> Draw(ResultView results, string folder, IReadOnlyCollection<string>? only = null) => Write(
        new Func<ResultView, Drawing?>[] { SpectrumFigure.Draw, ResolventFigure.Draw, CurveFigures.Losses, CurveFigures.Gap, CurveFigures.ScoreError, ScoreLossFigure.Draw, SpeciationFigure.Draw }
            .Select(draw => draw(results)).OfType<Drawing>(),
        folder, only);

    /// <summary>Draws every figure over a swept value in the same way.</summary>
    /// <param name="sweep">The merged sweep.</param>
    /// <param name="folder">Folder of the files.</param>
    /// <param name="only">Names of the figures to draw; null for all.</param>
    public static IReadOnlyList<Figure> Draw(SweepView sweep, string folder, IReadOnlyCollection<string>? only = null) => Write(SweepFigures.All(sweep), folder, only);

    /// <summary>Height of a figure with a legend of that many rows, in points at scale 1.</summary>
    internal static int Height(int legendRows) => 410 + 26 * legendRows;

    /// <summary>Writes drawings into <paramref name="folder"/>, which is made when absent.</summary>
    internal static List<Figure> Write(IEnumerable<Drawing> drawings, string folder, IReadOnlyCollection<string>? only = null)
    {
        Directory.CreateDirectory(folder);
        var figures = new List<Figure>();
        foreach (Drawing drawing in drawings)
        {
            if (only is null || only.Contains(drawing.Name))
                figures.Add(Write(drawing, folder));
            else
                drawing.Plot.Dispose();
        }

        return figures;
    }

    /// <summary>Writes one figure into <paramref name="folder"/>, which exists.</summary>
    internal static Figure Write(Drawing drawing, string folder)
    {
        Plot[] plots = [drawing.Plot, .. drawing.OtherPanels];
        (int columns, int rows) = (drawing.Columns, (plots.Length + drawing.Columns - 1) / drawing.Columns);
        int width = columns == 1 ? Width : columns * PanelWidth, height = rows * (drawing.PanelHeight ?? Height(drawing.LegendRows));
        XElement svg = SvgDocument.Finish(Svg(plots, columns, width, height), drawing.Name, drawing.Title, width, height);
        SvgDocument.WithFont(svg).Save(Path.Combine(folder, drawing.Name + ".svg"), SaveOptions.DisableFormatting);
        SavePng(plots, columns, (int)(width * PixelScale), (int)(height * PixelScale), Path.Combine(folder, drawing.Name + ".png"));
        foreach (Plot plot in plots)
            plot.Dispose();
        File.WriteAllText(Path.Combine(folder, drawing.Name + ".csv"), CurveTable.Text(drawing.Curves));
        return new Figure(drawing.Name, drawing.Title, drawing.Caption, svg.ToString(SaveOptions.DisableFormatting));
    }

    private static string Svg(Plot[] plots, int columns, int width, int height)
    {
        if (plots is [var only])
            return only.GetSvgXml(width, height);
        using var stream = new MemoryStream();
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), stream))
            Render(plots, columns, width, height, canvas);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void SavePng(Plot[] plots, int columns, int width, int height, string file)
    {
        foreach (Plot plot in plots)
            plot.ScaleFactor = PixelScale;
        if (plots is [var only])
        {
            only.SavePng(file, width, height);
            return;
        }

        using SKSurface surface = SKSurface.Create(new SKImageInfo(width, height));
        Render(plots, columns, width, height, surface.Canvas);
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(file, data.ToArray());
    }

    /// <summary>Panels row by row, each inside its own part of the canvas; a plot does not undo all that it does to a canvas.</summary>
    private static void Render(Plot[] plots, int columns, int width, int height, SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        int panelWidth = width / columns, panelHeight = height / ((plots.Length + columns - 1) / columns);
        for (int i = 0; i < plots.Length; i++)
        {
            // Cleared it would be black in an SVG, and shine through where panels meet.
            plots[i].RenderManager.ClearCanvasBeforeEachRender = false;
            int state = canvas.Save();
            canvas.Translate(i % columns * panelWidth, i / columns * panelHeight);
            canvas.ClipRect(new SKRect(0, 0, panelWidth, panelHeight));
            plots[i].Render(canvas, panelWidth, panelHeight);
            canvas.RestoreToCount(state);
        }
    }
}
