using System.Globalization;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>One quantity in theory and in simulation.</summary>
/// <param name="Quantity">What is compared.</param>
/// <param name="Theory">Its value for N → ∞.</param>
/// <param name="Simulation">Mean over seeds.</param>
/// <param name="Error">Standard error over seeds, or over their probe vectors; NaN with one.</param>
public sealed record ComparisonRow(string Quantity, double Theory, double Simulation, double Error)
{
    /// <summary>Simulation minus theory in standard errors; a finite N adds a difference of order 1/N that more seeds do not remove.</summary>
    public double Difference => (Simulation - Theory) / Error;
}

/// <summary>The table of theory against simulation that every run with a theory prints, stores and reports.</summary>
public static class Comparison
{
    /// <summary>Name of the attribute that holds the names of the rows; the values are datasets of dimension <c>row</c>.</summary>
    public const string QuantityAttribute = "comparison_quantity";

    /// <summary>Number of training times at which losses are compared.</summary>
    private const int LossTimes = 5;

    /// <summary>Ratio of the edges of a gap from which on it stays open at the sizes that are simulated.</summary>
    private const double WideGap = 2;

    /// <summary>Compares what both have.</summary>
    /// <param name="theory">Theory of the same spec; its losses are at the recorded epochs.</param>
    /// <param name="simulation">Merged datasets.</param>
    public static IReadOnlyList<ComparisonRow> Create(TheoryResult theory, IReadOnlyList<Dataset> simulation)
    {
        Dictionary<string, Dataset> merged = simulation.ToDictionary(d => d.Name);
        var rows = new List<ComparisonRow>();
        if (theory.Density is { } density && SpectralSamples.Of(name => merged.GetValueOrDefault(name)) is { } samples)
        {
            AddSpectrum(rows, theory.Equations, density, samples, merged.GetValueOrDefault("noise_weight"));
        }

        if (theory.Losses is { } losses && merged.ContainsKey("train_loss_mean") && merged["s"].Shape[0] == losses.S.Count)
        {
            for (int i = 0; i < LossTimes; i++)
            {
                int record = (losses.S.Count - 1) * (i + 1) / LossTimes;
                for (int c = 0; c < losses.Train.Count; c++)
                {
                    string where = $"of class {c + 1} at s = {losses.S[record].ToString("G3", CultureInfo.InvariantCulture)}";
                    Add($"train loss {where}", losses.Train[c][record], "train_loss", record * losses.Train.Count + c);
                    Add($"test loss {where}", losses.Test[c][record], "test_loss", record * losses.Train.Count + c);
                }
            }
        }

        if (theory.TimeScales is { } scales && merged.ContainsKey("generalization_time_mean"))
        {
            for (int c = 0; c < scales.Count; c++)
            {
                Add($"τ_gen of class {c + 1}", scales[c].Generalization, "generalization_time", c);
                Add($"τ_mem of class {c + 1}", scales[c].Memorization, "memorization_time", c);
            }
        }

        return rows;

        void Add(string quantity, double value, string name, int index)
        {
            double mean = merged[name + "_mean"].Doubles[index];
            if (!double.IsNaN(value) && !double.IsNaN(mean))
            {
                rows.Add(new ComparisonRow(quantity, value, mean, merged[name + "_stderr"].Doubles[index]));
            }
        }
    }

    /// <summary>The table as datasets for the merged file; the names of the rows go into the attribute.</summary>
    public static IReadOnlyList<Dataset> Datasets(IReadOnlyList<ComparisonRow> rows)
    {
        return rows.Count == 0
            ? []
            : [
                new Dataset("row", ["row"], [rows.Count], Enumerable.Range(1, rows.Count).Select(i => (long)i).ToArray(), "1", $"row of the comparison; its name is in the attribute {QuantityAttribute}"),
                Column("comparison_theory", r => r.Theory, "value in theory"),
                Column("comparison_simulation", r => r.Simulation, "mean over seeds"),
                Column("comparison_stderr", r => r.Error, "standard error over seeds"),
                Column("comparison_difference", r => r.Difference, "simulation minus theory in standard errors"),
            ];

        Dataset Column(string name, Func<ComparisonRow, double> value, string longName) =>
            new(name, ["row"], [rows.Count], rows.Select(value).ToArray(), "1", longName);
    }

    public static void Print(IReadOnlyList<ComparisonRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Console.WriteLine($"{"quantity",-36} {"theory",12} {"simulation",12} {"std. error",11} {"difference/error",17}");
        foreach (ComparisonRow row in rows)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Quantity,-36} {row.Theory,12:G6} {row.Simulation,12:G6} {(double.IsNaN(row.Error) ? "-" : row.Error.ToString("G3", CultureInfo.InvariantCulture)),11} {(double.IsFinite(row.Difference) ? row.Difference.ToString("F1", CultureInfo.InvariantCulture) : "-"),17}"));
        }

        Console.WriteLine("theory is the limit N → ∞: at finite N there is a difference of order 1/N that more seeds do not remove");
    }

    private static void AddSpectrum(List<ComparisonRow> rows, ResolventEquations equations, SpectralDensity density, SpectralSamples samples, Dataset? noiseWeights)
    {
        foreach (double z in (double[])[-1, -0.1, -0.01])
        {
            ResolventSolution solution = equations.Solve(z);
            rows.Add(Row(
                string.Create(CultureInfo.InvariantCulture, $"(1/P) tr (U − z)⁻¹ at z = {z}"), solution.Trace.Real,
                sample => samples.Average(sample, value => 1 / (value - z))));
            if (noiseWeights is not null)
            {
                rows.Add(Row(
                    string.Create(CultureInfo.InvariantCulture, $"(1/N) tr Vᵀ(U − z)⁻¹V at z = {z}"), solution.FeatureNoise.Real,
                    sample => samples.Sum(sample, noiseWeights.Doubles, value => 1 / (value - z))));
            }
        }

        // At finite N narrow gaps close and atoms widen: bulks are compared in groups that a wide gap separates, and a group's eigenvalues,
        // which reach a little past its edges, are counted to the middle of that gap on the log axis.
        double from = 0;
        for (int first = 0, last = 0; last < density.Bulks.Count; last++)
        {
            bool isLast = last == density.Bulks.Count - 1;
            if (!isLast && density.Bulks[last + 1].From < WideGap * density.Bulks[last].To)
            {
                continue;
            }

            double to = isLast ? double.PositiveInfinity : Math.Sqrt(density.Bulks[last].To * density.Bulks[last + 1].From), low = from;
            Bulk[] group = [.. density.Bulks.Skip(first).Take(last - first + 1)];
            double mass = group.Sum(g => g.Mass);
            string name = first == last ? $"bulk {first + 1}" : $"bulks {first + 1} to {last + 1}";
            rows.Add(Row($"mass of {name}", mass, sample => Within(sample, _ => 1)));
            rows.Add(Row(
                $"mean eigenvalue of {name}", group.Sum(g => g.Mass * g.Mean) / mass, sample => Within(sample, v => v) / Within(sample, _ => 1)));
            (first, from) = (last + 1, to);

            double Within(int sample, Func<double, double> f) => samples.Average(sample, v => v > low && v <= to ? f(v) : 0);
        }

        ComparisonRow Row(string quantity, double theory, Func<int, double> measure)
        {
            double[] values = [.. Enumerable.Range(0, samples.Count).Select(measure)];
            double mean = values.Average();
            return new ComparisonRow(
                quantity, theory, mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (samples.Count - 1) / samples.Count));
        }
    }
}
