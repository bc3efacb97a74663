using Hpc.Cli.Planning;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Diffusion.Speciation;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;
using Hpc.Theory;

namespace Hpc.Cli.Running;

/// <summary>The speciation block of a task: overlaps of mean features with the largest eigenvectors of U at every diffusion time (theory.md section 6).</summary>
internal sealed class SpeciationTask(
    ExperimentSpec spec, TaskPlan plan, Realization realization, bool single, TaskDatasets datasets, ISymmetricEigensolver eigensolver, ThreadTeam team,
    Action<string, string?> report)
{
    private readonly double[] times = [.. spec.Speciation!.DiffusionTimes(spec.Model.Dimension)];

    private readonly SpeciationSpec speciation = spec.Speciation!;

    /// <summary>Measures and names the results.</summary>
    /// <exception cref="SpecException">The largest eigenvalues did not converge.</exception>
    public void Run()
    {
        report("speciation", null);
        try
        {
            datasets.AddOverlaps(spec.Model.Dimension, times, speciation.Settled(spec.Model.Features, spec.Covariance) == SpectrumMethod.Dense ? Dense() : Lanczos());
        }
        catch (ArgumentException e)
        {
            throw new SpecException(e.Message);
        }

        if (speciation.LossSamples > 0)
        {
            report("losses of the exact scores", null);
            var loss = new ConditionalLoss(spec.Model, realization.Seed, speciation.LossSamples, team);
            datasets.AddConditionalLoss(times, AtEveryTime("losses of the exact scores", (t, _) => loss.At(new ForwardProcess(t))));
        }

        if (speciation.Clones > 0)
        {
            report("cloned trajectories", null);
            var cloning = new CloningExperiment(realization, speciation.Clones, team);
            datasets.AddClones(times, AtEveryTime("cloned trajectories", cloning.At));
        }
    }

    private List<FeatureOverlap> Dense()
    {
        using var covariance = new Matrix<double>(spec.Model.Features, spec.Model.Features);
        return AtEveryTime("speciation", (t, _) =>
        {
            var forward = new ForwardProcess(t);
            IFeatureStatistics statistics = spec.Covariance == CovarianceKind.Equivalent
                ? new EquivalentStatistics(realization, forward, team)
                : new ExactStatistics(realization, forward, team, single);
            statistics.TrainAll(covariance);
            return FeatureOverlap.Dense(covariance, Means(forward), eigensolver, team.Count);
        });
    }

    private List<FeatureOverlap> Lanczos() => AtEveryTime("speciation", (t, _) =>
    {
        var forward = new ForwardProcess(t);
        using IFeatureMoments source = LanczosTask.Create(spec, plan.SpeciationStorage, new SimdBackend(), realization, forward, team);
        return FeatureOverlap.Lanczos(source.TrainAll.Covariance, Means(forward), realization.Seed, team);
    });

    private List<T> AtEveryTime<T>(string stage, Func<double, int, T> measure)
    {
        var points = new List<T>();
        foreach ((int index, double time) in times.Index())
        {
            report(stage, $"{index} of {times.Length} times");
            points.Add(measure(time, index));
        }

        return points;
    }

    /// <summary>α_c of the features that the covariance is made of.</summary>
    private double[][] Means(ForwardProcess forward) => spec.Covariance == CovarianceKind.Equivalent
        ? [.. EquivalentStatistics.Coefficients(realization, forward, team).Select(c => c.MeanFeature)]
        : MeanFeatures.Exact(realization, forward, team);
}
