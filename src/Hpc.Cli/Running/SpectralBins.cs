using Hpc.Numerics.Krylov;

namespace Hpc.Cli.Running;

/// <summary>The bins of log₁₀ λ in which spectral masses are stored: the same for every seed, so that they can be averaged.</summary>
internal static class SpectralBins
{
    private const int PerDecade = 20, LowestDecade = -9, HighestDecade = 5;

    public const int Count = PerDecade * (HighestDecade - LowestDecade);

    /// <summary>λ at the lower edges of the bins, and at the upper edge of the last.</summary>
    public static double[] Edges { get; } = [.. Enumerable.Range(0, Count + 1).Select(i => Math.Pow(10, LowestDecade + i / (double)PerDecade))];

    /// <summary>Part of the spectrum in each bin.</summary>
    public static SpectralEstimate[] Masses(StochasticQuadrature quadrature) => [.. Enumerable.Range(0, Count).Select(i => quadrature.Mass(Edges[i], Edges[i + 1]))];
}
