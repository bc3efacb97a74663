namespace Hpc.Kernels;

/// <summary>Averages over the samples, one value a feature.</summary>
/// <param name="FirstOrder">Mean of C_1; over σ_i it is the gain E[φ′] (Stein's lemma).</param>
/// <param name="SecondMoment">Mean of E[φ²], the diagonal of U.</param>
/// <param name="Squares">Mean of C_k² for each order k: what the order adds to the second moment.</param>
public sealed record HermiteMoments(double[] FirstOrder, double[] SecondMoment, double[][] Squares);
