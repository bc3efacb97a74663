using Hpc.Cli.Figures;
using Hpc.Results;
using ScottPlot;
using Drawing = Hpc.Cli.Figures.Drawing;
using Palette = Hpc.Cli.Figures.Palette;

namespace Hpc.Ddpm.Figures;

/// <summary>The figures of one pair over training steps.</summary>
/// <param name="name">Name of the pair.</param>
/// <param name="group">Its merged datasets.</param>
internal sealed class PairFigures(string name, ResultGroup group)
{
    private const float MeanWidth = 3.4f, SeedWidth = 1.2f, TrainWidth = 2.2f;
    private const string StepLabel = "training step";

    private readonly string[] classes = (string[])group.Attributes["class_names"];
    private readonly double[] steps = [.. group["step"].Integers.Select(s => (double)s)];
    private readonly int seeds = group["seed"].Shape[0];

    /// <summary>What the figure of the fractions says below it.</summary>
    public const string FractionNote =
        "Part of the samples of a class that are copies of training images. Thick lines: mean over seeds; thin lines: seeds, each with its 95 % bootstrap interval over samples. "
        + "Horizontal lines: thresholds; markers: where the curves of the seeds reach them (mean over the seeds that do, with its standard error).";

    /// <summary>The memorized fraction of both classes with its thresholds.</summary>
    public Drawing Fractions()
    {
        (FigureAxes axes, List<Curve> curves) = FractionAxes();
        return new Drawing($"fractions-{name}", $"{name}: how much of each class is memorized", FractionNote, axes.Plot, 2, curves);
    }

    /// <summary>The same as a panel of the page of all pairs.</summary>
    public (Plot Plot, List<Curve> Curves) FractionPanel()
    {
        (FigureAxes axes, List<Curve> curves) = FractionAxes();
        return (axes.Plot, [.. curves.Select(c => c with { Label = $"{name}, {c.Label}" })]);
    }

    /// <summary>Train and test loss of both classes.</summary>
    public Drawing Losses()
    {
        Curve[] test = [.. classes.Select((c, i) => Curve.OverSeeds($"{c} test", steps, group["test_loss"], i))];
        Curve[] train = [.. classes.Select((c, i) => Curve.OverSeeds($"{c} train", steps, group["train_loss"], i))];
        double[] values = [.. test.Concat(train).SelectMany(c => c.Values.Zip(c.Errors ?? new double[c.Values.Length], (v, e) => (double[])[v, v + e, v - e]).SelectMany(v => v)).Where(v => v > 0 && double.IsFinite(v))];
        FigureAxes axes = new(Heading, StepLabel, "denoising loss per pixel", Range, (values.Min(), values.Max()), logarithmic: true, 0);
        List<LegendItem> items = [];
        for (int c = 0; c < classes.Length; c++)
        {
            Color color = Palette.Class(c, classes.Length);
            axes.Band(train[c], color);
            axes.Line(train[c], Palette.Pale(color), TrainWidth);
            axes.Band(test[c], color);
            axes.Line(test[c], color, MeanWidth);
            axes.Dots(train[c], color);
            items.Add(FigureAxes.LineItem(test[c].Label, color, MeanWidth));
            items.Add(FigureAxes.DotItem(train[c].Label, color, TrainWidth));
        }

        axes.Legend(2, items);
        return new Drawing(
            $"losses-{name}", $"{name}: train and test loss of each class",
            "Mean squared error per pixel of the predicted noise, over all diffusion times, on the training images and on images that were not trained with. Bands: one standard error over seeds.",
            axes.Plot, 2, [.. test, .. train]);
    }

    private string Heading => $"{name}, {seeds} seed{(seeds == 1 ? "" : "s")}";

    private (double From, double To) Range => (steps[0], Math.Max(steps[^1], 1.01 * steps[0]));

    private (FigureAxes Axes, List<Curve> Curves) FractionAxes()
    {
        FigureAxes axes = new(Heading, StepLabel, "memorized fraction", Range, (0, 1), logarithmic: false, 0);
        double[] thresholds = group["threshold"].Doubles;
        foreach (double threshold in thresholds)
        {
            axes.Threshold(threshold);
        }

        List<Curve> curves = [];
        List<LegendItem> items = [];
        Dataset fractions = group["memorized_fraction"], times = group["memorization_time"];
        for (int c = 0; c < classes.Length; c++)
        {
            Color color = Palette.Class(c, classes.Length);
            for (int s = 0; s < seeds; s++)
            {
                string label = $"{classes[c]}, seed {group["seed"].Integers[s]}";
                Curve low = OfSeed($"{label}, low", "memorized_fraction_low", s, c), high = OfSeed($"{label}, high", "memorized_fraction_high", s, c);
                Curve own = OfSeed(label, "memorized_fraction", s, c);
                axes.Band(low, high, color);
                axes.Line(own, color, SeedWidth);
                curves.AddRange([own, low, high]);
            }

            int index = c;
            Curve mean = Curve.OfSeeds($"{classes[c]}, mean", steps, seeds, (s, k) => fractions.Doubles[(s * steps.Length + k) * classes.Length + index]);
            axes.Line(mean, color, MeanWidth);
            curves.Add(mean);
            items.Add(FigureAxes.LineItem(classes[c], color, MeanWidth));
            for (int t = 0; t < thresholds.Length; t++)
            {
                double[] reached = [.. Enumerable.Range(0, seeds).Select(s => times.Doubles[(s * thresholds.Length + t) * classes.Length + index]).Where(double.IsFinite)];
                (double time, double error) = SeedAverage.Of(reached);
                if (reached.Length > 0)
                {
                    axes.Plot.Add.Marker(Math.Log10(time), thresholds[t], MarkerShape.FilledSquare, 9, color);
                    if (error > 0 && error < time)
                    {
                        var bar = axes.Plot.Add.Line(Math.Log10(time - error), thresholds[t], Math.Log10(time + error), thresholds[t]);
                        (bar.LineColor, bar.LineWidth) = (color, 2.5f);
                    }
                }
            }
        }

        items.Add(FigureAxes.MarkerItem("reaches a threshold", MarkerShape.FilledSquare, Colors.Gray));
        items.Add(FigureAxes.FillItem("95 % over samples", Colors.Gray.WithAlpha(0.35)));
        axes.Legend(2, items);
        return (axes, curves);
    }

    private Curve OfSeed(string label, string dataset, int seed, int c) =>
        new(label, steps, [.. steps.Select((_, k) => group[dataset].Doubles[(seed * steps.Length + k) * classes.Length + c])], null);
}
