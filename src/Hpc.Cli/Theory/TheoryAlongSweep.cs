using System.Text.Json;
using System.Text.Json.Nodes;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Spec;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>Time scales in theory between the points of a sweep, on a fine grid along its last entry.</summary>
/// <param name="First">Index of the sweep point where the series begins: every combination of the other entries has a series of its own.</param>
/// <param name="Axis">Values of the entry's first parameter, from the first to the last.</param>
/// <param name="Scales">Time scales at each of them, per class; NaN where not reached or where the theory has no answer.</param>
public sealed record TheoryAlongSweep(int First, double[] Axis, TimeScales[][] Scales)
{
    /// <summary>Values from this ratio on are spaced evenly in log, but weights, which are symmetric about 1/2.</summary>
    private const double LogarithmicFrom = 6;

    private static readonly string[] WholeNumbers =
    [
        "model.dimension", "model.features", "model.samples", "descent.epochs", "descent.records", "descent.testSamples",
        "spectrum.draws", "spectrum.probes", "spectrum.steps", "spectrum.largest", "spectrum.smallest", "spectrum.block",
        "speciation.times.count", "speciation.lossSamples", "speciation.clones",
    ];

    /// <summary>
    /// Computes the time scales of a noise-averaged descent along the last entry of the sweep. Parameters that are varied together are interpolated
    /// linearly between the values that the sweep gives.
    /// </summary>
    /// <param name="spec">A spec with a sweep.</param>
    /// <param name="store">Where losses that were computed before are kept.</param>
    /// <param name="points">Number of grid points; each takes about a second.</param>
    /// <param name="cancellation">Stops the computation.</param>
    /// <returns>One result for each series; none where there is no such descent, or where a value of the entry is no number or the first parameter
    /// does not rise.</returns>
    public static IReadOnlyList<TheoryAlongSweep> Compute(ExperimentSpec spec, TheoryStore store, int points = 17, CancellationToken cancellation = default)
    {
        if (spec.Sweep.Count == 0 || spec.Descent is not { Dynamics: DescentDynamics.NoiseAveraged })
        {
            return [];
        }

        SweepSpec last = spec.Sweep[^1];
        if (last.Count < 2 || last.Parameters.Any(p => p.Values.Any(v => v.GetValueKind() != JsonValueKind.Number)))
        {
            return [];
        }

        double[][] values = [.. last.Parameters.Select(p => p.Values.Select(v => v.GetValue<double>()).ToArray())];
        double[] given = values[0];
        if (given.Zip(given.Skip(1)).Any(pair => !(pair.Second > pair.First)))
        {
            return [];
        }

        double[] axis = Grid(given, points, last.Parameters[0].Path);
        if (WholeNumbers.Contains(last.Parameters[0].Path))
        {
            axis = [.. axis.Select(x => Math.Round(x)).Distinct()];
        }

        var fine = new SweepSpec([.. last.Parameters.Select((p, i) => new SweepParameter(p.Path, [.. axis.Select(x => Value(p.Path, Interpolate(given, values[i], x)))]))]);
        IReadOnlyList<SweepPoint> specs = SweepPoint.Expand(spec with { Sweep = [.. spec.Sweep.SkipLast(1), fine] });
        var scales = new TimeScales[specs.Count][];
        Parallel.For(0, specs.Count, new ParallelOptions { CancellationToken = cancellation }, i => scales[i] = At(specs[i].Spec, store));
        return [.. Enumerable.Range(0, specs.Count / axis.Length).Select(
            series => new TheoryAlongSweep(series * last.Count, axis, scales[(series * axis.Length)..((series + 1) * axis.Length)]))];
    }

    /// <summary>The curves as datasets for the merged file.</summary>
    public IReadOnlyList<Dataset> Datasets()
    {
        int classes = Scales.Max(s => s.Length);
        return
        [
            new Dataset("theory_axis", ["theory_axis"], [Axis.Length], Axis, "1", "value of the swept parameter"),
            Times("theory_axis_generalization_time", s => s.Generalization, "theory: generalization time τ_gen^c along the sweep"),
            Times("theory_axis_memorization_time", s => s.Memorization, "theory: memorization time τ_mem^c along the sweep"),
        ];

        Dataset Times(string name, Func<TimeScales, double> value, string longName) =>
            new(name, ["theory_axis", "class"], [Axis.Length, classes], Scales.SelectMany(s => s.Select(value)).ToArray(), "s", longName);
    }

    private static double[] Grid(double[] given, int points, string path)
    {
        (double from, double to) = (given[0], given[^1]);
        bool logarithmic = from > 0 && to >= LogarithmicFrom * from && !path.EndsWith(".weight", StringComparison.Ordinal);
        return [.. Enumerable.Range(0, points).Select(i =>
        {
            double u = (double)i / (points - 1);
            return i == 0 ? from : i == points - 1 ? to : logarithmic ? from * Math.Pow(to / from, u) : from + u * (to - from);
        })];
    }

    private static double Interpolate(double[] x, double[] y, double at)
    {
        int k = Math.Clamp(Array.FindIndex(x, v => v >= at), 1, x.Length - 1);
        return y[k - 1] + (y[k] - y[k - 1]) * (at - x[k - 1]) / (x[k] - x[k - 1]);
    }

    private static JsonNode Value(string path, double value) => WholeNumbers.Contains(path) ? JsonValue.Create((long)Math.Round(value)) : JsonValue.Create(value);

    private static TimeScales[] At(ExperimentSpec spec, TheoryStore store)
    {
        DescentSpec descent = spec.Descent!;
        try
        {
            LossCurves losses = store.Losses(
                TheoryModel.From(spec.Model, spec.DiffusionTime), [.. EpochSchedule.Logarithmic(descent.Epochs, descent.Records).Select(k => 2 * descent.LearningRate * k)],
                descent.LearningRate);
            return [.. spec.Model.Classes.Select((_, c) => losses.TimeScales(c))];
        }
        catch (Exception e) when (e is ArgumentException or TheoryConvergenceException)
        {
            return [.. spec.Model.Classes.Select(_ => new TimeScales(double.NaN, double.NaN, double.NaN))];
        }
    }
}
