namespace Hpc.Diffusion.Measurement;

/// <summary>
/// When one class is generalized and when it is memorized (theory.md section 7), in the rescaled training time s; the same
/// measurement for simulated and theoretical loss curves. A time that the curve does not reach is NaN.
/// </summary>
/// <param name="Generalization">First s at which the drop of the test loss from its untrained value 1 is 90 % of its largest drop.</param>
/// <param name="Memorization">First s at which test loss − train loss reaches 0.1.</param>
/// <param name="MemorizationRise">First s after the minimum of the test loss at which it exceeds that minimum by 5 %.</param>
public readonly record struct TimeScales(double Generalization, double Memorization, double MemorizationRise)
{
    public const double DefaultDropFraction = 0.9;
    public const double DefaultGap = 0.1;
    public const double DefaultRise = 0.05;

    /// <summary>Loss of the untrained readout A = 0, exact at any size.</summary>
    private const double UntrainedLoss = 1;

    /// <summary>
    /// Measures the times on records at increasing <paramref name="s"/>, log-interpolated in s between records (linearly from s = 0).
    /// </summary>
    /// <param name="s">Rescaled training times, non-negative and strictly increasing; s = 0 may be left out.</param>
    /// <param name="train">Train loss of the class at each s.</param>
    /// <param name="test">Test loss of the class at each s.</param>
    /// <param name="dropFraction">Fraction of the largest drop that counts as generalized, in (0, 1].</param>
    /// <param name="gap">Gap between test and train loss that counts as memorized, positive.</param>
    /// <param name="rise">Relative rise above the minimum that counts as memorized, positive.</param>
    /// <exception cref="ArgumentException">Lengths differ, or s is negative or not increasing, or a threshold is out of range.</exception>
    public static TimeScales Measure(
        ReadOnlySpan<double> s,
        ReadOnlySpan<double> train,
        ReadOnlySpan<double> test,
        double dropFraction = DefaultDropFraction,
        double gap = DefaultGap,
        double rise = DefaultRise)
    {
        if (s.Length != train.Length || s.Length != test.Length)
        {
            throw new ArgumentException(
                $"The curves have {s.Length} times, {train.Length} train and {test.Length} test losses: give one of each per record.");
        }

        for (int i = 0; i < s.Length; i++)
        {
            if (!(s[i] >= 0) || (i > 0 && s[i] <= s[i - 1]))
            {
                throw new ArgumentException($"Record {i} is at s = {s[i]}: times must be non-negative and strictly increasing.", nameof(s));
            }
        }

        if (!(dropFraction > 0 && dropFraction <= 1 && gap > 0 && rise > 0))
        {
            throw new ArgumentException(
                $"Thresholds are drop {dropFraction}, gap {gap}, rise {rise}: the drop must lie in (0, 1], the others be positive.");
        }

        int lowest = -1;
        double minimum = UntrainedLoss;
        var gaps = new double[s.Length];
        for (int i = 0; i < s.Length; i++)
        {
            gaps[i] = test[i] - train[i];
            if (test[i] < minimum)
            {
                minimum = test[i];
                lowest = i;
            }
        }

        double generalization = lowest < 0
            ? double.NaN
            : FirstCrossing(s, test, 0, UntrainedLoss, UntrainedLoss - dropFraction * (UntrainedLoss - minimum), upward: false);
        double memorization = FirstCrossing(s, gaps, 0, 0, gap, upward: true);
        double risen = FirstCrossing(s, test, lowest + 1, minimum, (1 + rise) * minimum, upward: true);
        return new TimeScales(generalization, memorization, risen);
    }

    /// <summary>First s from record <paramref name="from"/> on at which the curve reaches the level.</summary>
    /// <param name="before">Value of the curve one record before <paramref name="from"/>, or at s = 0.</param>
    private static double FirstCrossing(
        ReadOnlySpan<double> s, ReadOnlySpan<double> curve, int from, double before, double level, bool upward)
    {
        for (int i = from; i < s.Length; i++)
        {
            if (upward ? curve[i] >= level : curve[i] <= level)
            {
                double start = i == 0 ? 0 : s[i - 1];
                double fraction = curve[i] == before ? 1 : (level - before) / (curve[i] - before);
                return start == 0 ? fraction * s[i] : start * Math.Pow(s[i] / start, fraction);
            }

            before = curve[i];
        }

        return double.NaN;
    }
}
