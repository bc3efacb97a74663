namespace Hpc.Diffusion.Operators;

/// <summary>
/// Weight · [α αᵀ + LinearVariance D_κ (W Wᵀ/N) D_κ + diag(Diagonal)], one class of a population covariance (theory.md section 3).
/// </summary>
/// <param name="Weight">Factor of the whole term.</param>
/// <param name="MeanFeature">α, length P; null where the mean is left out.</param>
/// <param name="LinearVariance">Δ for the noise alone, Γ_c² for a whole class.</param>
/// <param name="LinearGain">κ, length P.</param>
/// <param name="Diagonal">Length P.</param>
public sealed record StructuredTerm(double Weight, double[]? MeanFeature, double LinearVariance, double[] LinearGain, double[] Diagonal);
