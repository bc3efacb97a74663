using Hpc.Diffusion.Measurement;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Backends;

/// <summary>
/// The score model of one realization while it descends with fresh noise (theory.md section 1). As <see cref="IReadouts"/> it is one
/// network, the one that the readout stands for.
/// </summary>
public interface IFreshNoiseModel : IReadouts, IDisposable
{
    /// <summary>Aᵀ, P×N, zero at first and kept to double precision. What the caller writes there counts from the next epoch on.</summary>
    /// <remarks>To be asked for again after <see cref="Run"/>, which may leave the view behind.</remarks>
    MatrixView<double> Readout { get; }

    /// <summary>
    /// What <see cref="Readout"/> lacks to the sum that the device keeps, P×N, at most half an ulp of it; null where the readout is all there is.
    /// What goes on from both is bit-identical. To be asked for, and written, as the readout is.
    /// </summary>
    MatrixView<double>? Remainder => null;

    /// <summary>Epochs that <see cref="Run"/> should be given at a time: enough to keep the device busy.</summary>
    int EpochsAtATime { get; }

    /// <summary>
    /// Runs epochs first … first + count − 1. Epoch k draws one noise vector for every training sample, number μN + i of step k of the stream
    /// for training noise: A ← A − (2η₀/(M√Δ)) Σ_μ (√Δ A φ^μ + ξ^μ) φ^μᵀ.
    /// </summary>
    /// <param name="first">The first epoch, counted from 1.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="classLosses">
    /// Receives, for each class, the mean of ‖√Δ A φ^μ + ξ^μ‖²/N in the last of the epochs, before its step.
    /// </param>
    void Run(long first, int count, Span<double> classLosses);

    /// <summary>y = ΦΦᵀx/M with the features of the noise of the first epoch.</summary>
    void ApplyCovariance(ReadOnlySpan<double> x, Span<double> y);
}
