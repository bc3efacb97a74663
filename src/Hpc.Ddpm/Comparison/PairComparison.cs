using System.Globalization;
using Hpc.Results;

namespace Hpc.Ddpm.Comparison;

/// <summary>
/// Gaps of all pairs beside those of their random-features models and beside the differences of their descriptors, and how these go together:
/// the numbers of the comparison figures and of its table.
/// </summary>
public sealed class PairComparison
{
    /// <summary>Names of the attributes with the texts of the datasets of dimensions <c>pair</c> and <c>correlation</c>.</summary>
    public const string NamesAttribute = "pair_names", GapAttribute = "correlation_gap", WithAttribute = "correlation_with";

    /// <summary>Resamples and seed of the intervals.</summary>
    private const int Resamples = 2000;
    private const uint Seed = 0;

    private static readonly (string Name, string Title)[] Coefficients = [("pearson", "Pearson's"), ("spearman", "Spearman's")];

    private readonly List<Dataset> datasets = [];
    private readonly List<string> gapNames = [], withNames = [];

    /// <param name="pairs">Name and merged datasets of every pair.</param>
    public PairComparison(IReadOnlyList<KeyValuePair<string, ResultGroup>> pairs)
    {
        ResultGroup[] groups = [.. pairs.Select(p => p.Value)];
        double[] thresholds = groups[0]["threshold"].Doubles;
        int count = groups.Length;
        datasets.Add(new Dataset("pair", ["pair"], [count], Enumerable.Range(1, count).Select(i => (long)i).ToArray(), "1", "pair"));
        datasets.Add(groups[0]["threshold"]);

        (string Name, double[] Values)[] descriptors =
        [
            ("variance ratio", Descriptor("log_variance_ratio", "log10 of the variance of the reference over that of its partner", g => LogRatio(g["class_variance"].Doubles))),
            ("norm ratio", Descriptor("log_norm_ratio", "log10 of the centroid norm of the reference over that of its partner", g => LogRatio(g["class_relative_norm"].Doubles))),
            ("cosine", Descriptor("cosine_to_reference", "cosine between the centroids of reference and partner, from the mean of all", g => g["class_cosine"].Doubles[1])),
        ];
        (string Name, double[][] Memorization, double[][] Generalization)[] models =
        [
            ("random features, theory", Theory("memorization"), Theory("generalization")),
            ("random features, simulation", Seeds("features_memorization_gap", 0), Seeds("features_generalization_gap", 0)),
        ];
        double[][][] memorization = [.. thresholds.Select((_, t) => Seeds("memorization_gap", t))];
        double[][] generalization = Seeds("generalization_gap", 0);
        Averages("memorization_gap", ["pair", "threshold"], [count, thresholds.Length], [.. Enumerable.Range(0, count).SelectMany(i => memorization.Select(m => m[i]))], "log10 of the memorization times of reference and partner, mean over seeds");
        Averages("generalization_gap", ["pair"], [count], generalization, "log10 of the generalization times of reference and partner, mean over seeds");
        Averages("features_memorization_gap", ["pair"], [count], models[1].Memorization, "the same of memorization in the random-features model, mean over seeds");
        Averages("features_generalization_gap", ["pair"], [count], models[1].Generalization, "the same of generalization in the random-features model, mean over seeds");
        PerPair("theory_memorization_gap", [.. models[0].Memorization.Select(v => v.FirstOrDefault(double.NaN))], "the same of memorization in the theory of the random-features model");
        PerPair("theory_generalization_gap", [.. models[0].Generalization.Select(v => v.FirstOrDefault(double.NaN))], "the same of generalization in the theory of the random-features model");

        var rows = new List<(string Gap, string With, double[][] X, double[][] Y)>();
        for (int t = 0; t < thresholds.Length; t++)
        {
            Against(string.Create(CultureInfo.InvariantCulture, $"memorization at {thresholds[t]:G3}"), memorization[t], m => m.Memorization);
        }

        Against("generalization", generalization, m => m.Generalization);
        foreach ((string name, double[][] own, double[][] other) in models)
        {
            rows.AddRange(descriptors.Select(d => ($"memorization, {name}", d.Name, Single(d.Values), own)));
            rows.AddRange(descriptors.Select(d => ($"generalization, {name}", d.Name, Single(d.Values), other)));
        }

        gapNames.AddRange(rows.Select(r => r.Gap));
        withNames.AddRange(rows.Select(r => r.With));
        AddCorrelations(rows);

        void Against(string name, double[][] gap, Func<(string Name, double[][] Memorization, double[][] Generalization), double[][]> ofModel)
        {
            rows.AddRange(models.Select(m => (name, m.Name, ofModel(m), gap)));
            rows.AddRange(descriptors.Select(d => (name, d.Name, Single(d.Values), gap)));
        }

        double[] Descriptor(string name, string longName, Func<ResultGroup, double> value)
        {
            double[] values = [.. groups.Select(value)];
            PerPair(name, values, longName);
            return values;
        }

        double[][] Theory(string word) => Single([.. groups.Select(g => g.Datasets.FirstOrDefault(d => d.Name == $"theory_{word}_time") is { } times ? LogRatio(times.Doubles) : double.NaN)]);

        // Values of the seeds that have one.
        double[][] Seeds(string name, int column) => [.. groups.Select(g =>
        {
            Dataset values = g[name];
            int columns = values.Doubles.Length / values.Shape[0];
            return (double[])[.. Enumerable.Range(0, values.Shape[0]).Select(s => values.Doubles[s * columns + column]).Where(double.IsFinite)];
        })];

        static double[][] Single(double[] values) => [.. values.Select(v => double.IsFinite(v) ? (double[])[v] : [])];

        static double LogRatio(double[] values) => Math.Log10(values[0] / values[1]);
    }

    /// <summary>Everything as datasets of the merged file.</summary>
    public IReadOnlyList<Dataset> Datasets => datasets;

    /// <summary>The texts of the rows of <c>correlation</c>: which gap, and with what.</summary>
    public (string[] Gaps, string[] With) Rows => ([.. gapNames], [.. withNames]);

    private void PerPair(string name, double[] values, string longName) => datasets.Add(new Dataset(name, ["pair"], [values.Length], values, "1", longName));

    private void Averages(string name, string[] dimensions, int[] shape, double[][] values, string longName)
    {
        (double Mean, double Error)[] averages = [.. values.Select(v => Cli.Figures.SeedAverage.Of(v))];
        datasets.Add(new Dataset($"{name}_mean", dimensions, shape, averages.Select(a => a.Mean).ToArray(), "1", longName));
        datasets.Add(new Dataset($"{name}_stderr", dimensions, shape, averages.Select(a => a.Error).ToArray(), "1", "its standard error over seeds"));
    }

    private void AddCorrelations(IReadOnlyList<(string Gap, string With, double[][] X, double[][] Y)> rows)
    {
        datasets.Add(new Dataset("correlation", ["correlation"], [rows.Count], Enumerable.Range(1, rows.Count).Select(i => (long)i).ToArray(), "1", "pair of quantities"));
        foreach ((string name, string title) in Coefficients)
        {
            Correlation[] found = [.. rows.Select(r => Correlation.Measure(name == "pearson" ? Correlation.Pearson : Correlation.Spearman, r.X, r.Y, Resamples, Seed))];
            Add(name, c => c.Value, $"{title} coefficient over pairs");
            Add($"{name}_low", c => c.Interval.Low, "lower end of its 95 % bootstrap interval over pairs and seeds");
            Add($"{name}_high", c => c.Interval.High, "upper end of its 95 % bootstrap interval over pairs and seeds");
            if (name == Coefficients[0].Name)
            {
                datasets.Add(new Dataset("correlation_pairs", ["correlation"], [rows.Count], found.Select(c => (long)c.Pairs).ToArray(), "1", "pairs that have both quantities"));
            }

            void Add(string dataset, Func<Correlation, double> value, string longName) =>
                datasets.Add(new Dataset(dataset, ["correlation"], [rows.Count], found.Select(value).ToArray(), "1", longName));
        }
    }
}
