using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Descent;

/// <summary>Keeps the state of a descent that goes epoch by epoch, so that one that was stopped goes on as if it had not been.</summary>
public interface IDescentCheckpoint
{
    /// <summary>Whether it is time to save again.</summary>
    bool IsDue { get; }

    /// <summary>Saves the state after an epoch.</summary>
    /// <param name="epoch">Epochs done.</param>
    /// <param name="records">Records done; one that is due at <paramref name="epoch"/> may be missing.</param>
    /// <param name="readout">Aᵀ, P×N.</param>
    /// <param name="remainder">What the readout lacks to the device's, P×N; null where it lacks nothing.</param>
    /// <param name="losses">Recorded so far, arrays of one number per record and class.</param>
    void Save(long epoch, int records, MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses);

    /// <summary>
    /// Fills in the state that was saved last; null when there is none, and nothing was changed. A remainder that was not saved, on another
    /// device, is zero.
    /// </summary>
    /// <inheritdoc cref="Save" path="/param"/>
    (long Epoch, int Records)? Load(MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses);
}
