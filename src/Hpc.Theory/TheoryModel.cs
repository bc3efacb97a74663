using Hpc.Diffusion.Spec;
using Hpc.Numerics;

namespace Hpc.Theory;

/// <summary>What the high-dimensional limit depends on: ratios instead of sizes (theory.md section 1).</summary>
/// <param name="FeatureRatio">χ_p = P/N, positive.</param>
/// <param name="SampleRatio">χ_m = M/N, positive.</param>
/// <param name="Activation">φ.</param>
/// <param name="Classes">b_c and σ_c² of the K classes; weights positive, summing to 1.</param>
/// <param name="CentroidGram">Gram, K×K, positive semi-definite.</param>
/// <param name="DiffusionTime">t, positive.</param>
public sealed record TheoryModel(
    double FeatureRatio,
    double SampleRatio,
    Activation Activation,
    IReadOnlyList<ClassSpec> Classes,
    double[][] CentroidGram,
    double DiffusionTime)
{
    /// <summary>Weights may miss 1 by the rounding of decimal fractions in a spec.</summary>
    private const double WeightTolerance = 1e-9;

    /// <summary>Δ = 1 − e^{−2t}.</summary>
    public double NoiseLevel => -Elementary.ExpM1(-2 * DiffusionTime);

    public static TheoryModel From(ModelSpec spec, double diffusionTime) =>
        new(spec.FeatureRatio, spec.SampleRatio, spec.Activation, spec.Classes, spec.CentroidGram, diffusionTime);

    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        if (!(FeatureRatio > 0 && double.IsFinite(FeatureRatio)) || !(SampleRatio > 0 && double.IsFinite(SampleRatio)))
        {
            throw new ArgumentException($"The ratios are P/N = {FeatureRatio}, M/N = {SampleRatio}; both must be positive and finite.");
        }

        if (Classes.Count == 0)
        {
            throw new ArgumentException("The mixture has no class; give at least one.");
        }

        double sum = Classes.Sum(c => c.Weight);
        if (Classes.Any(c => !(c.Weight > 0)) || !(Math.Abs(sum - 1) <= WeightTolerance))
        {
            throw new ArgumentException(
                $"The class weights are {string.Join(", ", Classes.Select(c => c.Weight))} (sum {sum}); they must be positive and sum to 1.");
        }

        if (CentroidGram.Length != Classes.Count)
        {
            throw new ArgumentException(
                $"The centroid Gram matrix has {CentroidGram.Length} rows; {Classes.Count} classes need {Classes.Count}.");
        }
    }
}
