using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Kernels;

/// <summary>
/// A random-features score model whose first layer, data and readout stay on a device: descent with fresh noise every epoch, and losses
/// of single draws (theory.md section 1). Nothing is allocated by an epoch.
/// </summary>
public interface IScoreModel : IDisposable
{
    /// <summary>Epochs that the readout has been trained for; the step of the noise of the next epoch.</summary>
    long Epoch { get; }

    /// <summary>Sets the readout.</summary>
    /// <param name="readout">Aᵀ, P×N.</param>
    /// <param name="epoch">The epoch that it belongs to.</param>
    void LoadReadout(MatrixView<double> readout, long epoch);

    /// <summary>Copies Aᵀ to <paramref name="readout"/>, P×N.</summary>
    void StoreReadout(MatrixView<double> readout);

    /// <summary>
    /// Gradient steps, each with one new noise draw ξ^μ for every training sample, number μN + i of step <see cref="Epoch"/> of the stream
    /// for training noise: A ← A − (2η₀/(M√Δ)) Σ_μ (√Δ A φ^μ + ξ^μ) φ^μᵀ. Returns before the device has finished.
    /// </summary>
    void Descend(long epochs);

    /// <summary>
    /// ‖√Δ s_A(x_t) + ξ‖²/N for draws on training samples: draw d takes sample first + (d mod count) and noise numbers dN … of a step of
    /// the
    /// stream for test noise.
    /// </summary>
    /// <param name="firstSample">First sample of the class.</param>
    /// <param name="sampleCount">Number of samples of the class.</param>
    /// <param name="noiseStep">Step of the noise stream.</param>
    /// <param name="firstDraw">Index of the first draw.</param>
    /// <param name="losses">Receives one loss a draw.</param>
    void TrainingLosses(int firstSample, int sampleCount, long noiseStep, long firstDraw, Span<double> losses);

    /// <summary>
    /// The same for fresh samples m_c + σ_c z: draw d takes numbers dN … of a step of the streams for test data and for test noise.
    /// </summary>
    /// <param name="centroid">m_c, length N.</param>
    /// <param name="deviation">σ_c.</param>
    /// <param name="step">Step of both streams.</param>
    /// <param name="firstDraw">Index of the first draw.</param>
    /// <param name="losses">Receives one loss a draw.</param>
    void FreshLosses(ReadOnlySpan<double> centroid, double deviation, long step, long firstDraw, Span<double> losses);

    /// <summary>
    /// Y = (1/DM) Σ φφᵀ X over D noise draws of every training sample, the covariance without any average in closed form; the noise is that
    /// of steps firstStep … firstStep + D − 1 of the stream for training noise, so that every application is of the same operator.
    /// </summary>
    /// <param name="firstStep">First step of the noise stream.</param>
    /// <param name="draws">D.</param>
    /// <param name="x">P×b.</param>
    /// <param name="y">Receives Y, P×b.</param>
    void ApplyCovariance(long firstStep, int draws, MatrixView<double> x, MatrixView<double> y);
}
