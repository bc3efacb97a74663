using Hpc.Results;
using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>The figures over a swept value.</summary>
public static class SweepFigures
{
    private const float TheoryWidth = 1.4f;

    /// <summary>A swept value spans its axis in logarithmic steps from this ratio of largest to smallest on.</summary>
    private const double LogarithmicFrom = 6;

    private static readonly string[] OfBulk = ["diffusionTime", "model.features", "model.samples"];

    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle];

    /// <summary>Every figure that the sweep has data for.</summary>
    public static IEnumerable<Drawing> All(SweepView sweep)
    {
        Drawing?[] drawings =
        [
            Gap(sweep, "generalization_time", "generalization-gap", "generalization"), Gap(sweep, "memorization_time", "memorization-gap", "memorization"),
            TimeScales(sweep), TestErrors(sweep), Spectra(sweep), LowestBulk(sweep), FiniteSize(sweep), PhaseFigure.Draw(sweep),
            .. SpeciationFigure.Draw(sweep),
        ];
        return drawings.OfType<Drawing>();
    }

    /// <summary>Standard errors within which a mean over seeds is taken for what it should be.</summary>
    public const double Errors = 3;

    /// <summary>
    /// Difference of log₁₀ τ_1/τ_2 from its limit N → ∞: times, read from steep and flat parts of curves, feel 1/N several times over (measured: up
    /// to 2.2/N at N = 40).
    /// </summary>
    public static double GapShift(ResultView result) => 3.0 / result.Dimension;

    /// <summary>Whether a mean of log₁₀ τ_1/τ_2 over seeds is farther from 0 than its error and a finite N allow without any order.</summary>
    public static bool HasOrder(ResultView result, double mean, double error) => Math.Abs(mean) > Errors * (double.IsFinite(error) ? error : 0) + GapShift(result);

    /// <summary>
    /// log₁₀ τ_1/τ_2 over seeds along the axis, and in theory, a series for every combination of the other values (theory.md section 7); null
    /// unless there are two classes with that time scale.
    /// </summary>
    public static Drawing? Gap(SweepView sweep, string scale, string name, string word)
    {
        if (sweep.Points.Any(p => p.Classes.Count != 2))
            return null;
        List<(string Label, Curve Simulation, Curve Theory)> series = [];
        foreach ((string label, (double X, ResultView Result)[] points) in sweep.Series)
        {
            series.Add((label, Simulated(points, scale) with { Label = $"{label} simulation" }, Theoretical(points, scale) with { Label = $"{label} theory" }));
        }

        if (!series.Any(s => s.Simulation.Values.Concat(s.Theory.Values).Any(double.IsFinite)))
            return null;
        FigureAxes axes = Axes(sweep, $"log₁₀ τ₁/τ₂, {word}", series.SelectMany(s => (Curve[])[s.Simulation, s.Theory]), includeZero: true);
        axes.Threshold(0);
        if (sweep.Axis is null)
            axes.Name(sweep.EntryLabels);
        List<LegendItem> items = [];
        List<string> reversals = [];
        for (int i = 0; i < series.Count; i++)
        {
            Color color = Palette.Class(i, series.Count);
            if (sweep.Axis is null)
                axes.Points(series[i].Theory, MarkerShape.OpenDiamond, Palette.Theory);
            else
                axes.Line(series[i].Theory, color, TheoryWidth);
            axes.Points(series[i].Simulation, Shapes[i % Shapes.Length], color);
            items.Add(FigureAxes.MarkerItem(series[i].Label.Length > 0 ? series[i].Label : "simulation", Shapes[i % Shapes.Length], color));
            Curve crossed = series[i].Theory.Values.Any(double.IsFinite) ? series[i].Theory : series[i].Simulation;
            double[] crossings = sweep.Axis is null ? [] : [.. Crossings(crossed)];
            foreach (double at in crossings)
            {
                axes.Mark(at, color);
            }

            if (crossings.Length > 0)
                reversals.Add((series[i].Label.Length > 0 ? series[i].Label + ": " : "") + $"{sweep.Axis} = {string.Join(" and ", crossings.Select(at => Superscript.Number(at)))}");
        }

        items.Add(sweep.Axis is null
            ? FigureAxes.MarkerItem("theory", MarkerShape.OpenDiamond, Palette.Theory) : FigureAxes.LineItem("theory", Colors.Gray, TheoryWidth));
        if (reversals.Count > 0)
            items.Add(new LegendItem { LabelText = "reversal", LineColor = Colors.Gray, LineWidth = 1.2f, LinePattern = LinePattern.Dashed });
        return Finish(
            axes, name, $"Which class comes first in {word}",
            $"Ratio of the {word} times of the two classes, below zero where class 1 is first. {(sweep.Axis is null ? "Filled markers: mean and standard error over seeds; open ones" : "Markers: mean and standard error over seeds; lines")}: asymptotic theory."
                + (reversals.Count > 0 ? $" The order reverses at {string.Join("; ", reversals)}." : ""),
            items, [.. series.Select(s => s.Simulation), .. series.Select(s => s.Theory)]);
    }

    /// <summary>τ_gen and τ_mem of every class along the axis; null without time scales, or with several series.</summary>
    public static Drawing? TimeScales(SweepView sweep)
    {
        if (sweep.Axis is null || sweep.Series is not [(_, var points)])
            return null;
        int classes = points.Max(p => p.Result.Classes.Count);
        double[] x = [.. points.Select(p => p.X)];
        List<(Curve Simulation, Curve Theory, Color Color, MarkerShape Shape, string Label)> curves = [];
        foreach ((string scale, string word, MarkerShape shape) in ((string, string, MarkerShape)[])
            [("generalization_time", "generalization", MarkerShape.FilledTriangleUp), ("memorization_time", "memorization", MarkerShape.FilledSquare)])
        {
            for (int c = 0; c < classes; c++)
            {
                TimeScale?[] scales = [.. points.Select(p => c < p.Result.Classes.Count ? TimeScale.Find(p.Result, scale)?[c] : null)];
                Curve theory = Between(points, scale, times => times[c]) ?? new Curve("", x, [.. scales.Select(s => s?.Theory ?? double.NaN)], null);
                string label = classes == 1 ? word : $"{word} of class {c + 1}";
                curves.Add((
                    new Curve(label, x, [.. scales.Select(s => s?.Mean ?? double.NaN)], [.. scales.Select(s => s?.Error ?? double.NaN)]),
                    theory with { Label = "theory " + label }, Palette.Class(c, classes), shape, label));
            }
        }

        if (!curves.Any(c => c.Simulation.Values.Any(v => v > 0)))
            return null;
        FigureAxes axes = Axes(sweep, "time scale τ", curves.SelectMany(c => (Curve[])[c.Simulation, c.Theory]), logarithmic: true);
        List<LegendItem> items = [];
        foreach ((Curve simulation, Curve theory, Color color, MarkerShape shape, string label) in curves)
        {
            items.Add(Add(axes, simulation, theory, label, shape, color));
        }

        items.Add(FigureAxes.LineItem("theory", Colors.Gray, TheoryWidth));
        return Finish(
            axes, "time-scales", "Time scales of each class",
            "Generalization: the test loss has made 90 % of its largest drop. Memorization: test − train loss reaches 0.1. Markers: mean and standard error over seeds; "
                + "lines: asymptotic theory.",
            items, [.. curves.Select(c => c.Simulation), .. curves.Select(c => c.Theory)]);
    }

    /// <summary>Test losses of each class at every point of a sweep of two to six points that has no axis; null without losses.</summary>
    public static Drawing? TestErrors(SweepView sweep)
    {
        (string[] labels, ResultView[] results) = ([.. sweep.Labels], [.. sweep.Points]);
        if (sweep.Axis is not null || results.Length is < 2 or > 6 || results.Any(r => r.Find("test_loss", "seed", "epoch", "class") is null || r.Classes.Count != 2))
            return null;
        List<Curve> curves = [], theory = [];
        for (int i = 0; i < results.Length; i++)
        {
            double[] times = results[i].Find("s", "epoch")!.Doubles;
            if (results[i].Find("theory_test_loss", "theory_s", "class") is { } asymptotic && results[i].Find("theory_s", "theory_s") is { } s)
                theory.AddRange(Enumerable.Range(0, 2).Select(c => Curve.OfTheory($"theory class {c + 1}, {labels[i]}", s.Doubles, asymptotic, c)));
            else
                theory.AddRange(Enumerable.Range(0, 2).Select(c => new Curve($"theory class {c + 1}, {labels[i]}", [], [], null)));
            curves.AddRange(Enumerable.Range(0, 2).Select(c =>
                Curve.OverSeeds($"class {c + 1}, {labels[i]}", times, results[i].Find("test_loss", "seed", "epoch", "class")!, c)));
        }

        double[] values = [.. curves.Concat(theory).SelectMany(c => c.Values)];
        FigureAxes axes = new(sweep.Name, "training time s = 2η₀k", "test loss per dimension L", (curves[0].Times.Where(s => s > 0).Min(), curves[0].Times.Max()), (values.Min(), values.Max()), values.Max() > 6 * values.Min(), 0);
        List<LegendItem> items = [];
        for (int i = 0; i < results.Length; i++)
        {
            Color color = Palette.Class(i, results.Length);
            axes.Band(curves[2 * i], color);
            axes.Band(curves[2 * i + 1], color);
            axes.Line(curves[2 * i], color, 3);
            axes.Line(curves[2 * i + 1], color, 3, LinePattern.Dotted);
            axes.Line(theory[2 * i], color, 1);
            axes.Line(theory[2 * i + 1], color, 1, LinePattern.Dotted);
            items.Add(FigureAxes.LineItem(labels[i], color, 3));
        }

        items.Add(FigureAxes.LineItem("class 1", Colors.Gray, 3));
        items.Add(new LegendItem { LabelText = "class 2", LineColor = Colors.Gray, LineWidth = 3, LinePattern = LinePattern.Dotted });
        bool asymptotics = theory.Any(c => c.Times.Length > 0);
        if (asymptotics)
            items.Add(FigureAxes.LineItem("theory", Colors.Gray, 1));
        return Finish(
            axes, "test-errors", "Test loss of each class",
            "Mean over seeds of the test loss per dimension, with a band of one standard error. Full lines: class 1; dotted lines: class 2."
                + (asymptotics ? " Thin lines: asymptotic theory." : ""),
            items, [.. curves, .. theory.Where(c => c.Times.Length > 0)]);
    }

    /// <summary>The spectra of a sweep over the kind of covariance on one axis; null without eigenvalues.</summary>
    public static Drawing? Spectra(SweepView sweep)
    {
        (string[] labels, ResultView[] results) = ([.. sweep.Labels], [.. sweep.Points]);
        if (!sweep.Varies("spectrum.covariance") || results.Length is < 2 or > 4)
            return null;
        SpectrumHistogram?[] histograms = [.. results.Select(r =>
            SpectralSamples.Of(n => n == "eigenvalues" ? r.Find(n, "seed", "feature") : r.Find(n, "seed", "probe", "step")) is { } samples ? SpectrumHistogram.Of(samples, r.Features) : null)];
        if (histograms.Any(h => h is null))
            return null;
        Curve[] curves = [.. histograms.Select((h, i) => new Curve(
            labels[i], [.. h!.Edges.SkipLast(1).Select(e => Math.Pow(10, e + h.BinWidth / 2))], [.. h.Density.Select(d => d > 0 ? d : double.NaN)], h.Errors))];
        double lowest = curves.SelectMany(c => c.Values).Where(v => v > 0).Min() / 2;
        FigureAxes axes = new(
            sweep.Name, "eigenvalue λ of U", "density in ln λ: λ ρ(λ)", (curves.Min(c => c.Times[0]) / 1.3, 1.3 * curves.Max(c => c.Times[^1])),
            (lowest, curves.SelectMany(c => c.Values).Where(v => v > 0).Max()), true, 0);
        List<LegendItem> items = [];
        for (int i = 0; i < curves.Length; i++)
        {
            Color color = Palette.Class(i, curves.Length);
            axes.Points(curves[i], Shapes[i], color.WithAlpha(0.75));
            items.Add(FigureAxes.MarkerItem(curves[i].Label, Shapes[i], color));
        }

        // The theory knows of no difference: it is that of the equivalent covariance.
        (double Lambda, double Density)[] theory = results.Select(SpectrumFigure.Theory).FirstOrDefault(t => t.Length > 0) ?? [];
        if (theory.Length > 0)
        {
            axes.Line("theory", SpectrumFigure.Outline(theory, SpectralBulk.Find(results[0]), axes.Plot.Axes.GetLimits().Bottom), Palette.Theory, 1.5f);
            items.Add(FigureAxes.LineItem("theory", Palette.Theory, 1.5f));
        }

        return Finish(
            axes, "spectra", "Spectra of the feature covariance",
            "Fraction of eigenvalues per unit of ln λ in equal bins: mean and standard error over seeds." + (theory.Length > 0 ? " Line: asymptotic theory." : ""), items,
            [.. curves, .. theory.Length == 0 ? [] : (ReadOnlySpan<Curve>)[new("theory", [.. theory.Select(p => p.Lambda)], [.. theory.Select(p => p.Density)], null)]]);
    }

    /// <summary>Edges and mean of the lowest bulk along t, P or M; null without eigenvalues or theory.</summary>
    public static Drawing? LowestBulk(SweepView sweep)
    {
        if (sweep.Axis is null || !OfBulk.Any(sweep.VariesAlone) || sweep.Series is not [(_, var all)])
            return null;
        (double X, ResultView Result)[] points =
            [.. all.Where(p => p.Result.Find("eigenvalues", "seed", "feature") is not null && p.Result.Find("theory_bulk_mass", "theory_bulk") is not null)];
        if (points.Length < 2)
            return null;
        double[] x = [.. points.Select(p => p.X)];
        (string Label, string Theory, Func<double[], double> Of)[] parts =
        [
            ("largest eigenvalue", "theory_bulk_to", part => part[^1]), ("mean", "theory_bulk_mean", part => part.Average()), ("smallest eigenvalue", "theory_bulk_from", part => part[0]),
        ];
        List<Curve> simulated = [], theory = [];
        foreach ((string label, string name, Func<double[], double> of) in parts)
        {
            (double Mean, double Error)[] values = [.. points.Select(p => SeedAverage.Of([.. Lowest(p.Result).Select(of)]))];
            simulated.Add(new Curve(label, x, [.. values.Select(v => v.Mean)], [.. values.Select(v => v.Error)]));
            theory.Add(new Curve("theory " + label, x, [.. points.Select(p => p.Result.Find(name, "theory_bulk")!.Doubles[0])], null));
        }

        FigureAxes axes = Axes(sweep, "lowest bulk, λ", simulated.Concat(theory), logarithmic: true);
        List<LegendItem> items = [];
        for (int i = 0; i < parts.Length; i++)
        {
            items.Add(Add(axes, simulated[i], theory[i], parts[i].Label, Shapes[i], Palette.Class(i, parts.Length)));
        }

        items.Add(FigureAxes.LineItem("theory", Colors.Gray, TheoryWidth));
        return Finish(
            axes, "lowest-bulk", "The lowest bulk of the spectrum",
            "As many of the smallest eigenvalues as the theory counts in its lowest bulk. Markers: mean and standard error over seeds; lines: edges and mean in the asymptotic theory.",
            items, [.. simulated, .. theory]);

        // As many eigenvalues as the bulk holds, of every seed.
        static IEnumerable<double[]> Lowest(ResultView result)
        {
            Dataset eigenvalues = result.Find("eigenvalues", "seed", "feature")!;
            int count = Math.Max(1, (int)Math.Round(result.Find("theory_bulk_mass", "theory_bulk")!.Doubles[0] * result.Features));
            return Enumerable.Range(0, eigenvalues.Shape[0]).Select(seed => eigenvalues.Doubles.AsSpan(seed * eigenvalues.Shape[1], count).ToArray());
        }
    }

    /// <summary>|simulation − theory| of the compared quantities over N; null unless N is swept.</summary>
    public static Drawing? FiniteSize(SweepView sweep)
    {
        if (!sweep.Varies("model.dimension") || sweep.Series is not [(_, var points)] || points.Length < 2)
            return null;
        (double N, string[] Names, double[] Theory, double[] Simulation, double[] Error)[] tables =
        [
            .. from p in points
               let names = p.Result.Find("comparison_quantity", "row")?.Values as string[]
               where names is not null
               select ((double)p.Result.Dimension, names, p.Result.Find("comparison_theory", "row")!.Doubles, p.Result.Find("comparison_simulation", "row")!.Doubles,
                   p.Result.Find("comparison_stderr", "row")!.Doubles),
        ];
        if (tables.Length < 2)
            return null;
        string[] times = [.. tables[0].Names.Where(n => n.Contains(" at s = ")).Select(n => n[n.IndexOf(" at s = ", StringComparison.Ordinal)..]).Distinct()];
        string middle = times.Length > 0 ? times[times.Length / 2] : "none";
        string[] shared = [.. tables[0].Names.Where(n => tables.All(t => t.Names.Contains(n)) && Shown(n))];
        Curve[] curves =
        [
            .. from name in shared
               let rows = tables.Select(t => (t, i: Array.IndexOf(t.Names, name))).ToArray()
               select new Curve(
                   name, [.. rows.Select(r => r.t.N)], [.. rows.Select(r => Math.Abs(r.t.Simulation[r.i] / r.t.Theory[r.i] - 1))],
                   [.. rows.Select(r => Math.Abs(r.t.Error[r.i] / r.t.Theory[r.i]))]),
        ];
        if (curves.Length == 0)
            return null;
        FigureAxes axes = Axes(sweep, "|simulation/theory − 1|", curves, logarithmic: true);
        List<LegendItem> items = [];
        for (int i = 0; i < curves.Length; i++)
        {
            axes.Line(curves[i], Palette.Class(i, curves.Length), 1);
            axes.Points(curves[i], Shapes[i % Shapes.Length], Palette.Class(i, curves.Length));
            items.Add(FigureAxes.MarkerItem(curves[i].Label, Shapes[i % Shapes.Length], Palette.Class(i, curves.Length)));
        }

        double[] n = curves[0].Times;
        double top = curves.Select(c => c.Values[0]).Where(double.IsFinite).Max();
        axes.Line(new Curve("1/N", n, [.. n.Select(v => top * n[0] / v)], null), Palette.Theory, TheoryWidth);
        items.Add(FigureAxes.LineItem("1/N", Palette.Theory, TheoryWidth));
        return Finish(
            axes, "finite-size", "Simulation minus theory over N", "Relative difference of the mean over seeds from the limit N → ∞, with the standard error over seeds.", items, curves);

        // One z, one time: more is not to be read.
        bool Shown(string name) => name.EndsWith("z = -0.1", StringComparison.Ordinal) || name.StartsWith("τ_gen", StringComparison.Ordinal)
            || (name.StartsWith("test loss", StringComparison.Ordinal) && name.EndsWith(middle, StringComparison.Ordinal));
    }

    /// <summary>log₁₀ τ_1/τ_2 of every seed that reached both.</summary>
    internal static IEnumerable<double> SeedGaps(ResultView result, string scale) =>
        result.Find(scale, "seed", "class") is not { } times
            ? []
            : Enumerable.Range(0, times.Shape[0]).Select(s => Math.Log10(times.Doubles[2 * s] / times.Doubles[2 * s + 1])).Where(double.IsFinite);

    internal static double TheoryGap(ResultView result, string scale) =>
        result.Find("theory_" + scale, "class") is { } times ? Math.Log10(times.Doubles[0] / times.Doubles[1]) : double.NaN;

    /// <summary>Sign changes along a curve, linearly between its points.</summary>
    internal static IEnumerable<double> Crossings(Curve curve)
    {
        for (int k = 1; k < curve.Times.Length; k++)
        {
            (double a, double b) = (curve.Values[k - 1], curve.Values[k]);
            if (a * b < 0)
                yield return curve.Times[k - 1] + (curve.Times[k] - curve.Times[k - 1]) * a / (a - b);
        }
    }

    /// <summary>log₁₀ τ_1/τ_2 along a series: mean and standard error over seeds.</summary>
    internal static Curve Simulated((double X, ResultView Result)[] points, string scale)
    {
        (double Mean, double Error)[] gaps = [.. points.Select(p => SeedAverage.Of([.. SeedGaps(p.Result, scale)]))];
        return new Curve("simulation", [.. points.Select(p => p.X)], [.. gaps.Select(g => g.Mean)], [.. gaps.Select(g => g.Error)]);
    }

    /// <summary>The same in theory, also between the points where it was computed there.</summary>
    internal static Curve Theoretical((double X, ResultView Result)[] points, string scale) =>
        Between(points, scale, times => Math.Log10(times[0] / times[1]))
            ?? new Curve("theory", [.. points.Select(p => p.X)], [.. points.Select(p => TheoryGap(p.Result, scale))], null);

    /// <summary>Theory between the points of a series, which is kept with the first of them; null where it was not computed.</summary>
    /// <param name="value">Of the times of the classes.</param>
    private static Curve? Between((double X, ResultView Result)[] points, string scale, Func<double[], double> value) =>
        points.Length > 0 && points[0].Result.Find("theory_axis", "theory_axis") is { } axis && points[0].Result.Find("theory_axis_" + scale, "theory_axis", "class") is { } times
            ? new Curve("theory", axis.Doubles, [.. times.Doubles.Chunk(times.Shape[1]).Select(value)], null)
            : null;

    /// <summary>Theory as a line and simulation as markers of one colour; returns their place in the legend.</summary>
    private static LegendItem Add(FigureAxes axes, Curve simulation, Curve theory, string label, MarkerShape shape, Color color)
    {
        axes.Line(theory, color, TheoryWidth);
        axes.Points(simulation, shape, color);
        return FigureAxes.MarkerItem(label, shape, color);
    }

    private static FigureAxes Axes(SweepView sweep, string vertical, IEnumerable<Curve> curves, bool logarithmic = false, bool includeZero = false)
    {
        Curve[] all = [.. curves];
        double[] x = [.. all.SelectMany(c => c.Times).Where(double.IsFinite)];
        double[] y =
        [
            .. from c in all
               from k in Enumerable.Range(0, c.Times.Length)
               let error = !logarithmic && c.Errors is { } e && double.IsFinite(e[k]) ? e[k] : 0
               from v in (double[])[c.Values[k] - error, c.Values[k] + error]
               where double.IsFinite(v) && (!logarithmic || v > 0)
               select v,
            .. includeZero ? (ReadOnlySpan<double>)[0] : [],
        ];
        bool linear = !(x.Min() > 0) || x.Max() < LogarithmicFrom * x.Min() || sweep.Axis is null || sweep.Axis.StartsWith('b');
        double margin = 0.03 * (x.Max() - x.Min());
        return new FigureAxes(
            sweep.Name, sweep.AxisLabel, vertical, linear ? (x.Min() - margin, x.Max() + margin) : (x.Min() / 1.15, x.Max() * 1.15), (y.Min(), y.Max()), logarithmic, 0, linear);
    }

    private static Drawing Finish(FigureAxes axes, string name, string title, string caption, List<LegendItem> items, IReadOnlyList<Curve> curves)
    {
        int columns = items.Max(i => i.LabelText.Length) > 32 ? 1 : 2;
        axes.Legend(columns, items);
        return new Drawing(name, title, caption, axes.Plot, (items.Count + columns - 1) / columns, curves);
    }
}
