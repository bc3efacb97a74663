using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Spec;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Threading;
using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Ddpm.Comparison;

/// <summary>
/// The random-features score model on the Gaussian mixture that has the descriptors of a pair: weights as the training images, σ_c² the variance
/// per pixel, Gram_cc' = (m_c − m̄)·(m_c' − m̄)/N (theory.md section 1), with the sizes of the comparison block.
/// </summary>
public sealed class RandomFeaturesModel
{
    /// <summary>Training times of its descent reach beyond every memorization time of variances that pictures have.</summary>
    private const double LongestTime = 1e6;

    private const int Records = 200, TestSamples = 1000;

    private readonly ExperimentSpec experiment;

    /// <param name="spec">The comparison block.</param>
    /// <param name="name">Name of the pair.</param>
    /// <param name="counts">Training images of each class.</param>
    /// <param name="variances">σ_c² of both classes.</param>
    /// <param name="gram">Gram, 2 × 2.</param>
    public RandomFeaturesModel(ComparisonSpec spec, string name, (int Reference, int Partner) counts, double[] variances, double[][] gram)
    {
        int features = (int)Math.Round(spec.FeatureRatio * spec.Dimension);
        double weight = counts.Reference / (double)(counts.Reference + counts.Partner);

        // |tanh| < 1, so that no eigenvalue of U is above tr U < P, and descent converges.
        double learningRate = 1.0 / features;
        experiment = new ExperimentSpec
        {
            Name = name,
            Model = new ModelSpec
            {
                Dimension = spec.Dimension,
                Features = features,
                Samples = (int)Math.Round(spec.SampleRatio * spec.Dimension),
                Classes = [new ClassSpec(weight, variances[0]), new ClassSpec(1 - weight, variances[1])],
                CentroidGram = gram,
            },
            DiffusionTime = spec.DiffusionTime,
            Seeds = new SeedSpec(0, 1),
            Spectrum = null,
            Descent = new DescentSpec(DescentDynamics.NoiseAveraged, learningRate, (long)(LongestTime / (2 * learningRate)), Records, TestSamples),
        };
    }

    /// <summary>The model of the two classes of a pair.</summary>
    public static RandomFeaturesModel Of(DdpmSpec spec, int partner, ClassDescriptors descriptors)
    {
        int[] labels = [spec.Reference, partner];
        return new RandomFeaturesModel(
            spec.Comparison, spec.PairName(partner), spec.Images, [.. labels.Select(l => descriptors.Variance[l])],
            [.. labels.Select(a => labels.Select(b => descriptors.Gram[a][b]).ToArray())]);
    }

    /// <summary>N, P, M and t.</summary>
    public string Description =>
        $"N = {experiment.Model.Dimension}, P = {experiment.Model.Features}, M = {experiment.Model.Samples}, t = {experiment.DiffusionTime}";

    /// <summary>Bytes of a simulation.</summary>
    public double Bytes => Plan().MemoryBytes;

    /// <summary>Simulates one realization through the task runner of every random-features experiment.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="stage">Told what is done.</param>
    /// <param name="cancellation">Stops between stages.</param>
    /// <returns>Time scales of both classes.</returns>
    public TimeScales[] Simulate(long seed, int threads, Action<string> stage, CancellationToken cancellation)
    {
        using var workspace = new TaskWorkspace(new ThreadTeam(threads) { Cancellation = cancellation });
        ExperimentTask task = ExperimentTask.Expand(experiment with { Seeds = new SeedSpec(seed, 1) }, "double").Single();
        var runner = new TaskRunner(
            task, Plan(), new SimdBackend(), SymmetricEigensolvers.Find("auto"), workspace, (name, _) => stage($"random features: {name}"), cancellation);
        IReadOnlyList<Dataset> datasets = runner.Run();
        return [.. Enumerable.Range(0, 2).Select(c => new TimeScales(Of("generalization_time", c), Of("memorization_time", c), Of("memorization_rise_time", c)))];

        double Of(string name, int c) => datasets.Single(d => d.Name == name).Doubles[c];
    }

    /// <summary>The time scales of both classes for N → ∞ at the same ratios.</summary>
    /// <exception cref="TheoryConvergenceException">The equations could not be solved.</exception>
    public TimeScales[] Theory() => ExactTimeScales.Compute(TheoryModel.From(experiment.Model, experiment.DiffusionTime), experiment.Descent!.LearningRate);

    private TaskPlan Plan() => new Planner(AvailableMemory.Of(1), rates: null, single: false).Dense(experiment);
}
