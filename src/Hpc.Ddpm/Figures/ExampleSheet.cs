using Hpc.Cli.Figures;
using Hpc.Results;
using ScottPlot;
using SkiaSharp;
using Drawing = Hpc.Cli.Figures.Drawing;
using Palette = Hpc.Cli.Figures.Palette;

namespace Hpc.Ddpm.Figures;

/// <summary>
/// A sheet of pictures of one class of a pair, for the first seed: training images; samples over training time, each column from one noise; and
/// the training image that is nearest to the last sample of the column.
/// </summary>
internal static class ExampleSheet
{
    private const int Columns = 12, TrainingRows = 2, MostRecords = 7;

    /// <summary>Least pixels of a picture, and of the frame around it, in the bitmap.</summary>
    private const int PictureSide = 96, Frame = 8;

    /// <summary>Points between the sheet and the edges of the figure, for the words beside it.</summary>
    private const int LeftRoom = 120, RightRoom = 20, TopRoom = 40, BottomRoom = 14;

    /// <summary>Draws the sheet; null where no sample that is kept is of the class at the end.</summary>
    /// <param name="name">Name of the pair.</param>
    /// <param name="group">Its merged datasets.</param>
    /// <param name="index">0 for the reference, 1 for its partner.</param>
    /// <param name="ratio">Below which a sample is memorized.</param>
    public static Drawing? Draw(string name, ResultGroup group, int index, double ratio)
    {
        string own = ((string[])group.Attributes["class_names"])[index];
        long[] steps = group["step"].Integers, classes = group["training_class"].Integers, nearest = group["nearest_image"].Integers;
        double[] ratios = group["distance_ratio"].Doubles;
        int side = group["sample_image"].Shape[^1], kept = group["sample_image"].Shape[2], samples = group["nearest_image"].Shape[2];
        int last = steps.Length - 1;
        int[] columns = [.. Enumerable.Range(0, kept).Where(k => classes[nearest[last * samples + k] - 1] == index + 1).Take(Columns)];
        if (columns.Length == 0)
        {
            return null;
        }

        int[] training = [.. Enumerable.Range(0, group["training_class"].Shape[1]).Where(i => classes[i] == index + 1).Take(TrainingRows * Columns)];
        int count = Math.Min(MostRecords, steps.Length);
        int[] records = [.. Enumerable.Range(0, count).Select(r => count == 1 ? last : (int)Math.Round((double)r * last / (count - 1))).Distinct()];
        int trainingRows = (training.Length + Columns - 1) / Columns, rows = trainingRows + records.Length + 1;
        int magnification = (PictureSide + side - 1) / side, tile = magnification * side + 2 * Frame;
        using var bitmap = new SKBitmap(Columns * tile, rows * tile, SKColorType.Rgba8888, SKAlphaType.Opaque);
        bitmap.Erase(SKColors.White);
        Color color = Palette.Class(index, 2);
        var copied = new SKColor(color.R, color.G, color.B);
        string[] labels = [.. Enumerable.Repeat("", rows)];
        labels[0] = "training images";
        long[] images = group["training_image"].Integers, drawn = group["sample_image"].Integers;
        for (int i = 0; i < training.Length; i++)
        {
            Put(images.AsSpan(training[i] * side * side, side * side), i % Columns, i / Columns, SKColors.White);
        }

        for (int r = 0; r < records.Length; r++)
        {
            labels[trainingRows + r] = $"step {steps[records[r]]}";
            for (int c = 0; c < columns.Length; c++)
            {
                // Below the ratio, and of this class.
                int sample = records[r] * samples + columns[c];
                bool memorized = ratios[sample] < ratio && classes[nearest[sample] - 1] == index + 1;
                Put(drawn.AsSpan((records[r] * kept + columns[c]) * side * side, side * side), c, trainingRows + r, memorized ? copied : SKColors.White);
            }
        }

        labels[rows - 1] = "nearest training";
        for (int c = 0; c < columns.Length; c++)
        {
            Put(images.AsSpan((int)(nearest[last * samples + columns[c]] - 1) * side * side, side * side), c, rows - 1, SKColors.White);
        }

        double[] shown = [.. records.Select(r => (double)steps[r])];
        return new Drawing(
            $"examples-{name}-{own}", $"{name}: training images and samples of {own}",
            $"Seed {group["seed"].Integers[0]}. Each column of samples is drawn from the same noise at every step and ends in class {own}; the last row is the training image nearest to the last sample. "
            + "Framed samples are memorized. The table of the figure has d₁/d₂ of every sample that is shown.",
            Sheet($"{name}: {own}", new Image(bitmap), labels), 0,
            [.. columns.Select((k, c) => new Curve($"column {c + 1}: sample {k + 1}", shown, [.. records.Select(r => ratios[r * samples + k])], null))])
        {
            PanelHeight = TopRoom + BottomRoom + rows * TileHeight,
        };

        void Put(ReadOnlySpan<long> picture, int column, int row, SKColor frame)
        {
            for (int y = 0; y < tile; y++)
            {
                for (int x = 0; x < tile; x++)
                {
                    int px = (x - Frame) / magnification, py = (y - Frame) / magnification;
                    bool inside = x >= Frame && y >= Frame && px < side && py < side, edge = x < Frame / 2 || y < Frame / 2 || x >= tile - Frame / 2 || y >= tile - Frame / 2;

                    // Dark on light, as on paper: grey value 0 is the background.
                    byte grey = inside ? (byte)(255 - picture[py * side + px]) : (byte)255;
                    bitmap.SetPixel(column * tile + x, row * tile + y, inside ? new SKColor(grey, grey, grey) : edge ? SKColors.White : frame);
                }
            }
        }
    }

    private static int TileHeight => (FigureSet.Width - LeftRoom - RightRoom) / Columns;

    private static Plot Sheet(string title, Image image, string[] labels)
    {
        FigureAxes axes = new(title, "", "", (0, Columns), (0, labels.Length), false, 0, linear: true);
        Plot plot = axes.Plot;
        plot.Axes.SetLimits(0, Columns, 0, labels.Length);
        plot.Add.ImageRect(image, new CoordinateRect(0, Columns, 0, labels.Length));
        int[] named = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i].Length > 0)];
        plot.Axes.Left.SetTicks([.. named.Select(i => labels.Length - i - 0.5)], [.. named.Select(i => labels[i])]);
        (plot.Axes.Left.MajorTickStyle.Length, plot.Axes.Left.TickLabelStyle.FontSize) = (0, 12);
        plot.Axes.Bottom.SetTicks([], []);
        plot.Axes.Left.FrameLineStyle.Width = plot.Axes.Bottom.FrameLineStyle.Width = plot.Axes.Right.FrameLineStyle.Width = plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.HideGrid();
        plot.Layout.Fixed(new PixelPadding(LeftRoom, RightRoom, BottomRoom, TopRoom));
        FigureFont.Apply(plot);
        return plot;
    }
}
