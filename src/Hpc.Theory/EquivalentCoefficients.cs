namespace Hpc.Theory;

/// <summary>
/// Gaussian-equivalence coefficients of one neuron for one class (theory.md section 3).
/// </summary>
/// <param name="MeanFeature">α_c(u) = E φ.</param>
/// <param name="LinearGain">κ_c(u) = E φ'.</param>
/// <param name="SampleVariance">v_c²(u), variance of the nonlinear part that the sample fixes.</param>
/// <param name="NoiseVariance">s_c²(u), variance of the nonlinear part that the noise averages.</param>
public readonly record struct EquivalentCoefficients(
    double MeanFeature, double LinearGain, double SampleVariance, double NoiseVariance);
