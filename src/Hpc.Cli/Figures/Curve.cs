using Hpc.Results;

namespace Hpc.Cli.Figures;

/// <summary>One quantity over training time, or over what the axis of a figure shows: mean and standard error over seeds.</summary>
/// <param name="Label">How the curve is found in a plot, for example "class 1 test".</param>
/// <param name="Times">s, or x, ascending.</param>
/// <param name="Values">Mean over seeds, one per time.</param>
/// <param name="Errors">Standard error over seeds, one per time; null for theory and for a single seed.</param>
public sealed record Curve(string Label, double[] Times, double[] Values, double[]? Errors)
{
    /// <summary>
    /// The curve of class <paramref name="index"/> of a dataset [seed, epoch, class], or, with <paramref name="minus"/>, of the
    /// difference of two: taken within each seed first, since the two are correlated.
    /// </summary>
    public static Curve OverSeeds(string label, double[] times, Dataset values, int index, Dataset? minus = null)
    {
        int seeds = values.Shape[0], epochs = values.Shape[1], classes = values.Shape[2];
        double[] mean = new double[epochs], error = new double[epochs], sample = new double[seeds];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            for (int seed = 0; seed < seeds; seed++)
            {
                int at = (seed * epochs + epoch) * classes + index;
                sample[seed] = values.Doubles[at] - (minus?.Doubles[at] ?? 0);
            }

            (mean[epoch], error[epoch]) = SeedAverage.Of(sample);
        }

        return new Curve(label, times, mean, seeds > 1 ? error : null);
    }

    /// <summary>The curve of a function of seed and point.</summary>
    public static Curve OfSeeds(string label, double[] x, int seeds, Func<int, int, double> value)
    {
        double[] mean = new double[x.Length], error = new double[x.Length];
        for (int k = 0; k < x.Length; k++)
        {
            (mean[k], error[k]) = SeedAverage.Of([.. Enumerable.Range(0, seeds).Select(seed => value(seed, k))]);
        }

        return new Curve(label, x, mean, seeds > 1 ? error : null);
    }

    /// <summary>The curve of class <paramref name="index"/> of a dataset [time, class] of the theory.</summary>
    public static Curve OfTheory(string label, double[] times, Dataset values, int index, Dataset? minus = null)
    {
        int classes = values.Shape[1];
        return new Curve(
            label, times,
            [.. times.Select((_, k) => values.Doubles[k * classes + index] - (minus?.Doubles[k * classes + index] ?? 0))], null);
    }
}
