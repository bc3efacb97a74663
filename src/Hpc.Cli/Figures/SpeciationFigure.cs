using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>The figures of speciation: overlaps of the classes' mean features with the spectrum over diffusion time (theory.md section 6).</summary>
public static class SpeciationFigure
{
    private const string TimeLabel = "diffusion time t/log N", OverlapLabel = "RMS overlap with the top eigenvectors";
    private const float TheoryWidth = 1.6f;

    private const string Note =
        " Markers: mean and standard error over seeds; lines: asymptotic theory. Dashed: transition times of the theory, where the overlap falls below 0.5.";

    private static readonly MarkerShape[] Shapes =
        [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle];

    /// <summary>RMS overlap of each class over t/log N; null where the result has none, neither simulated nor from theory.</summary>
    public static Drawing? Draw(ResultView results) =>
        Overlaps([results], "speciation", results.Name.Length == 0 ? results.SizeDescription : $"{results.Name}: {results.SizeDescription}", $"{results.SizeDescription}.");

    /// <summary>
    /// The same for a sweep, one figure for each family of neighbouring points whose N rises, with all sizes in it; and the transition times over N.
    /// </summary>
    public static IEnumerable<Drawing?> Draw(SweepView sweep)
    {
        if (!sweep.Varies("model.dimension"))
            yield break;
        List<List<ResultView>> families = [];
        foreach (ResultView point in sweep.Points)
        {
            if (families.Count == 0 || point.Dimension <= families[^1][^1].Dimension)
                families.Add([]);
            families[^1].Add(point);
        }

        for (int i = 0; i < families.Count; i++)
        {
            yield return Overlaps(
                families[i], families.Count == 1 ? "speciation" : $"speciation-{i + 1}", $"{sweep.Name}: {Weights(families[i])}",
                $"{Weights(families[i])}; N = {string.Join(", ", families[i].Select(r => r.Dimension))}.");
        }

        yield return Transitions(sweep, families);
    }

    private static Drawing? Overlaps(IReadOnlyList<ResultView> sizes, string name, string heading, string what)
    {
        List<Curve> simulated = [], theory = [];
        List<LegendItem> items = [];
        List<(double Time, Color Color)> transitions = [];
        List<(Curve Curve, Color Color, MarkerShape Shape)> points = [];
        List<(Curve Curve, Color Color)> lines = [];
        foreach ((int size, ResultView results) in sizes.Index())
        {
            double scale = Math.Log(results.Dimension);
            for (int c = 0; c < results.Classes.Count; c++)
            {
                Color color = Shade(Palette.Class(c, results.Classes.Count), size, sizes.Count);
                string label = sizes.Count == 1 ? results.ClassDescription(c) : $"class {c + 1}, N = {results.Dimension}";
                if (results.Find("rms_overlap", "seed", "t", "class") is { } values && results.Find("t_over_log_N", "t") is { } times)
                {
                    Curve curve = Curve.OverSeeds(label, times.Doubles, values, c);
                    simulated.Add(curve);
                    points.Add((curve, color, Shapes[(sizes.Count == 1 ? c : size) % Shapes.Length]));
                    items.Add(FigureAxes.MarkerItem(label, points[^1].Shape, color));
                }

                if (results.Find("theory_rms_overlap", "theory_t", "class") is { } exact && results.Find("theory_t", "theory_t") is { } t)
                {
                    Curve curve = Curve.OfTheory("theory " + label, [.. t.Doubles.Select(x => x / scale)], exact, c);
                    theory.Add(curve);
                    lines.Add((curve, color));
                }

                if (TimeScale.Find(results, "speciation_time") is { } scales && double.IsFinite(scales[c].Theory))
                    transitions.Add((scales[c].Theory / scale, color));
            }
        }

        Curve[] all = [.. simulated, .. theory];
        double[] x = [.. all.SelectMany(curve => curve.Times)];
        if (x.Length == 0 || !all.SelectMany(curve => curve.Values).Any(double.IsFinite))
            return null;
        double margin = Math.Max(0.02 * (x.Max() - x.Min()), 1e-3);
        FigureAxes axes = new(heading, TimeLabel, OverlapLabel, (x.Min() - margin, x.Max() + margin), (0, 1), false, 0, linear: true);
        foreach ((double time, Color color) in transitions)
            axes.Mark(time, color);
        foreach ((Curve curve, Color color) in lines)
            axes.Line(curve, color, TheoryWidth);
        foreach ((Curve curve, Color color, MarkerShape shape) in points)
            axes.Points(curve, shape, color);
        if (theory.Count > 0)
            items.Add(FigureAxes.LineItem("theory", Colors.Gray, TheoryWidth));
        if (transitions.Count > 0)
            items.Add(new LegendItem { LabelText = "transition", LineColor = Colors.Gray, LineWidth = 1.2f, LinePattern = LinePattern.Dashed });
        const int Columns = 2;
        axes.Legend(Columns, items);
        return new Drawing(
            name, "Speciation: what the spectrum holds of each class",
            $"Root of the summed squared overlaps of a class's mean feature with the {sizes[0].Classes.Count} largest eigenvectors of U, {what}{Note}",
            axes.Plot, (items.Count + Columns - 1) / Columns, all);
    }

    /// <summary>Transition time over log N against N, for every family and class; null with one size, or where no time was reached.</summary>
    private static Drawing? Transitions(SweepView sweep, List<List<ResultView>> families)
    {
        List<(Curve Simulation, Curve Theory, Color Color, MarkerShape Shape)> curves = [];
        foreach ((int i, List<ResultView> family) in families.Index())
        {
            double[] n = [.. family.Select(r => (double)r.Dimension)];
            for (int c = 0; c < family.Max(r => r.Classes.Count); c++)
            {
                TimeScale?[] scales = [.. family.Select(r => c < r.Classes.Count ? TimeScale.Find(r, "speciation_time")?[c] : null)];
                string label = $"class {c + 1}, {Weights(family)}";
                curves.Add((
                    new Curve(label, n, [.. scales.Select((s, k) => (s is { Typical: true } ? s.Mean : double.NaN) / Math.Log(n[k]))], [.. scales.Select((s, k) => (s?.Error ?? double.NaN) / Math.Log(n[k]))]),
                    new Curve("theory " + label, n, [.. scales.Select((s, k) => (s?.Theory ?? double.NaN) / Math.Log(n[k]))], null),
                    Palette.Class(c, family[0].Classes.Count), Shapes[i % Shapes.Length]));
            }
        }

        double[] values = [.. curves.SelectMany(c => c.Simulation.Values.Concat(c.Theory.Values)).Where(double.IsFinite)];
        if (families.All(f => f.Count < 2) || values.Length == 0)
            return null;
        double[] sizes = [.. curves.SelectMany(c => c.Theory.Times)];
        FigureAxes axes = new(
            sweep.Name, "N", "transition time t/log N", (sizes.Min() / 1.15, sizes.Max() * 1.15), (Math.Min(values.Min(), 0.25), Math.Max(values.Max(), 0.55)), false, 0);
        axes.Threshold(0.5);
        List<LegendItem> items = [];
        foreach ((Curve simulation, Curve theory, Color color, MarkerShape shape) in curves)
        {
            axes.Line(theory, color, TheoryWidth);
            axes.Points(simulation, shape, color);
            items.Add(FigureAxes.MarkerItem(simulation.Label, shape, color));
        }

        items.Add(FigureAxes.LineItem("theory", Colors.Gray, TheoryWidth));
        axes.Legend(1, items);
        return new Drawing(
            "speciation-times", "Speciation times over N",
            "Diffusion time at which the RMS overlap of a class falls below 0.5, in units of log N: 1/2 for a class of finite weight in the limit, (1 − a)/2 for a weight N^{−a}. "
                + "Markers: mean and standard error over the seeds that reach it, where at least half do; lines: asymptotic theory. The thin line is at 1/2.",
            axes.Plot, items.Count, [.. curves.Select(c => c.Simulation), .. curves.Select(c => c.Theory)]);
    }

    /// <summary>Weights of the classes, with their range where it changes with N.</summary>
    private static string Weights(IReadOnlyList<ResultView> family) => string.Join(", ", family[0].Classes.Select((_, c) =>
    {
        string[] texts = [.. family.Select(r => r.Classes[c].Weight.ToString("G3", System.Globalization.CultureInfo.InvariantCulture)).Distinct()];
        return $"b{(char)('₁' + c)} = {texts[0]}{(texts.Length > 1 ? $" to {texts[^1]}" : "")}";
    }));

    /// <summary>The colour of a size: pale for the smallest, full for the largest.</summary>
    private static Color Shade(Color color, int size, int count) =>
        count == 1 ? color : color.MixedWith(Colors.White, 0.6 * (count - 1 - size) / (count - 1));
}
