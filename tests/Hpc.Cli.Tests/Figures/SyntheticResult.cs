using System.Globalization;
using Hpc.Cli.Figures;
using Hpc.Results;

namespace Hpc.Cli.Tests.Figures;

/// <summary>
/// A result with the shape of a real one but known in closed form: three Marchenko–Pastur-like bulks and losses that are sums of
/// exponentials, with a spread over seeds that is known too.
/// </summary>
internal sealed class SyntheticResult
{
    public const int Dimension = 20, Features = 600, Samples = 160, Seeds = 5, Records = 120;

    public static readonly (double Weight, double Variance)[] Classes = [(0.75, 0.5), (0.25, 0.25)];

    public Dictionary<string, Dataset> Datasets { get; } = [];

    public string Name { get; init; } = "fig2";

    public string Spec => string.Create(CultureInfo.InvariantCulture, $$"""
        {
          "schema": 1,
          "name": {{System.Text.Json.JsonSerializer.Serialize(Name)}},
          "model": {
            "dimension": {{Dimension}}, "features": {{Features}}, "samples": {{Samples}}, "activation": "tanh",
            "classes": [ { "weight": {{Classes[0].Weight}}, "variance": {{Classes[0].Variance}} },
                         { "weight": {{Classes[1].Weight}}, "variance": {{Classes[1].Variance}} } ]
          },
          "diffusionTime": 0.01,
          "seeds": { "first": 0, "count": {{Seeds}} }
        }
        """);

    public List<KeyValuePair<string, string>> Attributes { get; } =
    [
        new("task_hash", "3f8c1e"),
        new("git_commit", "56480bc"),
        new("command_line", "hpc run runs/fig2.json --out runs/out/fig2"),
        new("device", "CPU, 2 threads, AVX-512"),
        new("start", "2026-01-02T03:04:05Z"),
    ];

    public ResultView View => new(Datasets, Spec, Attributes);

    /// <summary>λ of the Marchenko–Pastur-like bulks: (from, to) and number of eigenvalues, ascending.</summary>
    public static readonly (double From, double To, int Count)[] Bulks =
        [(1.0e-4, 1.1e-4, Features - Samples - Dimension), (2e-3, 1.2e-2, 40), (3e-2, 1.2e-1, 120), (4, 30, Dimension)];

    public static SyntheticResult Simulation(int seeds = Seeds)
    {
        SyntheticResult result = new();
        double[] times = Times();
        result.Add("seed", ["seed"], [seeds], [.. Enumerable.Range(0, seeds).Select(seed => (long)seed)]);
        result.Add("class", ["class"], [2], [0L, 1L]);
        result.Add("epoch", ["epoch"], [Records], [.. times.Select((_, k) => (long)k)]);
        result.Add("s", ["epoch"], [Records], times);
        result.Add("eigenvalues", ["seed", "feature"], [seeds, Features], [.. from seed in Enumerable.Range(0, seeds)
                                                                              from value in Spectrum(1 + 0.01 * Spread(seed, seeds))
                                                                              select value]);
        result.AddCurve("train_loss", seeds, Train);
        result.AddCurve("test_loss", seeds, Test);
        result.AddCurve("score_error", seeds, (s, c) => 40 * Math.Pow(Test(s, c) - 0.3, 1.5));
        result.AddTimes("generalization_time", seeds, spread => (0.9 + 0.05 * spread, 2.1 + 0.1 * spread));
        result.AddTimes("memorization_time", seeds, spread => (23 + spread, 150 + 9 * spread));
        if (seeds > 1)
            result.Datasets["memorization_time"].Doubles[3] = double.NaN;
        result.AddTimes("memorization_rise_time", seeds, spread => (60 + spread, double.NaN));
        return result;
    }

    public SyntheticResult WithTheory()
    {
        double[] lambda = [.. from bulk in Bulks
                              from k in Enumerable.Range(0, 200)
                              let fraction = (k + 0.5) / 200
                              select bulk.From * Math.Pow(bulk.To / bulk.From, fraction)];
        double[] density = [.. from value in lambda
                               select Bulks.Sum(bulk => bulk.Count * SemicircleInLog(value, bulk.From, bulk.To)) / Features / value];
        Add("theory_lambda", ["theory_lambda"], [lambda.Length], lambda);
        Add("theory_density", ["theory_lambda"], [lambda.Length], density);
        double[] times = Times();
        Add("theory_s", ["theory_s"], [Records], times);
        Add("theory_train_loss", ["theory_s", "class"], [Records, 2], [.. times.SelectMany(s => new[] { Train(s, 0), Train(s, 1) })]);
        Add("theory_test_loss", ["theory_s", "class"], [Records, 2], [.. times.SelectMany(s => new[] { Test(s, 0), Test(s, 1) })]);
        Add("theory_generalization_time", ["class"], [2], [0.92, 2.05]);
        Add("theory_memorization_time", ["class"], [2], [22.0, 160.0]);
        Add("theory_bulk_from", ["theory_bulk"], [4], [.. Bulks.Select(bulk => bulk.From)]);
        Add("theory_bulk_to", ["theory_bulk"], [4], [.. Bulks.Select(bulk => bulk.To)]);
        Add("theory_bulk_mass", ["theory_bulk"], [4], [.. Bulks.Select(bulk => (double)bulk.Count / Features)]);
        Add("theory_bulk_mean", ["theory_bulk"], [4], [.. Bulks.Select(bulk => Math.Sqrt(bulk.From * bulk.To))]);
        Datasets["comparison_quantity"] = new("comparison_quantity", ["row"], [2],
            (string[])["test loss of class 1 at s = 10", "memorization time of class <2>"], "1", "quantity");
        Add("comparison_theory", ["row"], [2], [0.7631, 160]);
        Add("comparison_simulation", ["row"], [2], [0.7642, 150]);
        Add("comparison_stderr", ["row"], [2], [0.0011, 2.0]);
        Add("comparison_difference", ["row"], [2], [1.0, -5.0]);
        return this;
    }

    /// <summary>s of every record; the first is 0, before training.</summary>
    public static double[] Times() =>
        [.. Enumerable.Range(0, Records).Select(k => k == 0 ? 0 : 1e-3 * Math.Pow(10, 7.0 * (k - 1) / (Records - 2)))];

    public static double Train(double s, int c) => 0.55 - 0.03 * c
        + 0.35 * Math.Exp(-s * (2 - c)) + (0.1 + 0.03 * c) * Math.Exp(-s * (0.06 - 0.045 * c));

    public static double Test(double s, int c) => Train(s, c) + (1.1 - 0.5 * c) * (1 - Math.Exp(-s * (0.004 - 0.0025 * c)));

    /// <summary>Symmetric about 0 over the seeds, so that means over seeds are the closed forms.</summary>
    public static double Spread(int seed, int seeds) => seed - 0.5 * (seeds - 1);

    public void Add<T>(string name, string[] dimensions, int[] shape, T[] values) =>
        Datasets[name] = new Dataset(name, dimensions, shape, values, "1", name);

    /// <summary>A time scale of both classes for every seed, from its place in the spread.</summary>
    private void AddTimes(string name, int seeds, Func<double, (double First, double Second)> times) =>
        Add(name, ["seed", "class"], [seeds, 2], [.. from seed in Enumerable.Range(0, seeds)
                                                     let pair = times(Spread(seed, seeds))
                                                     from value in (double[])[pair.First, pair.Second]
                                                     select value]);

    public void AddCurve(string name, int seeds, Func<double, int, double> curve) =>
        Add(name, ["seed", "epoch", "class"], [seeds, Records, 2],
            [.. from seed in Enumerable.Range(0, seeds)
                from s in Times()
                from c in Enumerable.Range(0, 2)
                select curve(s, c) * (1 + 0.03 * Spread(seed, seeds))]);

    /// <summary>Eigenvalues at the quantiles of a semicircle in ln λ, ascending, scaled by <paramref name="factor"/>.</summary>
    private static IEnumerable<double> Spectrum(double factor) =>
        from bulk in Bulks
        from k in Enumerable.Range(0, bulk.Count)
        let x = SemicircleQuantile((k + 0.5) / bulk.Count)
        select factor * bulk.From * Math.Pow(bulk.To / bulk.From, (x + 1) / 2);

    /// <summary>Quantile of the semicircle on [−1, 1], by bisection of its distribution ½ + (x√(1−x²) + arcsin x)/π.</summary>
    private static double SemicircleQuantile(double probability)
    {
        double low = -1, high = 1;
        for (int i = 0; i < 60; i++)
        {
            double x = (low + high) / 2;
            bool below = 0.5 + (x * Math.Sqrt(1 - x * x) + Math.Asin(x)) / Math.PI < probability;
            (low, high) = below ? (x, high) : (low, x);
        }

        return (low + high) / 2;
    }

    /// <summary>Density in ln λ of a semicircle between two edges.</summary>
    private static double SemicircleInLog(double lambda, double from, double to)
    {
        double half = Math.Log(to / from) / 2;
        double x = (Math.Log(lambda / from) - half) / half;
        return Math.Abs(x) >= 1 ? 0 : 2 / Math.PI * Math.Sqrt(1 - x * x) / half;
    }
}
