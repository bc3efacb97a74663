using Hpc.Cli.Planning;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Running;

/// <summary>Computes one task: draws the realization, measures what the spec asks for, names the results.</summary>
public sealed class TaskRunner(
    ExperimentTask task, TaskPlan plan, IBackend backend, ISymmetricEigensolver eigensolver, TaskWorkspace workspace, Action<string, string?> stage,
    CancellationToken cancellation, IDescentCheckpoint? checkpoint = null, IReduction? reduction = null)
{
    private readonly ThreadTeam team = workspace.Team;
    private readonly ExperimentSpec spec = task.Point.Spec;
    private readonly ForwardProcess forward = new(task.Point.Spec.DiffusionTime);
    private readonly TaskDatasets datasets = new(task.Point.Spec, task.Seed);

    /// <summary>Runs the task.</summary>
    /// <exception cref="SpecException">The learning rate is too large for this realization.</exception>
    /// <exception cref="DivergenceException">A descent left the finite numbers.</exception>
    public IReadOnlyList<Dataset> Run()
    {
        Enter("drawing the realization");
        Realization realization = workspace.Realize(spec.Model, task.Seed, reduction);
        if (plan.Method == SpectrumMethod.Lanczos)
        {
            new LanczosTask(task, plan, backend, realization, forward, datasets, eigensolver, workspace, Report).Run();
        }
        else if (task.CovarianceHash is { } hash)
        {
            DenseSpectrum dense = workspace.Covariance(hash, () => Decompose(realization));
            if (dense.Eigensystem is { } eigensystem)
            {
                FollowNoiseAveraged(realization, eigensystem, spec.Descent!);
            }
            else
            {
                datasets.AddEigenvalues(dense.Eigenvalues);
            }

            datasets.AddSeries(dense.Statistics.SeriesOrder, dense.Statistics.SeriesRemainder);
        }

        if (!plan.KeepsCovariance)
        {
            workspace.ReleaseCovariance();
        }

        if (spec.Descent is { Dynamics: DescentDynamics.FreshNoise } descent)
        {
            var solver = new FreshNoiseDescent(realization, forward, descent, team, backend);
            datasets.Add(task.Precision == "single" ? solver.Run<float>(Enter, cancellation, checkpoint) : solver.Run<double>(Enter, cancellation, checkpoint));
        }

        if (spec.Speciation is not null)
        {
            new SpeciationTask(spec, plan, realization, task.Precision == "single", datasets, eigensolver, team, Report).Run();
        }

        return datasets.All;
    }

    private void Enter(string name) => Report(name, null);

    private void Report(string name, string? detail)
    {
        // Ranks that share the features go the same way.
        double asked = cancellation.IsCancellationRequested ? 1 : 0;
        reduction?.Sum(new Span<double>(ref asked));
        if (asked > 0)
        {
            throw new OperationCanceledException(cancellation);
        }

        stage(name, detail);
    }

    /// <summary>The eigensystem of U where the descent follows from it, else its eigenvalues.</summary>
    private DenseSpectrum Decompose(Realization realization)
    {
        Enter("correlations of the features");
        IExactCovariances? covariances = spec.Covariance == CovarianceKind.Equivalent ? null
            : backend.CreateCovariances(realization, forward, task.Precision == "single", team);
        try
        {
            IFeatureStatistics statistics = covariances is null
                ? new EquivalentStatistics(realization, forward, team) : new ExactStatistics(realization, forward, covariances);
            if (spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged } descent)
            {
                var eigensystem = new FeatureEigensystem(realization, statistics, forward, descent.LearningRate, eigensolver, team, Enter, plan.KeepsCovariance);
                return new DenseSpectrum(statistics, covariances, eigensystem, eigensystem.Values);
            }

            Enter("covariance");
            using var covariance = new Matrix<double>(spec.Model.Features, spec.Model.Features);
            statistics.TrainAll(covariance);
            Enter("eigenvalues");
            double[] eigenvalues = new double[spec.Model.Features];
            eigensolver.Decompose(covariance, eigenvalues, vectors: false, team.Count);
            return new DenseSpectrum(statistics, covariances, null, eigenvalues);
        }
        catch
        {
            covariances?.Dispose();
            throw;
        }
    }

    private void FollowNoiseAveraged(Realization realization, FeatureEigensystem eigensystem, DescentSpec descent)
    {
        var solver = new NoiseAveragedDescent(eigensystem, descent.LearningRate);
        datasets.AddEigenvalues(eigensystem.Values, eigensystem.NoiseWeights);
        long[] epochs = EpochSchedule.Logarithmic(descent.Epochs, descent.Records);
        (ClassLosses train, ClassLosses test) = solver.Losses(epochs, Enter);
        Enter("losses on fresh samples");
        using var readouts = new NoiseAveragedReadouts(solver, epochs);
        datasets.Add(new DescentMeasurement
        {
            Epochs = epochs,
            TrainingTimes = [.. epochs.Select(k => 2 * descent.LearningRate * k)],
            Train = train,
            Test = test,
            Sampled = new LossSampler(realization, forward, descent.TestSamples, team).OnFreshSamples(readouts, cancellation),
        });
    }
}
