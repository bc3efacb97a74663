using Hpc.Results;

namespace Hpc.Cli;

/// <summary>
/// Independent samples of the spectral distribution of U as weighted points: the eigenvalues of each seed, or the Gauss rule of each probe
/// vector of each seed. Averages over them have a standard error that comes from their spread.
/// </summary>
public sealed class SpectralSamples
{
    private readonly double[] values;
    private readonly double[]? weights;

    private SpectralSamples(double[] values, double[]? weights, int count) => (this.values, this.weights, Count) = (values, weights, count);

    /// <summary>Number of samples.</summary>
    public int Count { get; }

    /// <summary>Points of each sample.</summary>
    public int Points => values.Length / Count;

    /// <summary>
    /// Number of places that the points resolve: all eigenvalues, but those of one rule, since the Ritz values of different probe vectors
    /// lie at nearly the same places.
    /// </summary>
    public int Places => weights is null ? values.Length : Points;

    /// <summary>All points, sample after sample.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <summary>Eigenvalues of seeds, [seed, feature].</summary>
    public static SpectralSamples OfEigenvalues(Dataset eigenvalues) => new(eigenvalues.Doubles, null, eigenvalues.Shape[0]);

    /// <summary>Gauss rules of probe vectors, [seed, probe, step].</summary>
    public static SpectralSamples OfRules(Dataset nodes, Dataset weights) => new(nodes.Doubles, weights.Doubles, nodes.Shape[0] * nodes.Shape[1]);

    /// <summary>The samples of a merged result, or of none.</summary>
    public static SpectralSamples? Of(Func<string, Dataset?> find) =>
        find("eigenvalues") is { } eigenvalues ? OfEigenvalues(eigenvalues)
        : find("spectral_node") is { } nodes && find("spectral_weight") is { } weights ? OfRules(nodes, weights)
        : null;

    /// <summary>Weight of a point; those of a sample sum to 1.</summary>
    public double Weight(int point) => weights is null ? 1.0 / Points : weights[point];

    /// <summary>Σ w f(λ) over a sample with weights of its own for every point.</summary>
    public double Sum(int sample, ReadOnlySpan<double> weights, Func<double, double> f)
    {
        double sum = 0;
        for (int i = sample * Points; i < (sample + 1) * Points; i++)
        {
            sum += weights[i] * f(values[i]);
        }

        return sum;
    }

    /// <summary>Σ weight · f(λ) over a sample.</summary>
    public double Average(int sample, Func<double, double> f)
    {
        double sum = 0;
        for (int i = sample * Points; i < (sample + 1) * Points; i++)
        {
            sum += Weight(i) * f(values[i]);
        }

        return sum;
    }
}
