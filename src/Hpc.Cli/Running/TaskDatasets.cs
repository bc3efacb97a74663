using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Diffusion.Speciation;
using Hpc.Numerics.Krylov;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>The measurements of one task as named arrays (design.md, "Results").</summary>
public sealed class TaskDatasets
{
    private readonly List<Dataset> datasets = [];
    private readonly int classes;
    private readonly double[] weights;

    public TaskDatasets(ExperimentSpec spec, long seed)
    {
        classes = spec.Model.Classes.Count;
        weights = [.. spec.Model.Classes.Select(c => c.Weight)];
        Scale("seed", [seed], "random seed");
        Scale("class", [.. Enumerable.Range(1, classes).Select(c => (long)c)], "class c");
    }

    public IReadOnlyList<Dataset> All => datasets;

    /// <summary>What another task of the same seed and model has measured.</summary>
    public void Add(IEnumerable<Dataset> measured) => datasets.AddRange(measured);

    /// <param name="eigenvalues">λ_i, ascending.</param>
    /// <param name="noiseWeights">‖Vᵀψ_i‖²/N; null where the eigenvectors were not computed.</param>
    public void AddEigenvalues(double[] eigenvalues, double[]? noiseWeights = null)
    {
        Scale("feature", [.. Enumerable.Range(1, eigenvalues.Length).Select(i => (long)i)], "index of the eigenvalue, ascending");
        datasets.Add(new Dataset("eigenvalues", ["seed", "feature"], [1, eigenvalues.Length], eigenvalues, "1", "eigenvalue λ of the feature covariance U"));
        if (noiseWeights is not null)
        {
            datasets.Add(new Dataset(
                "noise_weight", ["seed", "feature"], [1, noiseWeights.Length], noiseWeights, "1", "‖Vᵀψ‖²/N of the eigenvector ψ: (1/N) tr VᵀG(z)V is Σ noise_weight/(λ − z)"));
        }
    }

    /// <summary>How good the covariance is.</summary>
    public void AddSeries(int order, double remainder)
    {
        datasets.Add(new Dataset("series_order", ["seed"], [1], new long[] { order }, "1", "largest order of the Mehler series for U"));
        datasets.Add(new Dataset("series_remainder", ["seed"], [1], new[] { remainder }, "1", "bound on the spectral norm of what the series for U leaves out"));
    }

    /// <summary>The Gauss rules of the Lanczos quadrature, and the spectral masses that follow; a rule that ends early is filled with zeros of weight 0.</summary>
    public void AddQuadrature(StochasticQuadrature quadrature)
    {
        int probes = quadrature.Nodes.Count, steps = quadrature.Nodes.Max(n => n.Length);
        Scale("probe", [.. Enumerable.Range(1, probes).Select(i => (long)i)], "probe vector");
        Scale("step", [.. Enumerable.Range(1, steps).Select(i => (long)i)], "index of the Ritz value, ascending");
        Rules("spectral_node", quadrature.Nodes, "Ritz value of U");
        Rules("spectral_weight", quadrature.Weights, "part of the spectrum that the Ritz value stands for");
        Scale("bin", [.. Enumerable.Range(1, SpectralBins.Count).Select(i => (long)i)], "bin of log λ");
        datasets.Add(new Dataset("bin_from", ["bin"], [SpectralBins.Count], SpectralBins.Edges[..^1], "1", "lower edge of the bin in λ", IsCoordinate: true));
        datasets.Add(new Dataset("bin_to", ["bin"], [SpectralBins.Count], SpectralBins.Edges[1..], "1", "upper edge of the bin in λ", IsCoordinate: true));
        SpectralEstimate[] masses = SpectralBins.Masses(quadrature);
        datasets.Add(new Dataset("spectral_mass", ["seed", "bin"], [1, masses.Length], masses.Select(m => m.Value).ToArray(), "1", "part of the eigenvalues of U in the bin"));
        datasets.Add(new Dataset(
            "spectral_mass_sampling_error", ["seed", "bin"], [1, masses.Length], masses.Select(m => m.StandardError).ToArray(), "1", "standard error of the part over probe vectors"));

        void Rules(string name, IReadOnlyList<double[]> rows, string longName) => datasets.Add(new Dataset(
            name, ["seed", "probe", "step"], [1, probes, steps], rows.SelectMany(row => row.Concat(new double[steps - row.Length])).ToArray(), "1", longName));
    }

    /// <summary>Eigenvalues at both ends with their residuals.</summary>
    public void AddExtremes(Eigenpairs pairs, int smallest)
    {
        Ends("smallest", pairs.Values[..smallest], pairs.Residuals[..smallest], "rank of the eigenvalue from below");
        Ends("largest", [.. pairs.Values[smallest..].Reverse()], [.. pairs.Residuals[smallest..].Reverse()], "rank of the eigenvalue from above");

        void Ends(string end, double[] values, double[] residuals, string longName)
        {
            if (values.Length > 0)
            {
                Scale($"{end}_rank", [.. Enumerable.Range(1, values.Length).Select(i => (long)i)], longName);
                datasets.Add(new Dataset($"{end}_eigenvalues", ["seed", $"{end}_rank"], [1, values.Length], values, "1", $"{end} eigenvalues of U"));
                datasets.Add(new Dataset($"{end}_residuals", ["seed", $"{end}_rank"], [1, values.Length], residuals, "1", $"‖Uv − λv‖ of the {end} eigenvalues"));
            }
        }
    }

    /// <summary>How the descent was computed, and how well.</summary>
    public void AddSolver(ChebyshevLosses losses)
    {
        datasets.Add(new Dataset("series_degree", ["seed"], [1], new long[] { losses.Degree }, "1", "degree of the Chebyshev series of the descent"));
        datasets.Add(new Dataset("deflated_eigenvalues", ["seed"], [1], new long[] { losses.Deflated }, "1", "number of eigenvectors taken in closed form"));
        datasets.Add(new Dataset("loss_error_bound", ["seed"], [1], new[] { losses.ErrorBound }, "1", "bound on the error of every loss by truncation of the series"));
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

    /// <summary>Overlaps of mean features with the largest eigenvectors of U at every diffusion time.</summary>
    public void AddOverlaps(int dimension, double[] times, IReadOnlyList<FeatureOverlap> overlaps)
    {
        int count = times.Length, wanted = overlaps[0].Eigenvalues.Length;
        double scale = Math.Log(dimension);
        datasets.Add(new Dataset("t", ["t"], [count], times, "1", "diffusion time t"));
        datasets.Add(new Dataset("t_over_log_N", ["t"], [count], times.Select(t => t / scale).ToArray(), "1", "diffusion time in units of log N", IsCoordinate: true));
        Scale("outlier", [.. Enumerable.Range(1, wanted).Select(i => (long)i)], "rank of the eigenvalue from above");
        datasets.Add(new Dataset(
            "outlier_eigenvalues", ["seed", "t", "outlier"], [1, count, wanted], overlaps.SelectMany(o => o.Eigenvalues).ToArray(), "1", "largest eigenvalues of U, one for each class"));
        PerTime("rms_overlap", [.. overlaps.Select(o => o.Rms)], "RMS overlap of the class's mean feature with the largest eigenvectors of U");
        Transitions("speciation_time", times, c => TransitionTimes.OverlapThreshold, (i, c) => overlaps[i].Rms[c], "diffusion time t at which the RMS overlap falls below 0.5");
    }

    /// <summary>Losses of the exact scores.</summary>
    public void AddConditionalLoss(double[] times, IReadOnlyList<ConditionalLossPoint> points)
    {
        PerTime("conditional_loss", [.. points.Select(p => p.Conditional)], "denoising loss of the exact score that knows the class");
        PerTime("mixture_loss", [.. points.Select(p => p.Mixture)], "denoising loss of the exact score of the mixture");
        PerTime("mixture_loss_sampling_error", [.. points.Select(p => p.MixtureError)], "standard error of the mixture's loss over samples");
        PerTime("conditioning_gain", [.. points.Select(p => p.Gain)], "what conditioning on the class saves, over what it would save if the sample told nothing of its class");
        PerTime("conditioning_gain_sampling_error", [.. points.Select(p => p.GainError)], "standard error of the gain over samples");
        PerTime("class_posterior", [.. points.Select(p => p.Posterior)], "posterior of the own class, averaged over noised samples of the class");
        PerTime("class_posterior_sampling_error", [.. points.Select(p => p.PosteriorError)], "standard error of the posterior over samples");
        Transitions("conditional_speciation_time", times, c => 0.5, (i, c) => 1 - points[i].Gain[c], "diffusion time t at which the gain from conditioning on the class reaches 1/2");
    }

    /// <summary>The cloning experiment.</summary>
    public void AddClones(double[] times, IReadOnlyList<CloningPoint> points)
    {
        datasets.Add(new Dataset("clone_agreement", ["seed", "t"], [1, times.Length], points.Select(p => p.Agreement).ToArray(), "1", "probability φ that two backward trajectories split at t end in the same class"));
        datasets.Add(new Dataset("clone_agreement_sampling_error", ["seed", "t"], [1, times.Length], points.Select(p => p.AgreementError).ToArray(), "1", "standard error of φ over pairs"));
        PerTime("clone_return", [.. points.Select(p => p.Return)], "part of the backward trajectories from noised samples of the class that end in it");
        PerTime("clone_return_sampling_error", [.. points.Select(p => p.ReturnError)], "standard error of that part over pairs");
        Transitions("clone_speciation_time", times, c => 0.5 * (1 + weights[c]), (i, c) => points[i].Return[c], "diffusion time t at which the part falls half-way from 1 to the class's weight");
    }

    private void PerTime(string name, IReadOnlyList<double[]> rows, string longName) =>
        datasets.Add(new Dataset(name, ["seed", "t", "class"], [1, rows.Count, classes], rows.SelectMany(row => row).ToArray(), "1", longName));

    private void Transitions(string name, double[] times, Func<int, double> threshold, Func<int, int, double> value, string longName) => Times(
        name,
        [.. Enumerable.Range(0, classes).Select(c => TransitionTimes.Falling(times, [.. times.Select((_, i) => value(i, c))], threshold(c)))],
        longName, "1");

    private void Scale(string name, long[] values, string longName) =>
        datasets.Add(new Dataset(name, [name], [values.Length], values, "1", longName));

    private void PerClass(string name, ClassLosses losses, string longName) =>
        datasets.Add(new Dataset(name, ["seed", "epoch", "class"], [1, losses.Records, losses.Classes], losses.Values, "1", longName));

    private void Times(string name, double[] values, string longName, string units = "s") =>
        datasets.Add(new Dataset(name, ["seed", "class"], [1, values.Length], values, units, longName));
}
