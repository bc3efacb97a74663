using System.Globalization;
using Hpc.Cli.Figures;
using Hpc.Results;
using ScottPlot;
using Drawing = Hpc.Cli.Figures.Drawing;
using Palette = Hpc.Cli.Figures.Palette;

namespace Hpc.Ddpm.Figures;

/// <summary>Gaps of the pairs beside those of their random-features models.</summary>
/// <param name="root">The merged file.</param>
/// <param name="partners">Name of each pair's partner class.</param>
internal sealed class ComparisonFigures(ResultGroup root, string[] partners)
{
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown];

    private readonly double[] thresholds = root["threshold"].Doubles;

    /// <summary>Gaps against each descriptor, networks and random features side by side, and gaps against gaps.</summary>
    public IEnumerable<Drawing> All()
    {
        (string Name, string Dataset, string Label, string Words)[] descriptors =
        [
            ("gap-variance", "log_variance_ratio", "log₁₀ variance ratio σ₁²/σ₂²", "the ratio of variances"),
            ("gap-norm", "log_norm_ratio", "log₁₀ centroid norm ratio ‖m₁‖/‖m₂‖", "the ratio of centroid norms"),
            ("gap-cosine", "cosine_to_reference", "cosine between centroids", "the cosine between centroids"),
        ];
        foreach ((string name, string dataset, string label, string words) in descriptors)
        {
            double[] x = root[dataset].Doubles;
            (Plot Plot, List<Curve> Curves)[] panels =
            [
                Panel("U-Net: memorization", label, "log₁₀ t₁/t₂, memorization", x, Networks()),
                Panel("random features: memorization", label, "log₁₀ τ₁/τ₂, memorization", x, Features("memorization")),
                Panel("U-Net: generalization", label, "log₁₀ t₁/t₂, generalization", x, [("U-Net", Mean("generalization_gap"), Error("generalization_gap"), MarkerShape.FilledCircle, Palette.Class(0, 2))]),
                Panel("random features: generalization", label, "log₁₀ τ₁/τ₂, generalization", x, Features("generalization")),
            ];
            yield return new Drawing(
                name, $"Which class comes first, against {words}",
                "Ratio of the times of the reference (1) and its partner (2), which is named at the points; below zero the reference is first. Left: the trained networks, mean and standard error over seeds. "
                + "Right: the random-features model with the descriptors of the pair, simulated and in theory.",
                panels[0].Plot, 2, [.. panels.SelectMany(p => p.Curves)])
            {
                Columns = 2,
                OtherPanels = [.. panels.Skip(1).Select(p => p.Plot)],
            };
        }

        yield return Alignment();
    }

    /// <summary>Gaps of the networks against those of the random-features model.</summary>
    private Drawing Alignment()
    {
        double[] theory = root["theory_memorization_gap"].Doubles, simulation = Mean("features_memorization_gap");
        double[] x = [.. theory.Zip(simulation, (t, s) => double.IsFinite(t) ? t : s)];
        (Plot plot, List<Curve> curves) = Panel(
            "memorization: U-Net against random features", "log₁₀ τ₁/τ₂, random features in theory", "log₁₀ t₁/t₂, U-Net", x, Networks(), FigureSet.Width);
        return new Drawing(
            "alignment", "Gaps of the networks against those of the random-features model",
            "Both are negative where the reference is memorized first. Markers: mean and standard error over seeds, for every threshold of the memorized fraction.",
            plot, 2, curves);
    }

    private (string Label, double[] Y, double[] Error, MarkerShape Shape, Color Color)[] Networks() =>
    [
        .. thresholds.Select((threshold, t) => (
            string.Create(CultureInfo.InvariantCulture, $"at fraction {threshold:G3}"), Column(Mean("memorization_gap"), t), Column(Error("memorization_gap"), t), Shapes[t % Shapes.Length],
            Palette.Class(t, thresholds.Length))),
    ];

    private (string Label, double[] Y, double[] Error, MarkerShape Shape, Color Color)[] Features(string word)
    {
        double[] theory = root[$"theory_{word}_gap"].Doubles;
        return
        [
            ("simulation", Mean($"features_{word}_gap"), Error($"features_{word}_gap"), MarkerShape.FilledCircle, Palette.Class(1, 2)),
            ("theory", theory, [.. theory.Select(_ => double.NaN)], MarkerShape.OpenDiamond, Palette.Theory),
        ];
    }

    private (Plot Plot, List<Curve> Curves) Panel(
        string title, string horizontal, string vertical, double[] x, (string Label, double[] Y, double[] Error, MarkerShape Shape, Color Color)[] series, int width = FigureSet.PanelWidth)
    {
        double[] y = [.. series.SelectMany(s => s.Y.Zip(s.Error, (v, e) => double.IsFinite(e) ? (double[])[v - e, v + e] : [v]).SelectMany(v => v)).Where(double.IsFinite), 0];
        double[] shown = [.. x.Where(double.IsFinite)];
        (double left, double right) = shown.Length > 0 ? (shown.Min(), shown.Max()) : (0, 1);
        double margin = Math.Max(0.12 * (right - left), 0.02), above = Math.Max(0.1 * (y.Max() - y.Min()), 0.02);
        FigureAxes axes = new(title, horizontal, vertical, (left - margin, right + margin), (y.Min() - above, y.Max() + above), false, 0, linear: true);
        axes.Threshold(0);
        List<Curve> curves = [.. series.Select(s => new Curve($"{title}, {s.Label}", x, s.Y, s.Error))];
        for (int i = 0; i < series.Length; i++)
        {
            axes.Points(curves[i], series[i].Shape, series[i].Color);
        }

        axes.Legend(2, [.. series.Select(s => FigureAxes.MarkerItem(s.Label, s.Shape, s.Color))]);
        (string, Coordinates)[] named =
        [
            .. from i in Enumerable.Range(0, x.Length)
               let first = series.Select(s => s.Y[i]).FirstOrDefault(double.IsFinite, double.NaN)
               where double.IsFinite(x[i]) && double.IsFinite(first)
               select (partners[i], new Coordinates(x[i], first)),
        ];
        PointLabels.Add(
            axes.Plot, named, [.. from s in series from i in Enumerable.Range(0, x.Length) where double.IsFinite(x[i]) && double.IsFinite(s.Y[i]) select new Coordinates(x[i], s.Y[i])],
            width, FigureSet.Height(2));
        return (axes.Plot, curves);
    }

    private double[] Column(double[] values, int threshold) => [.. partners.Select((_, i) => values[i * thresholds.Length + threshold])];

    private double[] Mean(string name) => root[$"{name}_mean"].Doubles;

    private double[] Error(string name) => root[$"{name}_stderr"].Doubles;
}
