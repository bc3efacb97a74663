namespace Hpc.Diffusion.Operators;

/// <summary>Gaussian-equivalence coefficients of every neuron for one class, each of length P (theory.md section 3).</summary>
/// <param name="MeanFeature">α_c.</param>
/// <param name="LinearGain">κ_c.</param>
/// <param name="SampleVariance">v_c².</param>
/// <param name="NoiseVariance">s_c².</param>
public sealed record NeuronCoefficients(double[] MeanFeature, double[] LinearGain, double[] SampleVariance, double[] NoiseVariance);
