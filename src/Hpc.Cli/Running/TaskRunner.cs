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
    ExperimentTask task, TaskPlan plan, IBackend backend, ISymmetricEigensolver eigensolver, ThreadTeam team, Action<string, string?> stage, CancellationToken cancellation,
    IDescentCheckpoint? checkpoint = null, IReduction? reduction = null)
{
    private readonly ExperimentSpec spec = task.Point.Spec;
    private readonly ForwardProcess forward = new(task.Point.Spec.DiffusionTime);
    private readonly TaskDatasets datasets = new(task.Point.Spec, task.Seed);

    /// <summary>Runs the task.</summary>
    /// <exception cref="SpecException">The learning rate is too large for this realization.</exception>
    /// <exception cref="DivergenceException">A descent left the finite numbers.</exception>
    public IReadOnlyList<Dataset> Run()
    {
        Enter("drawing the realization");
        using var realization = new Realization(spec.Model, task.Seed, team, reduction);
        bool noiseAveraged = spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged };
        if (plan.Method == SpectrumMethod.Lanczos)
        {
            new LanczosTask(spec, plan, backend, realization, forward, datasets, eigensolver, team, Report).Run();
        }
        else if (spec.Spectrum is not null || noiseAveraged)
        {
            Enter("correlations of the features");
            if (spec.Covariance == CovarianceKind.Equivalent)
            {
                using var geometry = new NeuronGeometry(realization.FirstLayer, team);
                Measure(new EquivalentStatistics(realization, geometry, forward, team));
            }
            else
            {
                using IExactCovariances covariances = backend.CreateCovariances(realization, forward, task.Precision == "single", team);
                Measure(new ExactStatistics(realization, forward, covariances));
            }
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

        void Measure(IFeatureStatistics statistics)
        {
            if (noiseAveraged)
            {
                FollowNoiseAveraged(realization, statistics, spec.Descent!);
            }
            else
            {
                Decompose(statistics);
            }

            datasets.AddSeries(statistics.SeriesOrder, statistics.SeriesRemainder);
        }
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

    private void FollowNoiseAveraged(Realization realization, IFeatureStatistics statistics, DescentSpec descent)
    {
        using var solver = new NoiseAveragedDescent(realization, statistics, forward, descent.LearningRate, eigensolver, team, Enter);
        datasets.AddEigenvalues(solver.Eigenvalues, solver.NoiseWeights);
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

    private void Decompose(IFeatureStatistics statistics)
    {
        Enter("covariance");
        using var covariance = new Matrix<double>(spec.Model.Features, spec.Model.Features);
        statistics.TrainAll(covariance);
        Enter("eigenvalues");
        double[] eigenvalues = new double[spec.Model.Features];
        eigensolver.Decompose(covariance, eigenvalues, vectors: false, team.Count);
        datasets.AddEigenvalues(eigenvalues);
    }
}
