using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>The figure of the resolvent traces at negative z (theory.md section 4).</summary>
public static class ResolventFigure
{
    private const float Width = 3.4f, TheoryWidth = 1.2f;

    /// <summary>g(z) = (1/P) tr (U − z)⁻¹ and f(z) = (1/N) tr Vᵀ(U − z)⁻¹V over −z; null without theory or eigenvalues with noise weights.</summary>
    public static Drawing? Draw(ResultView results)
    {
        if (results.Find("eigenvalues", "seed", "feature") is not { } eigenvalues || results.Find("noise_weight", "seed", "feature") is not { } weights
            || results.Find("theory_minus_z", "theory_minus_z") is not { } shifts
            || results.Find("theory_resolvent_trace", "theory_minus_z") is not { } trace || results.Find("theory_noise_trace", "theory_minus_z") is not { } noise)
            return null;

        SpectralSamples samples = SpectralSamples.OfEigenvalues(eigenvalues);
        double[] x = shifts.Doubles;
        Curve[] simulated =
        [
            Curve.OfSeeds("g(z)", x, samples.Count, (seed, k) => samples.Average(seed, value => 1 / (value + x[k]))),
            Curve.OfSeeds("f(z)", x, samples.Count, (seed, k) => samples.Sum(seed, weights.Doubles, value => 1 / (value + x[k]))),
        ];
        Curve[] theory = [new("theory g(z)", x, trace.Doubles, null), new("theory f(z)", x, noise.Doubles, null)];
        double[] values = [.. simulated.Concat(theory).SelectMany(curve => curve.Values).Where(value => value > 0)];
        FigureAxes axes = new(CurveFigures.Heading(results), "−z", "resolvent traces", (x[0], x[^1]), (values.Min(), values.Max()), true, 0);
        for (int i = 0; i < simulated.Length; i++)
        {
            axes.Band(simulated[i], Palette.Class(i, simulated.Length));
            axes.Line(simulated[i], Palette.Class(i, simulated.Length), Width);
        }

        foreach (Curve curve in theory)
            axes.Line(curve, Palette.Theory, TheoryWidth);
        LegendItem[] items =
        [
            FigureAxes.LineItem("g(z) = (1/P) tr (U − z)⁻¹", Palette.Class(0, 2), Width),
            FigureAxes.LineItem("f(z) = (1/N) Σ v·(U − z)⁻¹v, columns v of V", Palette.Class(1, 2), Width),
            FigureAxes.LineItem("theory", Palette.Theory, TheoryWidth),
        ];
        axes.Legend(1, items);
        return new Drawing(
            "resolvent", "Resolvent traces",
            $"Traces of the resolvent of U at negative z, {results.ModelDescription}. Thick lines: mean over seeds; thin black lines: asymptotic theory."
                + (samples.Count > 1 ? " Bands: one standard error over seeds." : ""),
            axes.Plot, items.Length, [.. simulated, .. theory]);
    }
}
