using Hpc.Results;
using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>The figures over training time: losses, generalization gap and score error of each class.</summary>
public static class CurveFigures
{
    private const string TimeLabel = "training time s = 2η₀k";
    private const float TestWidth = 3.4f, TrainWidth = 2.2f, TheoryWidth = 1.2f;

    /// <summary>Beyond this ratio of largest to smallest value a vertical axis is logarithmic.</summary>
    private const double LogarithmicFrom = 12;

    private const string BandNote = " Bands: one standard error over seeds.";
    private const string WindowNote =
        " Above the data, a row for each class: generalization window from the triangle (the test loss has made 90 % of its largest " +
        "drop) to the square (test − train loss reaches 0.1), mean over the seeds that get there; open to the right where most do not.";
    private const string TheoryNote = " Thin black lines and open symbols: asymptotic theory.";

    /// <summary>Train and test loss of each class; null when the result has neither.</summary>
    public static Drawing? Losses(ResultView results)
    {
        List<Curve> test = Simulated(results, Test(results), "test"), train = Simulated(results, Train(results), "train");
        List<Curve> theory =
        [
            .. Theoretical(results, results.Find("theory_test_loss", "theory_s", "class"), "theory test"),
            .. Theoretical(results, results.Find("theory_train_loss", "theory_s", "class"), "theory train"),
        ];
        if (test.Count + train.Count + theory.Count == 0)
            return null;

        TimeScale[]? generalization = TimeScale.Find(results, "generalization_time");
        TimeScale[]? memorization = TimeScale.Find(results, "memorization_time");
        bool windows = generalization is not null || memorization is not null;
        int classes = results.Classes.Count;
        (double From, double To) range = Range([.. test, .. train, .. theory], positive: false);
        bool logarithmic = range.From > 0 && range.To > LogarithmicFrom * range.From;
        FigureAxes axes = new(
            Heading(results), TimeLabel, "loss per dimension L", Times([.. test, .. train, .. theory]), range, logarithmic,
            windows ? classes : 0);

        axes.Windows(generalization, memorization);
        for (int index = 0; index < train.Count; index++)
        {
            Color color = Palette.Class(index, classes);
            axes.Band(train[index], color);
            axes.Line(train[index], Palette.Pale(color), TrainWidth);
        }

        for (int index = 0; index < test.Count; index++)
        {
            axes.Band(test[index], Palette.Class(index, classes));
            axes.Line(test[index], Palette.Class(index, classes), TestWidth);
        }

        foreach (Curve curve in theory)
            axes.Line(curve, Palette.Theory, TheoryWidth);
        for (int index = 0; index < train.Count; index++)
            axes.Dots(train[index], Palette.Class(index, classes));

        List<LegendItem> items = [];
        for (int index = 0; index < classes; index++)
        {
            if (test.Count > 0)
                items.Add(FigureAxes.LineItem($"{results.ClassDescription(index)} test", Palette.Class(index, classes), TestWidth));
            if (train.Count > 0)
            {
                string label = test.Count > 0 ? "train" : $"{results.ClassDescription(index)} train";
                items.Add(FigureAxes.DotItem(label, Palette.Class(index, classes), TrainWidth));
            }
        }

        return Finish(
            axes, "losses", "Train and test loss of each class",
            $"Denoising score-matching loss per dimension, {results.ModelDescription}. Thick lines: test; pale lines with dots: train.",
            [.. test, .. train], theory, items, windows);
    }

    /// <summary>Test loss minus train loss of each class; null unless the result has both, simulated or from theory.</summary>
    public static Drawing? Gap(ResultView results)
    {
        Dataset? test = Test(results), train = Train(results);
        Dataset? theoryTest = results.Find("theory_test_loss", "theory_s", "class");
        Dataset? theoryTrain = results.Find("theory_train_loss", "theory_s", "class");
        List<Curve> simulated = train is null ? [] : Simulated(results, test, "gap", train);
        List<Curve> theory = theoryTrain is null ? [] : Theoretical(results, theoryTest, "theory gap", theoryTrain);
        if (simulated.Count + theory.Count == 0)
            return null;

        TimeScale[]? generalization = TimeScale.Find(results, "generalization_time");
        TimeScale[]? memorization = TimeScale.Find(results, "memorization_time");
        bool windows = generalization is not null || memorization is not null;
        (double From, double To) range = Range([.. simulated, .. theory], positive: false);
        bool logarithmic = range.To > 3;
        range = logarithmic ? (1e-3, range.To) : (Math.Min(0, range.From), Math.Max(range.To, 1.5 * Threshold));
        int classes = results.Classes.Count;
        FigureAxes axes = new(
            Heading(results), TimeLabel, "gap: test − train loss", Times([.. simulated, .. theory]), range, logarithmic,
            windows ? classes : 0);

        axes.Windows(generalization, memorization);
        axes.Threshold(Threshold);
        List<LegendItem> items = ClassLines(axes, results, simulated, theory);
        items.Add(FigureAxes.LineItem($"memorization threshold {Threshold}", Colors.Black.WithAlpha(0.6), 1.2f));
        return Finish(
            axes, "gap", "Generalization gap of each class",
            $"Test loss minus train loss per dimension, {results.ModelDescription}." +
            (logarithmic ? " Values below 10⁻³ are not shown." : ""),
            simulated, theory, items, windows);
    }

    /// <summary>Score error of each class; null when the result has none.</summary>
    public static Drawing? ScoreError(ResultView results)
    {
        List<Curve> simulated = Simulated(results, results.Find("score_error", "seed", "epoch", "class"), "score error");
        (double From, double To) range = Range(simulated, positive: true);
        if (simulated.Count == 0 || !(range.From > 0))
            return null;

        FigureAxes axes = new(Heading(results), TimeLabel, "score error E‖s − ∇log pₜ‖²/N", Times(simulated), range, true, 0);
        List<LegendItem> items = ClassLines(axes, results, simulated, []);
        return Finish(
            axes, "score-error", "Score error of each class",
            $"Mean squared distance per dimension between the network and the exact score of the mixture, {results.ModelDescription}.",
            simulated, [], items, false);
    }

    /// <summary>The gap of theory.md section 7 at which a class counts as memorized.</summary>
    private const double Threshold = 0.1;

    /// <summary>
    /// The test loss: the exact average over noise and fresh data, or what fresh samples gave where only that was recorded.
    /// </summary>
    private static Dataset? Test(ResultView results) =>
        results.Find("test_loss", "seed", "epoch", "class") ?? results.Find("test_loss_sampled", "seed", "epoch", "class");

    private static Dataset? Train(ResultView results) => results.Find("train_loss", "seed", "epoch", "class");

    private static List<Curve> Simulated(ResultView results, Dataset? values, string quantity, Dataset? minus = null) =>
        values is null || results.Find("s", "epoch") is not { } times ? [] :
        [.. results.Classes.Select((_, i) => Curve.OverSeeds($"{results.ClassLabel(i)} {quantity}", times.Doubles, values, i, minus))];

    private static List<Curve> Theoretical(ResultView results, Dataset? values, string quantity, Dataset? minus = null) =>
        values is null || results.Find("theory_s", "theory_s") is not { } times ? [] :
        [.. results.Classes.Select((_, i) => Curve.OfTheory($"{results.ClassLabel(i)} {quantity}", times.Doubles, values, i, minus))];

    private static List<LegendItem> ClassLines(FigureAxes axes, ResultView results, List<Curve> simulated, List<Curve> theory)
    {
        int classes = results.Classes.Count;
        for (int index = 0; index < simulated.Count; index++)
        {
            axes.Band(simulated[index], Palette.Class(index, classes));
            axes.Line(simulated[index], Palette.Class(index, classes), TestWidth);
        }

        foreach (Curve curve in theory)
            axes.Line(curve, Palette.Theory, TheoryWidth);
        return [.. simulated.Select((_, i) => FigureAxes.LineItem(results.ClassDescription(i), Palette.Class(i, classes), TestWidth))];
    }

    private static Drawing Finish(
        FigureAxes axes, string name, string title, string caption, IReadOnlyList<Curve> simulated, List<Curve> theory,
        List<LegendItem> items, bool windows)
    {
        if (windows)
        {
            items.Add(FigureAxes.MarkerItem("generalization time", MarkerShape.FilledTriangleUp, Colors.Gray));
            items.Add(FigureAxes.MarkerItem("memorization time", MarkerShape.FilledSquare, Colors.Gray));
            items.Add(FigureAxes.FillItem("generalization window", Colors.Gray.WithAlpha(0.45)));
        }

        if (theory.Count > 0)
            items.Add(FigureAxes.LineItem("theory", Palette.Theory, TheoryWidth));
        const int Columns = 2;
        axes.Legend(Columns, items);
        string notes = (simulated.Any(curve => curve.Errors is not null) ? BandNote : "") + (windows ? WindowNote : "")
            + (theory.Count > 0 ? TheoryNote : "");
        return new Drawing(name, title, caption + notes, axes.Plot, (items.Count + Columns - 1) / Columns, [.. simulated, .. theory]);
    }

    internal static string Heading(ResultView results)
    {
        const int Longest = 24;
        string name = results.Name.Length > Longest ? results.Name[..(Longest - 1)] + "…" : results.Name;
        return name.Length == 0 ? results.ModelDescription : $"{name}: {results.ModelDescription}";
    }

    private static (double From, double To) Times(IEnumerable<Curve> curves)
    {
        double[] times = [.. curves.SelectMany(curve => curve.Times).Where(time => time > 0)];
        return times.Length == 0 ? (1, 10) : (times.Min(), Math.Max(times.Max(), 1.01 * times.Min()));
    }

    /// <summary>Smallest and largest value at times that the axis shows, with their errors; (0, 1) when there is none.</summary>
    private static (double From, double To) Range(IEnumerable<Curve> curves, bool positive)
    {
        double[] values =
        [
            .. from curve in curves
               from k in Enumerable.Range(0, curve.Times.Length)
               where curve.Times[k] > 0
               let error = curve.Errors is { } errors && double.IsFinite(errors[k]) ? errors[k] : 0
               from value in (double[])[curve.Values[k] - error, curve.Values[k], curve.Values[k] + error]
               where double.IsFinite(value) && (!positive || value > 0)
               select value,
        ];
        return values.Length == 0 ? (0, 1) : (values.Min(), values.Max());
    }
}
