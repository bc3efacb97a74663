using System.Globalization;
using System.Text.Json.Nodes;
using Hpc.Cli.Figures;
using Hpc.Cli.Report;
using Hpc.Cli.Running;
using Hpc.Ddpm.Comparison;
using Hpc.Ddpm.Running;
using Hpc.Ddpm.Spec;
using Hpc.Results;
using ScottPlot;
using Drawing = Hpc.Cli.Figures.Drawing;

namespace Hpc.Ddpm.Figures;

/// <summary>All figures of a merged file, and its page.</summary>
internal static class DdpmReport
{
    /// <summary>Draws the figures and writes the page.</summary>
    /// <param name="merged">The merged file.</param>
    /// <param name="folder">The output folder.</param>
    /// <returns>The files that were written.</returns>
    public static IReadOnlyList<string> Draw(ResultGroup merged, RunFolder folder)
    {
        DdpmSpec spec = DdpmSpecReader.Read(JsonNode.Parse((string)merged.Attributes["spec"])!.AsObject());
        IReadOnlyList<KeyValuePair<string, ResultGroup>> pairs = DdpmFinishing.Pairs(merged);
        List<Figure> figures = FigureSet.Write(Drawings(merged, spec, pairs), folder.Figures);
        string report = HtmlReport.WriteRun(
            spec.Name,
            $"Denoising diffusion models of pairs of classes of {spec.Dataset.Title}: {spec.ImageSize}×{spec.ImageSize} pixels, {Count(spec)} training images a class, {pairs.Count} pair{(pairs.Count == 1 ? "" : "s")}, "
            + $"{spec.Seeds.Count} seed{(spec.Seeds.Count == 1 ? "" : "s")}.",
            figures, [Gaps(pairs), Comparison(merged)], (string)merged.Attributes["spec"], Finishing.Attributes(merged), folder.Folder, [Path.GetFileName(folder.MergedFile)]);
        return [.. figures.Select(f => Path.Combine(folder.Figures, f.Name + ".svg")), report];
    }

    /// <summary>Rows of the table of correlations: gap, with what, Pearson's and Spearman's coefficient with their intervals.</summary>
    public static IEnumerable<string[]> Correlations(ResultGroup merged)
    {
        string[] gaps = (string[])merged.Attributes[PairComparison.GapAttribute], with = (string[])merged.Attributes[PairComparison.WithAttribute];
        long[] pairs = merged["correlation_pairs"].Integers;
        return gaps.Select((gap, i) => (string[])[gap, with[i], Text("pearson", i), Text("spearman", i)]);

        string Text(string name, int i)
        {
            double value = merged[name].Doubles[i], low = merged[$"{name}_low"].Doubles[i], high = merged[$"{name}_high"].Doubles[i];
            return pairs[i] < Correlation.LeastPairs ? $"not defined for fewer than {Correlation.LeastPairs} pairs"
                : double.IsNaN(value) ? "not defined: no variation"
                : string.Create(CultureInfo.InvariantCulture, $"{value:F2} [{low:F2}, {high:F2}]");
        }
    }

    private static IEnumerable<Drawing> Drawings(ResultGroup merged, DdpmSpec spec, IReadOnlyList<KeyValuePair<string, ResultGroup>> pairs)
    {
        PairFigures[] figures = [.. pairs.Select(p => new PairFigures(p.Key, p.Value))];
        if (figures.Length > 1)
        {
            (Plot Plot, List<Curve> Curves)[] panels = [.. figures.Select(f => f.FractionPanel())];
            yield return new Drawing("fractions", "How much of each class is memorized, all pairs", PairFigures.FractionNote, panels[0].Plot, 2, [.. panels.SelectMany(p => p.Curves)])
            {
                Columns = 2,
                OtherPanels = [.. panels.Skip(1).Select(p => p.Plot)],
            };
        }

        foreach (Drawing drawing in figures.SelectMany(f => (Drawing[])[f.Fractions(), f.Losses()]))
        {
            yield return drawing;
        }

        foreach (Drawing drawing in new ComparisonFigures(merged, [.. pairs.Select(p => ((string[])p.Value.Attributes[DdpmFinishing.ClassNames])[1])]).All())
        {
            yield return drawing;
        }

        yield return DescriptorFigure.Draw(spec.Dataset.Key, merged, spec.Reference);
        foreach ((string name, ResultGroup group) in merged.Groups.Where(g => g.Value.Attributes.ContainsKey(DdpmFinishing.LabelNames)))
        {
            yield return DescriptorFigure.Draw(name, group, spec.Reference);
        }

        foreach ((string name, ResultGroup group) in pairs)
        {
            for (int index = 0; index < 2; index++)
            {
                if (ExampleSheet.Draw(name, group, index, spec.Memorization.Ratio) is { } sheet)
                {
                    yield return sheet;
                }
            }
        }
    }

    private static (string, string, IReadOnlyList<string>, IEnumerable<string[]>) Gaps(IReadOnlyList<KeyValuePair<string, ResultGroup>> pairs) => (
        "Memorization times",
        "Training step at which the memorized fraction of a class reaches a threshold: mean and standard error over the seeds that reach it; gap: log₁₀ of the time of the reference over that of its partner, "
        + "with the 95 % interval over seeds (Student).",
        ["pair", "threshold", "reference", "partner", "gap", "95 % over seeds"],
        from pair in pairs
        from t in Enumerable.Range(0, pair.Value["threshold"].Shape[0])
        let low = pair.Value["memorization_gap_interval_low"].Doubles[t]
        let high = pair.Value["memorization_gap_interval_high"].Doubles[t]
        select (string[])
        [
            pair.Key, pair.Value["threshold"].Doubles[t].ToString("G3", CultureInfo.InvariantCulture), Mean(pair.Value, "memorization_time", 2 * t), Mean(pair.Value, "memorization_time", 2 * t + 1),
            Mean(pair.Value, "memorization_gap", t), double.IsNaN(low) ? "—" : string.Create(CultureInfo.InvariantCulture, $"{low:F2} … {high:F2}"),
        ]);

    private static (string, string, IReadOnlyList<string>, IEnumerable<string[]>) Comparison(ResultGroup merged) => (
        "Correlation over pairs",
        "Of the gaps with those of the random-features model that has the descriptors of the pair, and with the descriptors: coefficient and 95 % bootstrap interval over pairs and seeds.",
        ["gap", "with", "Pearson", "Spearman"], Correlations(merged));

    private static string Mean(ResultGroup group, string name, int index)
    {
        double mean = group[name + "_mean"].Doubles[index];
        return double.IsNaN(mean) ? "not reached" : Superscript.WithError(mean, group[name + "_stderr"].Doubles[index]);
    }

    private static string Count(DdpmSpec spec) => spec.Images.Reference == spec.Images.Partner ? $"{spec.Images.Reference}" : $"{spec.Images.Reference} and {spec.Images.Partner}";
}
