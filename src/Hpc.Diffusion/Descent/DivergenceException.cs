using System.Globalization;

namespace Hpc.Diffusion.Descent;

/// <summary>A descent left what a stable one reaches: the message names the epoch and the cause.</summary>
public sealed class DivergenceException(string message) : Exception(message)
{
    /// <summary>The train loss is 1 at the start and falls on average: far above that a descent does not come back.</summary>
    private const double LargestTrainLoss = 100;

    /// <summary>Checks the train losses of one epoch, one per class.</summary>
    /// <exception cref="DivergenceException">One is not finite or above 100.</exception>
    internal static void ThrowIfDiverged(long epoch, ReadOnlySpan<double> trainLosses)
    {
        for (int c = 0; c < trainLosses.Length; c++)
        {
            if (!(trainLosses[c] <= LargestTrainLoss))
            {
                throw new DivergenceException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the descent diverged: in epoch {epoch} the train loss of class {c + 1} is {trainLosses[c]:G4}, from 1 at the start. The step is stable for the averaged gradient, but the noise of single epochs is too strong for it: lower descent.learningRate"));
            }
        }
    }
}
