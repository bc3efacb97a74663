namespace Hpc.Diffusion.Speciation;

/// <summary>Where a curve over diffusion time crosses a threshold.</summary>
public static class TransitionTimes
{
    /// <summary>RMS overlap at which a class counts as speciated (theory.md section 6, the same in simulation and theory).</summary>
    public const double OverlapThreshold = 0.5;

    /// <summary>The first time at which the curve falls below the threshold, by linear interpolation; NaN when it starts below or never falls.</summary>
    /// <param name="times">Ascending.</param>
    /// <param name="values">One for each time.</param>
    /// <param name="threshold">The threshold.</param>
    public static double Falling(IReadOnlyList<double> times, IReadOnlyList<double> values, double threshold)
    {
        for (int i = 1; i < times.Count && values[i - 1] >= threshold; i++)
        {
            if (values[i] < threshold)
            {
                return times[i - 1] + (times[i] - times[i - 1]) * (values[i - 1] - threshold) / (values[i - 1] - values[i]);
            }
        }

        return double.NaN;
    }
}
