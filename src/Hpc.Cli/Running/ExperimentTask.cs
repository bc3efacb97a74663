using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Running;

/// <summary>One sweep point at one seed.</summary>
/// <param name="Point">The sweep point.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Precision">single or double.</param>
public sealed record ExperimentTask(SweepPoint Point, long Seed, string Precision) : IRunTask
{
    public string Hash { get; } = SpecWriter.TaskHash(Point.Spec, Seed, Precision);

    public string PointName => string.Join(", ", Point.Values.Select(v => v.Value.ToJsonString()));

    public int PointIndex => Point.Index;

    public string Name => Point.Values.Count == 0 ? $"seed {Seed}" : $"{PointName}, seed {Seed}";

    public double Cost
    {
        get
        {
            ModelSpec model = Point.Spec.Model;
            double features = model.Features, dimension = model.Dimension, samples = model.Samples;
            return Point.Spec.Descent is { Dynamics: DescentDynamics.FreshNoise } descent
                ? 6 * features * dimension * samples * descent.Epochs
                : 20 * features * features * features + 8 * features * features * samples;
        }
    }

    /// <summary>All tasks of a spec: sweep points × seeds.</summary>
    public static IReadOnlyList<ExperimentTask> Expand(ExperimentSpec spec, string precision) =>
        [.. from point in SweepPoint.Expand(spec)
            from seed in Enumerable.Range(0, spec.Seeds.Count)
            select new ExperimentTask(point, spec.Seeds.First + seed, precision)];
}
