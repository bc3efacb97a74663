using ScottPlot;
using ScottPlot.Plottables;

namespace Hpc.Cli.Figures;

/// <summary>The figure of the spectrum of the feature covariance U.</summary>
public static class SpectrumFigure
{
    /// <summary>Density of eigenvalues in ln λ, simulated and from theory; null when the result has neither.</summary>
    public static Drawing? Draw(ResultView results)
    {
        SpectralSamples? samples = SpectralSamples.Of(name => name == "eigenvalues" ? results.Find(name, "seed", "feature") : results.Find(name, "seed", "probe", "step"));
        SpectrumHistogram? histogram = samples is null ? null : SpectrumHistogram.Of(samples, results.Features);
        (double Lambda, double Density)[] theory = Theory(results);
        IReadOnlyList<SpectralBulk> bulks = SpectralBulk.Find(results);
        double[] centres = histogram is null ? [] : [.. histogram.Edges.SkipLast(1).Select(edge => edge + histogram.BinWidth / 2)];
        double[] heights =
        [
            .. histogram is null ? [] : histogram.Density.Where(density => density > 0),
            .. histogram is null ? theory.Select(point => point.Density).Where(density => density > 1e-8) : [],
        ];
        if (heights.Length == 0)
            return null;
        double highest = Math.Max(heights.Max(), theory.Select(point => point.Density).DefaultIfEmpty(0).Max());
        double lowest = heights.Min() / 2;
        double from = Math.Min(histogram?.Edges[0] ?? double.MaxValue, theory.Length == 0 ? double.MaxValue : Math.Log10(theory[0].Lambda));
        double to = Math.Max(histogram?.Edges[^1] ?? double.MinValue, theory.Length == 0 ? double.MinValue : Math.Log10(theory[^1].Lambda));
        double margin = 0.02 * (to - from) + 0.05;
        FigureAxes axes = new(
            CurveFigures.Heading(results), "eigenvalue λ of U", "density in ln λ: λ ρ(λ)",
            (Math.Pow(10, from - margin), Math.Pow(10, to + margin)), (lowest, highest), true, 0);
        double floor = axes.Plot.Axes.GetLimits().Bottom;

        List<LegendItem> items = [];
        if (histogram is not null)
            items.AddRange(Bars(axes.Plot, histogram, centres, bulks, floor));
        if (theory.Length > 0)
        {
            axes.Line("theory", Outline(theory, bulks, floor), Palette.Theory, 1.5f);
            items.Add(FigureAxes.LineItem("theory", Palette.Theory, 1.5f));
        }

        axes.Legend(1, items);
        string caption =
            $"Fraction of eigenvalues per unit of ln λ, {results.ModelDescription}: equal areas over ln λ are equal fractions." +
            (histogram is not null && samples!.Count > 1
                ? $" Bars: mean over {(samples.Count > results.Seeds ? "probe vectors" : "seeds")}, with standard errors." : "") +
            (histogram is not null && samples!.Places < samples.Values.Length
                ? " A bar holds only a few Ritz values of a probe, so that neighbouring bars vary by more than these errors." : "") +
            (histogram is { Below: > 0 }
                ? $" {Superscript.Number(100 * histogram.Below)} % of the eigenvalues are zero within rounding." : "") +
            (theory.Length > 0 ? " Line: asymptotic theory." : "");
        return new Drawing("spectrum", "Spectrum of the feature covariance", caption, axes.Plot, items.Count, Curves());

        List<Curve> Curves() =>
        [
            .. histogram is null ? [] : (ReadOnlySpan<Curve>)[new("eigenvalues", [.. centres.Select(x => Math.Pow(10, x))], histogram.Density, samples!.Count > 1 ? histogram.Errors : null)],
            .. theory.Length == 0 ? [] : (ReadOnlySpan<Curve>)[new("theory", [.. theory.Select(p => p.Lambda)], [.. theory.Select(p => p.Density)], null)],
        ];
    }

    /// <summary>λ and λ ρ(λ), ascending in λ.</summary>
    internal static (double Lambda, double Density)[] Theory(ResultView results) =>
        results.Find("theory_lambda", "theory_lambda") is { } lambda && results.Find("theory_density", "theory_lambda") is { } density
            ? [.. from i in Enumerable.Range(0, lambda.Shape[0])
                  where lambda.Doubles[i] > 0 && double.IsFinite(density.Doubles[i])
                  orderby lambda.Doubles[i]
                  select (lambda.Doubles[i], lambda.Doubles[i] * density.Doubles[i])]
            : [];

    /// <summary>The line of the theory, brought down below the axis where the density is zero and between bulks.</summary>
    internal static Coordinates[] Outline((double Lambda, double Density)[] theory, IReadOnlyList<SpectralBulk> bulks, double floor)
    {
        double under = floor - 1;
        List<Coordinates> line = [];
        int previous = -1;
        foreach ((double lambda, double density) in theory)
        {
            // Edges part the bulks where the grid of the theory has no point of zero density between them.
            int bulk = bulks.Count(bulk => bulk.To < lambda);
            if (line.Count > 0 && bulk != previous)
                line.AddRange([new(line[^1].X, under), new(Math.Log10(lambda), under)]);
            previous = bulk;
            line.Add(new Coordinates(Math.Log10(lambda), density > 0 ? Math.Max(Math.Log10(density), under) : under));
        }

        return [new(line[0].X, under), .. line, new(line[^1].X, under)];
    }

    private static IEnumerable<LegendItem> Bars(
        Plot plot, SpectrumHistogram histogram, double[] centres, IReadOnlyList<SpectralBulk> bulks, double floor)
    {
        int[] filled = [.. Enumerable.Range(0, centres.Length).Where(bin => histogram.Density[bin] > 0)];
        plot.Add.Bars((Bar[])[.. filled.Select(bin => new Bar
        {
            Position = centres[bin],
            Value = Math.Log10(histogram.Density[bin]),
            ValueBase = floor,
            Size = 0.9 * histogram.BinWidth,
            FillColor = ColorAt(centres[bin]),
            LineWidth = 0,
        })]);

        int[] certain = [.. filled.Where(bin => histogram.Errors[bin] > 0)];
        if (certain.Length > 0)
        {
            double[] values = [.. certain.Select(bin => Math.Log10(histogram.Density[bin]))];
            double[] up = [.. certain.Select(bin => Math.Log10(1 + histogram.Errors[bin] / histogram.Density[bin]))];
            double[] down = [.. certain.Select((bin, i) => histogram.Errors[bin] < histogram.Density[bin]
                ? -Math.Log10(1 - histogram.Errors[bin] / histogram.Density[bin]) : values[i] - floor)];
            plot.PlottableList.Add(new ErrorBar([.. certain.Select(bin => centres[bin])], values, null, null, up, down)
            {
                Color = Colors.Black.WithAlpha(0.55),
                LineWidth = 1,
                CapSize = 0,
            });
        }

        return bulks.Count == 0
            ? [FigureAxes.FillItem("eigenvalues", Palette.Spectrum)]
            : bulks.GroupBy(bulk => bulk.Kinds).Select(group => FigureAxes.FillItem(
                $"{Label(group.Key)}: λ ≈ {string.Join(", ", group.Select(bulk => Superscript.Number(bulk.Mean, 2)))} " +
                $"({Superscript.Number(100 * group.Sum(bulk => bulk.Mass), 2)} %)", ColorOf(group.Key)));

        // A bin belongs to the bulk whose edges are nearest in ln λ.
        Color ColorAt(double logarithm) => bulks.Count == 0 ? Palette.Spectrum : ColorOf(bulks.MinBy(bulk => Math.Max(
            Math.Log10(bulk.From) - logarithm, logarithm - Math.Log10(bulk.To)))!.Kinds);
    }

    private static string Label(BulkKinds kinds)
    {
        (BulkKinds Kind, string Name)[] named =
        [
            (BulkKinds.NoiseFloor, "noise floor"), (BulkKinds.Memorization, "memorization"), (BulkKinds.Generalization, "generalization"),
        ];
        return kinds == BulkKinds.None ? "other"
            : string.Join(" and ", named.Where(pair => kinds.HasFlag(pair.Kind)).Select(pair => pair.Name));
    }

    private static Color ColorOf(BulkKinds kinds) => kinds switch
    {
        BulkKinds.NoiseFloor => Palette.NoiseFloor,
        BulkKinds.Memorization => Palette.Memorization,
        BulkKinds.Generalization => Palette.Generalization,
        _ => Palette.Spectrum,
    };
}
