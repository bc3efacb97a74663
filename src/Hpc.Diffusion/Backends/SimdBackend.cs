using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Backends;

/// <summary>The SIMD kernels of the processor.</summary>
public sealed class SimdBackend : IBackend
{
    public string Description => $"cpu ({SimdSupport.Widest})";

    public IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string>();

    public IFreshNoiseModel CreateFreshNoise(Realization realization, ForwardProcess forward, double learningRate, bool single, ThreadTeam team) => single
        ? new SimdFreshNoiseModel<float>(realization, forward, learningRate, team)
        : new SimdFreshNoiseModel<double>(realization, forward, learningRate, team);

    public IExactCovariances CreateCovariances(Realization realization, ForwardProcess forward, bool single, ThreadTeam team) =>
        new SimdExactCovariances(realization, forward, single, team);

    public FeatureStorage Storage(FeatureStorage planned) => planned;
}
