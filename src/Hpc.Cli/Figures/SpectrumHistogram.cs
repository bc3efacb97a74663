namespace Hpc.Cli.Figures;

/// <summary>
/// Density of eigenvalues in ln λ, that is λ ρ(λ), in equal bins of log₁₀ λ: in this measure equal areas are equal fractions of the
/// eigenvalues at every scale, so that bulks decades apart are seen together. Mean and standard error over seeds and probe vectors.
/// </summary>
/// <param name="Edges">log₁₀ λ of the bin edges, one more than bins.</param>
/// <param name="Density">λ ρ(λ) per bin, mean over samples; Σ Density · ln 10 · bin width + <paramref name="Below"/> = 1.</param>
/// <param name="Errors">Standard error over samples per bin; NaN with one.</param>
/// <param name="Below">
/// Fraction of eigenvalues that are zero within rounding, λ ≤ P · 2⁻⁵² · λ_max, and have no place on a logarithmic axis.
/// </param>
public sealed record SpectrumHistogram(double[] Edges, double[] Density, double[] Errors, double Below)
{
    /// <summary>Width of every bin in log₁₀ λ.</summary>
    public double BinWidth => Edges[1] - Edges[0];

    /// <summary>
    /// Bins the points of <paramref name="samples"/> by their weights. Bins per decade grow as the cube root of the number of places,
    /// between 6 and 24, so that a sparse spectrum is not shredded.
    /// </summary>
    /// <param name="samples">Spectral distributions.</param>
    /// <param name="features">P.</param>
    /// <returns>The histogram, or null when no eigenvalue is positive and finite.</returns>
    public static SpectrumHistogram? Of(SpectralSamples samples, int features)
    {
        ReadOnlySpan<double> values = samples.Values;
        double largest = 0;
        foreach (double value in values)
            largest = double.IsFinite(value) ? Math.Max(largest, value) : largest;
        if (largest == 0)
            return null;

        double threshold = features * Math.Pow(2, -52) * largest;
        double smallest = largest;
        foreach (double value in values)
            smallest = value > threshold ? Math.Min(smallest, value) : smallest;

        int perDecade = Math.Clamp((int)Math.Cbrt(samples.Places), 6, 24);
        double width = 1.0 / perDecade;
        int first = (int)Math.Floor(Math.Log10(smallest) / width), last = (int)Math.Floor(Math.Log10(largest) / width);
        int bins = last - first + 1, count = samples.Count;
        double[] parts = new double[bins * count];
        double below = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] > threshold)
                parts[((int)Math.Floor(Math.Log10(values[i]) / width) - first) * count + i / samples.Points] += samples.Weight(i);
            else
                below += samples.Weight(i) / count;
        }

        double[] density = new double[bins], errors = new double[bins];
        double unit = 1 / (width * Math.Log(10));
        for (int bin = 0; bin < bins; bin++)
        {
            (double mean, double error) = SeedAverage.Of(parts.AsSpan(bin * count, count));
            (density[bin], errors[bin]) = (mean * unit, error * unit);
        }

        return new SpectrumHistogram([.. Enumerable.Range(first, bins + 1).Select(edge => edge * width)], density, errors, below);
    }
}
