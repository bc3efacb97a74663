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

    /// <summary>Identity of what the covariance and its eigensystem depend on; null where the task has none.</summary>
    public string? CovarianceHash { get; } = Point.Spec.Spectrum is not null || Point.Spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged }
        ? SpecWriter.CovarianceHash(Point.Spec, Seed, Precision) : null;

    string? IRunTask.Common => CovarianceHash;

    public double Cost => CommonCost + OwnCost;

    public double CommonCost
    {
        get
        {
            ModelSpec model = Point.Spec.Model;
            double features = model.Features;
            return CovarianceHash is null ? 0 : (Point.Spec.Method == SpectrumMethod.Lanczos ? 0 : 20 * features * features * features) + 8 * features * features * model.Samples;
        }
    }

    private double OwnCost
    {
        get
        {
            ModelSpec model = Point.Spec.Model;
            double features = model.Features, dimension = model.Dimension, samples = model.Samples;
            return Point.Spec.Descent switch
            {
                { Dynamics: DescentDynamics.FreshNoise } fresh => 6 * features * dimension * samples * fresh.Epochs,
                { } when Point.Spec.Method == SpectrumMethod.Lanczos => 20 * features * features * features,
                { } descent => 2 * features * model.Classes.Count * (descent.Records * (2 * features + dimension * (double)descent.TestSamples) + features * descent.TestSamples),
                null => features * features * (dimension + samples),
            };
        }
    }

    /// <summary>All tasks of a spec: sweep points × seeds.</summary>
    public static IReadOnlyList<ExperimentTask> Expand(ExperimentSpec spec, string precision) =>
        [.. from point in SweepPoint.Expand(spec)
            from seed in Enumerable.Range(0, spec.Seeds.Count)
            select new ExperimentTask(point, spec.Seeds.First + seed, precision)];
}
