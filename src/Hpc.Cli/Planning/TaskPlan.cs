using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Kernels.Memory;

namespace Hpc.Cli.Planning;

/// <summary>What one task will take, for one method.</summary>
/// <param name="Method">The method; dense also for a fresh-noise descent without a spectrum, which needs neither.</param>
/// <param name="Storage">What the Lanczos method keeps between products.</param>
/// <param name="MemoryBytes">Peak memory.</param>
/// <param name="WorkspaceBytes">Part of it that records of the descent may take.</param>
/// <param name="Stages">Flops, bytes and time; empty without rates.</param>
public sealed record TaskPlan(SpectrumMethod Method, FeatureStorage Storage, double MemoryBytes, long WorkspaceBytes, IReadOnlyList<PlanStage> Stages)
{
    /// <summary>What the speciation block keeps between products, where it does not form U for all eigenvectors.</summary>
    public FeatureStorage SpeciationStorage { get; init; } = FeatureStorage.Double;

    /// <summary>Whether what follows from the covariance is kept for the next task of a run.</summary>
    public bool KeepsCovariance { get; init; }

    /// <summary>Memory of what is kept; part of the peak.</summary>
    public double KeptBytes { get; init; }

    /// <summary>Peak memory of the device; nothing on the processor.</summary>
    public DeviceMemory Device { get; init; }

    /// <summary>The method and what it keeps, for the record.</summary>
    public string Description => Method != SpectrumMethod.Lanczos ? "dense"
        : Storage == FeatureStorage.Regenerated ? "lanczos, features made again at every product"
        : $"lanczos, kept in {(Storage == FeatureStorage.Single ? "single" : "double")} precision";

    /// <summary>Predicted time of the task.</summary>
    public double Seconds => Stages.Sum(s => s.Seconds);

    /// <summary>The part of it that tasks with the same covariance need once.</summary>
    public double CommonSeconds => KeepsCovariance ? Stages.Where(s => s.IsCommon).Sum(s => s.Seconds) : 0;
}
