using Hpc.Cli.Planning;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.Threading;
using Hpc.Theory;

namespace Hpc.Cli.Running;

/// <summary>Spectrum and noise-averaged descent of a realization from products with U, without its eigensystem.</summary>
internal sealed class LanczosTask(
    ExperimentTask task, TaskPlan plan, IBackend backend, Realization realization, ForwardProcess forward, TaskDatasets datasets,
    ISymmetricEigensolver eigensolver, TaskWorkspace workspace, Action<string, string?> report)
{
    /// <summary>Largest error of F_k on the spectrum, relative to its largest value there: losses to about 1e-9.</summary>
    private const double SeriesTolerance = 1e-11;

    private readonly ExperimentSpec spec = task.Point.Spec;
    private readonly SpectrumSpec spectrum = task.Point.Spec.Spectrum!;
    private readonly ThreadTeam team = workspace.Team;
    private string stage = "";

    /// <summary>Measures and names the results.</summary>
    /// <exception cref="SpecException">The learning rate is too large, or the operator is not symmetric.</exception>
    public void Run()
    {
        Enter(spec.Covariance == CovarianceKind.Exact ? "covariance" : "features");
        LanczosSpectrum common = workspace.Covariance(task.CovarianceHash!, () => new LanczosSpectrum(Create(spec, plan.Storage, backend, realization, forward, team)));
        var moments = new WatchedMoments(common.Moments, products => report(stage, $"{products} products"));
        try
        {
            if (spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged } descent)
            {
                // First, so that a learning rate which diverges is refused at once.
                Enter("largest eigenvalue");
                var solver = new ChebyshevDescent(realization, moments, descent.LearningRate, plan.WorkspaceBytes, eigensolver, team) { Tolerance = SeriesTolerance };
                MeasureSpectrum(common, moments);
                Follow(solver, descent);
            }
            else
            {
                MeasureSpectrum(common, moments);
            }
        }
        catch (ArgumentException e)
        {
            throw new SpecException(e.Message);
        }

        if (common.Moments is ExactMoments exact)
        {
            datasets.AddSeries(exact.SeriesOrder, exact.SeriesRemainder);
        }
    }

    private void Enter(string name)
    {
        stage = name;
        report(name, null);
    }

    /// <summary>The moments of the covariance that the spec names.</summary>
    internal static IFeatureMoments Create(
        ExperimentSpec spec, FeatureStorage storage, IBackend backend, Realization realization, ForwardProcess forward, ThreadTeam team) => spec.Covariance switch
        {
            CovarianceKind.Exact => new ExactMoments(realization, forward, backend.CreateCovariances(realization, forward, storage == FeatureStorage.Single, team)),
            CovarianceKind.Equivalent => new EquivalentMoments(
                realization, forward, EquivalentStatistics.Coefficients(realization, forward, team), backend.Storage(storage), team),
            _ => new SampledMoments(
                realization, forward, spec.Spectrum!.Draws, backend.Storage(storage), team, backend.CreateCovariances(realization, forward, storage == FeatureStorage.Single, team)),
        };

    private void MeasureSpectrum(LanczosSpectrum common, IFeatureMoments moments)
    {
        if (common.Datasets is { } measured)
        {
            datasets.Add(measured);
            return;
        }

        int before = datasets.All.Count;
        ISymmetricOperator covariance = moments.TrainAll.Covariance;
        Enter("spectral density");
        datasets.AddQuadrature(StochasticQuadrature.Compute(covariance, spectrum.Probes, spectrum.Steps, realization.Seed, team));
        if (spectrum.Largest + spectrum.Smallest > 0)
        {
            Enter("extreme eigenvalues");
            var lanczos = new BlockLanczos { BlockSize = spectrum.Block, Seed = realization.Seed };
            using Eigenpairs pairs = lanczos.Solve(covariance, spectrum.Smallest, spectrum.Largest, team);
            if (!pairs.Convergence.Converged)
            {
                throw new SpecException(
                    $"{spectrum.Smallest} smallest and {spectrum.Largest} largest eigenvalues did not converge in {pairs.Convergence.Iterations} products: "
                    + "ask for fewer with spectrum.smallest and spectrum.largest, or raise spectrum.block");
            }

            datasets.AddExtremes(pairs, spectrum.Smallest);
        }

        common.Datasets = [.. datasets.All.Skip(before)];
    }

    private void Follow(ChebyshevDescent solver, DescentSpec descent)
    {
        long[] epochs = EpochSchedule.Logarithmic(descent.Epochs, descent.Records);
        var sampler = new ReadoutSampler(realization, forward, descent.TestSamples, epochs.Length, team);
        ChebyshevLosses losses = solver.Losses(epochs, sampler, Enter);
        datasets.AddSolver(losses);
        datasets.Add(new DescentMeasurement
        {
            Epochs = epochs,
            TrainingTimes = [.. epochs.Select(k => 2 * descent.LearningRate * k)],
            Train = losses.Train,
            Test = losses.Test,
            Sampled = sampler.Result(),
        });
    }
}
