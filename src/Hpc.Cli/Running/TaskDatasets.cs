using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>The measurements of one task as named arrays (design.md, "Results").</summary>
public sealed class TaskDatasets
{
    private readonly List<Dataset> datasets = [];
    private readonly int classes;

    public TaskDatasets(ExperimentSpec spec, long seed)
    {
        classes = spec.Model.Classes.Count;
        Scale("seed", [seed], "random seed");
        Scale("class", [.. Enumerable.Range(1, classes).Select(c => (long)c)], "class c");
    }

    public IReadOnlyList<Dataset> All => datasets;

    public void AddEigenvalues(double[] eigenvalues)
    {
        Scale("feature", [.. Enumerable.Range(1, eigenvalues.Length).Select(i => (long)i)], "index of the eigenvalue, ascending");
        datasets.Add(new Dataset("eigenvalues", ["seed", "feature"], [1, eigenvalues.Length], eigenvalues, "1", "eigenvalue λ of the feature covariance U"));
    }

    /// <summary>How good the covariance is.</summary>
    public void AddSeries(IFeatureStatistics statistics)
    {
        datasets.Add(new Dataset("series_order", ["seed"], [1], new long[] { statistics.SeriesOrder }, "1", "largest order of the Mehler series for U"));
        datasets.Add(new Dataset("series_remainder", ["seed"], [1], new[] { statistics.SeriesRemainder }, "1", "bound on the spectral norm of what the series for U leaves out"));
    }

    public void Add(DescentMeasurement measurement)
    {
        Scale("epoch", measurement.Epochs, "epoch k");
        datasets.Add(new Dataset("s", ["epoch"], [measurement.Epochs.Length], measurement.TrainingTimes, "1", "rescaled training time s = 2η₀k", IsCoordinate: true));
        PerClass("train_loss", measurement.Train, "train loss L_train^c");
        if (measurement.TrainError is { } trainError)
        {
            PerClass("train_loss_sampling_error", trainError, "standard error of the train loss over noise draws");
        }

        PerClass("test_loss", measurement.Test, "test loss L_test^c");
        PerClass("test_loss_sampled", measurement.Sampled.Test, "test loss on fresh samples");
        PerClass("test_loss_sampling_error", measurement.Sampled.TestError, "standard error of the test loss over fresh samples");
        PerClass("score_error", measurement.Sampled.Score, "score error E‖s_A − ∇log p_t‖²/N");
        PerClass("score_error_sampling_error", measurement.Sampled.ScoreError, "standard error of the score error over fresh samples");
        TimeScales[] scales = [.. Enumerable.Range(0, classes).Select(
            c => TimeScales.Measure(measurement.TrainingTimes, measurement.Train.Curve(c), measurement.Test.Curve(c)))];
        Times("generalization_time", [.. scales.Select(t => t.Generalization)], "generalization time τ_gen^c");
        Times("memorization_time", [.. scales.Select(t => t.Memorization)], "memorization time τ_mem^c (gap L_test − L_train reaches 0.1)");
        Times("memorization_rise_time", [.. scales.Select(t => t.MemorizationRise)], "memorization time by the 5 % rise of L_test above its minimum");
    }

    private void Scale(string name, long[] values, string longName) =>
        datasets.Add(new Dataset(name, [name], [values.Length], values, "1", longName));

    private void PerClass(string name, ClassLosses losses, string longName) =>
        datasets.Add(new Dataset(name, ["seed", "epoch", "class"], [1, losses.Records, losses.Classes], losses.Values, "1", longName));

    private void Times(string name, double[] values, string longName) =>
        datasets.Add(new Dataset(name, ["seed", "class"], [1, values.Length], values, "s", longName));
}
