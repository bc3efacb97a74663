namespace Hpc.Numerics.Krylov;

/// <summary>An average over random probe vectors.</summary>
/// <param name="Value">Mean over the probes.</param>
/// <param name="StandardError">Standard error of the mean; NaN for a single probe.</param>
public readonly record struct SpectralEstimate(double Value, double StandardError)
{
    internal static SpectralEstimate Of(ReadOnlySpan<double> values)
    {
        double sum = 0, squares = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        double mean = sum / values.Length;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return new SpectralEstimate(mean, values.Length < 2 ? double.NaN : Math.Sqrt(squares / (values.Length - 1) / values.Length));
    }
}
