using Hpc.Numerics.Randomness;

namespace Hpc.Ddpm.Measurement;

/// <summary>
/// How much of each class is memorized over the training time. A sample is of the class of its nearest training image, and memorized when
/// d₁/d₂ is below a ratio; the fraction of a class is that of the samples of this class. Sample number i is drawn from the same noise at
/// every record, so that resampling takes whole histories.
/// </summary>
public sealed class MemorizationCurves
{
    /// <summary>Part of the resamples outside an interval, below and above.</summary>
    private const double Tail = 0.025;

    private readonly IReadOnlyList<long> steps;
    private readonly int classes;
    private readonly int samples;
    private readonly int[][] members;
    private readonly bool[][] memorized;

    /// <param name="steps">Recorded training steps, ascending.</param>
    /// <param name="records">Neighbours of every sample at every record.</param>
    /// <param name="imageClasses">Class of every training image.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="ratio">Below which a sample is memorized.</param>
    public MemorizationCurves(IReadOnlyList<long> steps, IReadOnlyList<Neighbours[]> records, int[] imageClasses, int classes, double ratio)
    {
        (this.steps, this.classes, samples) = (steps, classes, records[0].Length);
        members = [.. records.Select(record => Array.ConvertAll(record, n => imageClasses[n.Image]))];
        memorized = [.. records.Select(record => Array.ConvertAll(record, n => n.Ratio < ratio))];
        Fractions = Measure([.. Enumerable.Range(0, samples)]);
    }

    /// <summary>Memorized part of the samples of each class, records × classes; NaN where a class has no sample.</summary>
    public double[][] Fractions { get; }

    /// <summary>Number of samples of each class, records × classes.</summary>
    public long[][] Counts => [.. members.Select(record => Enumerable.Range(0, classes).Select(c => record.LongCount(member => member == c)).ToArray())];

    /// <summary>
    /// First training time at which the fraction of a class reaches a threshold, interpolated linearly in log step between two records; the
    /// first record where it is there at once, NaN where it never is. Records without samples of the class are passed over.
    /// </summary>
    public static double TimeOf(IReadOnlyList<long> steps, IReadOnlyList<double[]> fractions, int member, double threshold)
    {
        int before = -1;
        for (int r = 0; r < steps.Count; r++)
        {
            double now = fractions[r][member];
            if (now >= threshold)
            {
                if (before < 0)
                {
                    return steps[r];
                }

                double then = fractions[before][member], part = (threshold - then) / (now - then);
                return Math.Exp(Math.Log(steps[before]) + part * (Math.Log(steps[r]) - Math.Log(steps[before])));
            }

            before = double.IsNaN(now) ? before : r;
        }

        return double.NaN;
    }

    /// <summary>Time of every class at a threshold.</summary>
    public double[] Times(double threshold) => [.. Enumerable.Range(0, classes).Select(c => TimeOf(steps, Fractions, c, threshold))];

    /// <summary>Intervals of 95 % from resampling the samples, of everything at once.</summary>
    /// <param name="thresholds">Thresholds of the times.</param>
    /// <param name="resamples">Number of resamples.</param>
    /// <param name="seed">Seed of the resamples.</param>
    public MemorizationIntervals Bootstrap(IReadOnlyList<double> thresholds, int resamples, uint seed)
    {
        double[][][] fractions = new double[resamples][][];
        double[] uniform = new double[samples];
        int[] chosen = new int[samples];
        for (int b = 0; b < resamples; b++)
        {
            new RandomStream(seed, StreamPurpose.Bootstrap).FillUniforms(b, 0, uniform);
            for (int i = 0; i < samples; i++)
            {
                chosen[i] = Math.Min((int)(uniform[i] * samples), samples - 1);
            }

            fractions[b] = Measure(chosen);
        }

        double[][][] times = [.. thresholds.Select(threshold => fractions
            .Select(f => Enumerable.Range(0, classes).Select(c => TimeOf(steps, f, c, threshold) is var time && double.IsNaN(time) ? double.PositiveInfinity : time).ToArray())
            .ToArray())];
        return new MemorizationIntervals(
            [.. Enumerable.Range(0, steps.Count).Select(r => PerClass(c => fractions.Select(f => f[r][c])))],
            [.. times.Select(t => PerClass(c => t.Select(resample => resample[c])))],
            [.. times.Select(t => Interval.Between(t.Select(Gap), Tail))]);

        Interval[] PerClass(Func<int, IEnumerable<double>> values) => [.. Enumerable.Range(0, classes).Select(c => Interval.Between(values(c), Tail))];
    }

    /// <summary>log₁₀ of the first class's time over the second's: negative where the first is memorized first.</summary>
    public static double Gap(double[] times) => Math.Log10(times[0] / times[1]);

    private double[][] Measure(int[] chosen)
    {
        double[][] fractions = new double[steps.Count][];
        for (int r = 0; r < fractions.Length; r++)
        {
            int[] count = new int[classes], copies = new int[classes];
            foreach (int i in chosen)
            {
                count[members[r][i]]++;
                copies[members[r][i]] += memorized[r][i] ? 1 : 0;
            }

            fractions[r] = [.. copies.Select((n, c) => count[c] > 0 ? (double)n / count[c] : double.NaN)];
        }

        return fractions;
    }
}

/// <summary>Ends of an interval of 95 %; NaN where there is none.</summary>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>
    /// The interval between two quantiles of the values that are there (NaN: a class without samples, or a gap between two times that are never
    /// reached); an end that is infinite, since so many resamples do not reach a time, is NaN.
    /// </summary>
    /// <param name="values">The values of all resamples.</param>
    /// <param name="tail">Part of them outside, below and above.</param>
    public static Interval Between(IEnumerable<double> values, double tail)
    {
        double[] sorted = [.. values.Where(v => !double.IsNaN(v)).Order()];
        return sorted.Length == 0 ? new Interval(double.NaN, double.NaN) : new Interval(At(tail), At(1 - tail));

        double At(double part)
        {
            double place = part * (sorted.Length - 1);
            int below = (int)place;
            double weight = place - below, value = weight == 0 ? sorted[below] : (1 - weight) * sorted[below] + weight * sorted[below + 1];
            return double.IsFinite(value) ? value : double.NaN;
        }
    }
}

/// <summary>Intervals from resampling.</summary>
/// <param name="Fractions">Of the memorized fractions, records × classes.</param>
/// <param name="Times">Of the memorization times, thresholds × classes.</param>
/// <param name="Gaps">Of the gaps, one for each threshold.</param>
public sealed record MemorizationIntervals(Interval[][] Fractions, Interval[][] Times, Interval[] Gaps);
