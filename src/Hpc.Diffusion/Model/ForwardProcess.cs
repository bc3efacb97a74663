using Hpc.Numerics;

namespace Hpc.Diffusion.Model;

/// <summary>The forward Ornstein–Uhlenbeck process x_t = e^{−t} x + √Δ ξ (theory.md section 1).</summary>
/// <param name="time">Diffusion time t.</param>
public readonly struct ForwardProcess(double time)
{
    public double Time { get; } = time;

    /// <summary>e^{−t}, what is left of the sample.</summary>
    public double Decay { get; } = Math.Exp(-time);

    /// <summary>Δ = 1 − e^{−2t}, the variance of the noise.</summary>
    public double NoiseLevel { get; } = -Elementary.ExpM1(-2 * time);

    /// <summary>√Δ.</summary>
    public double NoiseAmplitude => Math.Sqrt(NoiseLevel);

    /// <summary>Γ² = e^{−2t}σ² + Δ, the variance of a noised component of a class of variance σ².</summary>
    public double NoisedVariance(double variance) => Decay * Decay * variance + NoiseLevel;
}
