using Hpc.Ddpm.Data;
using Hpc.Ddpm.Measurement;
using Hpc.Ddpm.Spec;
using Hpc.Diffusion.Measurement;
using Hpc.Results;

namespace Hpc.Ddpm.Running;

/// <summary>The measurements of one task as named arrays (runs/README.md, "Results of DDPM").</summary>
internal sealed class DdpmDatasets(DdpmSpec spec, DdpmTask task, PairData pair, ClassDescriptors descriptors)
{
    private readonly List<Dataset> datasets = [];
    private readonly int[] labels = [spec.Reference, task.Partner];

    /// <summary>Names everything.</summary>
    /// <param name="records">One for each recorded step.</param>
    /// <param name="features">Time scales of the random-features model with the descriptors of the pair.</param>
    public IReadOnlyList<Dataset> Of(IReadOnlyList<TrainingRecord> records, TimeScales[] features)
    {
        Scale("seed", [task.Seed], "random seed");
        Scale("class", [1, 2], "class of the pair: 1 the reference, 2 its partner");
        Scale("step", [.. spec.RecordedSteps], "training step");
        datasets.Add(new Dataset("threshold", ["threshold"], [spec.Memorization.Thresholds.Count], spec.Memorization.Thresholds.ToArray(), "1", "memorized fraction at which a class counts as memorized"));
        AddDescriptors();
        AddImages(records);
        AddMemorization(records);
        PerClass("train_loss", records, r => r.Train.Select(l => l.Mean), "denoising loss on training images");
        PerClass("train_loss_sampling_error", records, r => r.Train.Select(l => l.Error), "standard error of the denoising loss over training images");
        PerClass("test_loss", records, r => r.Test.Select(l => l.Mean), "denoising loss on test images");
        PerClass("test_loss_sampling_error", records, r => r.Test.Select(l => l.Error), "standard error of the denoising loss over test images");
        AddGeneralization(records);
        AddRandomFeatures(features);
        return datasets;
    }

    private void AddDescriptors()
    {
        datasets.Add(new Dataset("class_label", ["class"], [2], labels.Select(l => (long)l).ToArray(), "1", "label in the data set", IsCoordinate: true));
        OfClasses("class_variance", descriptors.Variance, "variance within the class per pixel");
        OfClasses("class_relative_variance", descriptors.RelativeVariance, "variance within the class over its mean over all classes");
        OfClasses("class_relative_norm", descriptors.RelativeNorm, "norm of the class mean, from the mean of all, over its mean over all classes");
        OfClasses("class_cosine", descriptors.Cosine(spec.Reference), "cosine between the class means of class and reference, from the mean of all");
        Scale("other_class", [1, 2], "class of the pair");
        datasets.Add(new Dataset(
            "class_gram", ["class", "other_class"], [2, 2], (from a in labels from b in labels select descriptors.Gram[a][b]).ToArray(), "1",
            "products of class means, from the mean of all, per pixel"));
    }

    private void AddImages(IReadOnlyList<TrainingRecord> records)
    {
        int side = spec.ImageSize;
        Scale("image", Numbers(pair.Training.Count), "training image");
        Scale("sample", Numbers(spec.Sampling.Samples), "generated sample");
        Scale("kept_sample", Numbers(spec.Sampling.Kept), "generated sample that is stored");
        Scale("row", Numbers(side), "row of an image, from above");
        Scale("column", Numbers(side), "column of an image, from the left");
        Integers("training_image", ["seed", "image", "row", "column"], [1, pair.Training.Count, side, side], [.. pair.Training.Values.Select(ImageScale.Grey)], "grey value of a training image, 0 to 255");
        Integers("training_class", ["seed", "image"], [1, pair.Training.Count], [.. pair.Training.Classes.Select(c => c + 1L)], "class of a training image");
        Integers("training_source", ["seed", "image"], [1, pair.Training.Count], [.. pair.Training.Sources.Select(s => (long)s)], "position of a training image in the data set, from 0");
        Integers(
            "sample_image", ["seed", "step", "kept_sample", "row", "column"], [1, records.Count, spec.Sampling.Kept, side, side], [.. records.SelectMany(r => r.Samples)],
            "grey value of a generated sample, 0 to 255");
    }

    private void AddMemorization(IReadOnlyList<TrainingRecord> records)
    {
        IReadOnlyList<long> steps = spec.RecordedSteps;
        var curves = new MemorizationCurves(steps, [.. records.Select(r => r.Neighbours)], pair.Training.Classes, labels.Length, spec.Memorization.Ratio);
        MemorizationIntervals intervals = curves.Bootstrap(spec.Memorization.Thresholds, spec.Memorization.Resamples, (uint)task.Seed);
        int samples = spec.Sampling.Samples, thresholds = spec.Memorization.Thresholds.Count;
        Integers("nearest_image", ["seed", "step", "sample"], [1, steps.Count, samples], [.. records.SelectMany(r => r.Neighbours).Select(n => (long)n.Image + 1)], "training image nearest to a sample");
        datasets.Add(new Dataset(
            "distance_ratio", ["seed", "step", "sample"], [1, steps.Count, samples], records.SelectMany(r => r.Neighbours).Select(n => n.Ratio).ToArray(), "1",
            "distance to the nearest training image over that to the second nearest"));
        Integers("class_samples", ["seed", "step", "class"], [1, steps.Count, labels.Length], [.. curves.Counts.SelectMany(c => c)], "number of samples whose nearest training image is of the class");
        Rows("memorized_fraction", curves.Fractions, "memorized part of the samples of the class");
        Rows("memorized_fraction_low", [.. intervals.Fractions.Select(r => r.Select(i => i.Low).ToArray())], "lower end of the 95 % interval of the memorized fraction over samples");
        Rows("memorized_fraction_high", [.. intervals.Fractions.Select(r => r.Select(i => i.High).ToArray())], "upper end of the 95 % interval of the memorized fraction over samples");
        double[][] times = [.. spec.Memorization.Thresholds.Select(curves.Times)];
        Times("memorization_time", [.. times.SelectMany(t => t)], "training step at which the memorized fraction reaches the threshold");
        Times("memorization_time_low", [.. intervals.Times.SelectMany(t => t).Select(i => i.Low)], "lower end of the 95 % interval of the memorization time over samples");
        Times("memorization_time_high", [.. intervals.Times.SelectMany(t => t).Select(i => i.High)], "upper end of the 95 % interval of the memorization time over samples");
        Gaps("memorization_gap", [.. times.Select(MemorizationCurves.Gap)], "log10 of the memorization time of the reference over that of its partner");
        Gaps("memorization_gap_low", [.. intervals.Gaps.Select(i => i.Low)], "lower end of the 95 % interval of the gap over samples");
        Gaps("memorization_gap_high", [.. intervals.Gaps.Select(i => i.High)], "upper end of the 95 % interval of the gap over samples");

        void Rows(string name, double[][] rows, string longName) =>
            datasets.Add(new Dataset(name, ["seed", "step", "class"], [1, steps.Count, labels.Length], rows.SelectMany(r => r).ToArray(), "1", longName));

        void Times(string name, double[] values, string longName) =>
            datasets.Add(new Dataset(name, ["seed", "threshold", "class"], [1, thresholds, labels.Length], values, "steps", longName));

        void Gaps(string name, double[] values, string longName) => datasets.Add(new Dataset(name, ["seed", "threshold"], [1, thresholds], values, "1", longName));
    }

    private void AddGeneralization(IReadOnlyList<TrainingRecord> records)
    {
        double[] steps = [.. spec.RecordedSteps.Select(s => (double)s)];
        double[] times = [.. labels.Select((_, c) => TimeScales.Measure(steps, [.. records.Select(r => r.Train[c].Mean)], [.. records.Select(r => r.Test[c].Mean)]).Generalization)];
        datasets.Add(new Dataset("generalization_time", ["seed", "class"], [1, labels.Length], times, "steps", "training step at which the test loss has made 90 % of its largest drop from 1"));
        OfSeed("generalization_gap", MemorizationCurves.Gap(times), "log10 of the generalization time of the reference over that of its partner");
    }

    private void AddRandomFeatures(TimeScales[] features)
    {
        double[] generalization = [.. features.Select(f => f.Generalization)], memorization = [.. features.Select(f => f.Memorization)];
        datasets.Add(new Dataset("features_generalization_time", ["seed", "class"], [1, labels.Length], generalization, "1", "generalization time s of the random-features model"));
        datasets.Add(new Dataset("features_memorization_time", ["seed", "class"], [1, labels.Length], memorization, "1", "memorization time s of the random-features model"));
        OfSeed("features_generalization_gap", MemorizationCurves.Gap(generalization), "log10 of the generalization times of reference and partner, random-features model");
        OfSeed("features_memorization_gap", MemorizationCurves.Gap(memorization), "log10 of the memorization times of reference and partner, random-features model");
    }

    private void OfSeed(string name, double value, string longName) => datasets.Add(new Dataset(name, ["seed"], [1], new[] { value }, "1", longName));

    private static long[] Numbers(int count) => [.. Enumerable.Range(1, count).Select(i => (long)i)];

    private void Scale(string name, long[] values, string longName) => datasets.Add(new Dataset(name, [name], [values.Length], values, "1", longName));

    private void Integers(string name, string[] dimensions, int[] shape, long[] values, string longName) => datasets.Add(new Dataset(name, dimensions, shape, values, "1", longName));

    private void OfClasses(string name, double[] byLabel, string longName) =>
        datasets.Add(new Dataset(name, ["class"], [2], labels.Select(l => byLabel[l]).ToArray(), "1", longName));

    private void PerClass(string name, IReadOnlyList<TrainingRecord> records, Func<TrainingRecord, IEnumerable<double>> values, string longName) =>
        datasets.Add(new Dataset(name, ["seed", "step", "class"], [1, records.Count, labels.Length], records.SelectMany(values).ToArray(), "1", longName));
}
