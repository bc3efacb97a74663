using Hpc.Ddpm.Measurement;
using Hpc.Numerics.Randomness;

namespace Hpc.Ddpm.Comparison;

/// <summary>How two quantities of pairs go together: a coefficient with its 95 % bootstrap interval.</summary>
/// <param name="Value">The coefficient, −1 to 1; NaN where it is not defined.</param>
/// <param name="Interval">Its interval; NaN where it is not defined.</param>
/// <param name="Pairs">Pairs that have both quantities.</param>
public sealed record Correlation(double Value, Interval Interval, int Pairs)
{
    /// <summary>Two points are always on a line: with fewer pairs than this there is no coefficient.</summary>
    public const int LeastPairs = 3;

    private const double Tail = 0.025;

    /// <summary>Pearson's coefficient of two lists of the same length; NaN where one of them does not vary, or with fewer than two values.</summary>
    public static double Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        if (x.Count < 2)
        {
            return double.NaN;
        }

        double meanX = x.Average(), meanY = y.Average(), xx = 0, yy = 0, xy = 0;
        for (int i = 0; i < x.Count; i++)
        {
            (double dx, double dy) = (x[i] - meanX, y[i] - meanY);
            (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
        }

        // Equal values leave rounding alone.
        double noise = 1e-30 * x.Count;
        return xx <= noise * meanX * meanX || yy <= noise * meanY * meanY || xx == 0 || yy == 0 ? double.NaN : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    /// <summary>Spearman's coefficient: Pearson's of the ranks.</summary>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) => Pearson(Ranks(x), Ranks(y));

    /// <summary>Ranks from 1; equal values share the mean of theirs.</summary>
    public static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        double[] ranks = new double[values.Count];
        for (int first = 0, next; first < order.Length; first = next)
        {
            for (next = first + 1; next < order.Length && values[order[next]] == values[order[first]]; next++)
            {
            }

            for (int i = first; i < next; i++)
            {
                ranks[order[i]] = (first + next + 1) / 2.0;
            }
        }

        return ranks;
    }

    /// <summary>
    /// The coefficient of the means over seeds. Its interval is between quantiles over resamples: pairs are drawn with replacement, and within each
    /// pair its seeds, the same ones for both quantities where these have equally many. Resamples with fewer than <see cref="LeastPairs"/>
    /// different pairs, or where a quantity does not vary, are passed over.
    /// </summary>
    /// <param name="coefficient"><see cref="Pearson"/> or <see cref="Spearman"/>.</param>
    /// <param name="x">Values of one quantity: for each pair those of its seeds, without NaN; a quantity without seeds has one value.</param>
    /// <param name="y">Values of the other.</param>
    /// <param name="resamples">Number of resamples.</param>
    /// <param name="seed">Seed of the resamples.</param>
    public static Correlation Measure(
        Func<IReadOnlyList<double>, IReadOnlyList<double>, double> coefficient, IReadOnlyList<double[]> x, IReadOnlyList<double[]> y, int resamples, uint seed)
    {
        int[] pairs = [.. Enumerable.Range(0, x.Count).Where(i => x[i].Length > 0 && y[i].Length > 0)];
        if (pairs.Length < LeastPairs)
        {
            return new Correlation(double.NaN, new Interval(double.NaN, double.NaN), pairs.Length);
        }

        int draws = 1 + 2 * pairs.Max(i => Math.Max(x[i].Length, y[i].Length));
        double[] uniform = new double[pairs.Length * draws];
        var values = new List<double>();
        for (int b = 0; b < resamples; b++)
        {
            new RandomStream(seed, StreamPurpose.Bootstrap).FillUniforms(b, 0, uniform);
            int[] chosen = [.. Enumerable.Range(0, pairs.Length).Select(i => pairs[Pick(uniform[i * draws], pairs.Length)])];
            if (chosen.Distinct().Count() >= LeastPairs)
            {
                values.Add(coefficient(
                    [.. chosen.Select((pair, i) => Resampled(x[pair], uniform.AsSpan(i * draws + 1)))],
                    [.. chosen.Select((pair, i) => Resampled(y[pair], uniform.AsSpan(i * draws + 1 + (x[pair].Length == y[pair].Length ? 0 : draws / 2))))]));
            }
        }

        return new Correlation(
            coefficient([.. pairs.Select(i => x[i].Average())], [.. pairs.Select(i => y[i].Average())]), Interval.Between(values, Tail), pairs.Length);

        static int Pick(double uniform, int count) => Math.Min((int)(uniform * count), count - 1);

        static double Resampled(double[] seeds, ReadOnlySpan<double> uniform)
        {
            double sum = 0;
            for (int i = 0; i < seeds.Length; i++)
            {
                sum += seeds[Pick(uniform[i], seeds.Length)];
            }

            return sum / seeds.Length;
        }
    }
}
