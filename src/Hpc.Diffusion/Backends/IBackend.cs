using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Backends;

/// <summary>
/// Where the heavy operations of a realization run: the SIMD kernels of the processor or an accelerator. Solvers ask for what they need and
/// do not know which it is; random numbers are the same everywhere, so that results agree to rounding.
/// </summary>
public interface IBackend
{
    /// <summary>The device, as it is recorded with results.</summary>
    string Description { get; }

    /// <summary>Versions of what stands between the engine and the device, for the record.</summary>
    IReadOnlyDictionary<string, string> Versions { get; }

    /// <summary>Prepares the descent with fresh noise.</summary>
    /// <param name="realization">W and the training samples.</param>
    /// <param name="forward">The noise.</param>
    /// <param name="learningRate">η₀.</param>
    /// <param name="single">Whether products are in single precision.</param>
    /// <param name="team">Threads for what runs on the processor.</param>
    IFreshNoiseModel CreateFreshNoise(Realization realization, ForwardProcess forward, double learningRate, bool single, ThreadTeam team);

    /// <summary>Prepares covariances that are averaged exactly over the noise.</summary>
    /// <param name="realization">W and φ.</param>
    /// <param name="forward">t.</param>
    /// <param name="single">Whether they are summed and kept in single precision; products with them are in double.</param>
    /// <param name="team">Threads for what runs on the processor.</param>
    IExactCovariances CreateCovariances(Realization realization, ForwardProcess forward, bool single, ThreadTeam team);

    /// <summary>Where the Lanczos method keeps feature vectors.</summary>
    /// <param name="planned">How precisely.</param>
    FeatureStorage Storage(FeatureStorage planned);
}
