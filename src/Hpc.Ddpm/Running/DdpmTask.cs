using System.Text.Json.Nodes;
using Hpc.Cli.Running;
using Hpc.Ddpm.Network;
using Hpc.Ddpm.Spec;
using Hpc.Diffusion.Spec;

namespace Hpc.Ddpm.Running;

/// <summary>One pair of classes at one seed.</summary>
/// <param name="Spec">The experiment.</param>
/// <param name="PointIndex">Position of the pair in the spec.</param>
/// <param name="Seed">The seed.</param>
public sealed record DdpmTask(DdpmSpec Spec, int PointIndex, long Seed) : IRunTask
{
    /// <summary>Weights, gradients and products are in single precision.</summary>
    public const string Precision = "single";

    public string Hash { get; } = HashOf(Spec, PointIndex, Seed);

    public string PointName => Spec.PairName(Partner);

    /// <summary>Label of the partner of the reference class.</summary>
    public int Partner => Spec.Partners[PointIndex];

    public string Name => $"{PointName}, seed {Seed}";

    public double Cost => new NetworkCost(Spec).TaskFlops;

    /// <summary>All tasks of a spec: pairs × seeds.</summary>
    public static IReadOnlyList<DdpmTask> Expand(DdpmSpec spec) =>
        [.. from pair in Enumerable.Range(0, spec.Partners.Count)
            from seed in Enumerable.Range(0, spec.Seeds.Count)
            select new DdpmTask(spec, pair, spec.Seeds.First + seed)];

    /// <summary>Everything of the spec but its name, the other pairs and the other seeds.</summary>
    private static string HashOf(DdpmSpec spec, int pair, long seed)
    {
        JsonObject physics = DdpmSpecReader.Write(spec with { Partners = [spec.Partners[pair]] });
        physics.Remove("name");
        return SpecWriter.TaskHash(physics, seed, Precision);
    }
}
