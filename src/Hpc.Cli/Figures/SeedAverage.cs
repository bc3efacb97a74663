namespace Hpc.Cli.Figures;

/// <summary>Mean over seeds and its standard error: sample standard deviation (n − 1) over √n; the error of one seed is NaN.</summary>
internal static class SeedAverage
{
    public static (double Mean, double Error) Of(ReadOnlySpan<double> values)
    {
        double mean = 0, squares = 0;
        foreach (double value in values)
            mean += value / values.Length;
        foreach (double value in values)
            squares += (value - mean) * (value - mean);
        return (values.Length == 0 ? double.NaN : mean,
            values.Length < 2 ? double.NaN : Math.Sqrt(squares / (values.Length - 1) / values.Length));
    }
}
