using Hpc.Results;
using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>
/// The figure of the test loss against the score error. Since E[ξ|x_t] = −√Δ ∇log p_t, the loss over the whole mixture is Δ times the score
/// error plus what no network can lower, L = Δ E‖s_A − ∇log p_t‖²/N + L_*; both are measured on the same fresh samples.
/// </summary>
public static class ScoreLossFigure
{
    private const float Width = 3.4f, TheoryWidth = 1.2f;

    /// <summary>Averages over the mixture, with the line of slope Δ; null where the result lacks one of the two.</summary>
    public static Drawing? Draw(ResultView results)
    {
        if (results.Find("test_loss_sampled", "seed", "epoch", "class") is not { } losses || results.Find("score_error", "seed", "epoch", "class") is not { } scores
            || double.IsNaN(results.DiffusionTime))
            return null;

        int seeds = losses.Shape[0], epochs = losses.Shape[1], classes = losses.Shape[2];
        double[] index = [.. Enumerable.Range(0, epochs).Select(k => (double)k)];
        Curve loss = Curve.OfSeeds("test loss", index, seeds, (seed, k) => Mixture(losses, seed, k));
        Curve score = Curve.OfSeeds("score error", index, seeds, (seed, k) => Mixture(scores, seed, k));
        double noise = 1 - Math.Exp(-2 * results.DiffusionTime);

        // Most of the path is run twice, down to the smallest error and up again: in the order of training, not of x.
        double[] x = score.Values, floor = [.. Enumerable.Range(0, epochs).Select(k => loss.Values[k] - noise * x[k])];
        double rest = floor.Order().ElementAt(epochs / 2);
        double[] line = [.. Enumerable.Range(0, 100).Select(i => x.Min() * Math.Pow(x.Max() / x.Min(), i / 99.0))];
        Curve measured = new("mixture", x, loss.Values, loss.Errors);
        Curve theory = new("Δ · score error + L_*", line, [.. line.Select(e => noise * e + rest)], null);
        double[] values = [.. loss.Values, .. theory.Values];
        if (!(x.Min() > 0) || !(x.Max() > x.Min()) || !(values.Min() > 0))
            return null;

        FigureAxes axes = new(
            CurveFigures.Heading(results), "score error E‖s − ∇log pₜ‖²/N", "test loss per dimension L", (x.Min() / 1.05, x.Max() * 1.05), (values.Min(), values.Max()),
            values.Max() > 12 * values.Min(), 0);
        axes.Line(measured, Palette.Class(0, 1), Width);
        axes.Line(theory, Palette.Theory, TheoryWidth);
        LegendItem[] items =
        [
            FigureAxes.LineItem("simulation, from the first epoch to the last", Palette.Class(0, 1), Width),
            FigureAxes.LineItem($"slope Δ = {Superscript.Number(noise)}, rest L* = {Superscript.Number(rest)}", Palette.Theory, TheoryWidth),
        ];
        axes.Legend(1, items);
        return new Drawing(
            "score-loss", "Test loss against score error",
            $"Both averaged over the mixture on the same fresh samples, {results.ModelDescription}. The loss is Δ times the score error plus a rest that no network can lower.",
            axes.Plot, items.Length, [measured, theory]);

        double Mixture(Dataset values, int seed, int k) =>
            Enumerable.Range(0, classes).Sum(c => results.Classes[c].Weight * values.Doubles[(seed * epochs + k) * classes + c]);
    }
}
