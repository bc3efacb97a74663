using System.Globalization;
using Hpc.Cli;
using Hpc.Cli.Running;
using Hpc.Ddpm.Comparison;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Figures;
using Hpc.Ddpm.Spec;
using Hpc.Diffusion.Measurement;
using Hpc.Results;
using Hpc.Theory;
using MathNet.Numerics.Distributions;

namespace Hpc.Ddpm.Running;

/// <summary>What follows the tasks: the merged file, and what a run prints at its end.</summary>
internal static class DdpmFinishing
{
    /// <summary>Names of the attributes with the names of the classes of a pair, and of all classes of a data set.</summary>
    public const string ClassNames = "class_names", LabelNames = "label_names";

    /// <summary>Probability on each side of an interval over seeds.</summary>
    private const double Tail = 0.025;

    /// <summary>
    /// Writes the merged file: a group for each pair with seeds stacked, means, standard errors, intervals of the gap over seeds, and the theory
    /// of its random-features model; at the root the descriptors of all classes and the comparison of all pairs; a group for each other data
    /// set with its descriptors.
    /// </summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="descriptors">Classes of the data set.</param>
    /// <param name="others">Other data sets that are here, and their classes.</param>
    /// <param name="cancellation">Looked at before every pair.</param>
    /// <exception cref="UsageException">No task is done.</exception>
    public static ResultGroup Merge(
        DdpmFolder folder, ClassDescriptors descriptors, IReadOnlyList<(DatasetInfo Info, ClassDescriptors Descriptors)> others, CancellationToken cancellation)
    {
        DateTime start = DateTime.UtcNow;
        DdpmSpec spec = folder.Spec;
        var pairs = new Dictionary<string, ResultGroup>();
        var shards = new List<ResultGroup>();
        foreach (IGrouping<int, DdpmTask> pair in DdpmTask.Expand(spec).GroupBy(t => t.PointIndex))
        {
            cancellation.ThrowIfCancellationRequested();
            ResultGroup[] done = [.. pair.Where(t => folder.Shards.Classify(t.Hash).Status == ShardStatus.Done).Select(t => folder.Shards.Read(t.Hash))];
            if (done.Length > 0)
            {
                shards.AddRange(done);
                DdpmTask task = pair.First();
                IReadOnlyList<Dataset> merged = SeedMerge.Merge(done);
                pairs[task.PointName] = new ResultGroup([.. merged, .. SeedIntervals(merged), .. Theory(spec, task, descriptors)], new Dictionary<string, object>
                {
                    [ClassNames] = new[] { spec.Dataset.Classes[spec.Reference], spec.Dataset.Classes[task.Partner] },
                });
            }
        }

        if (pairs.Count == 0)
        {
            throw new UsageException($"no task of '{folder.Folder}' is done: there is nothing to merge");
        }

        IReadOnlyDictionary<string, object> shared = shards[0].Attributes;
        long[] seeds = [.. shards.SelectMany(s => (long[])s.Attributes["seeds"]).Distinct().Order()];
        Dictionary<string, object> attributes = new(Provenances.Create(
            DdpmSpecReader.Write(spec).ToJsonString(), DdpmTask.Expand(spec)[0].Hash, seeds, (string)shared["device"], DdpmTask.Precision, (int)(long)shared["mpi_size"], start,
            new Dictionary<string, string>()).ToAttributes())
        {
            ["versions"] = shared["versions"],
            [LabelNames] = spec.Dataset.Classes.ToArray(),
            [PairComparison.NamesAttribute] = pairs.Keys.ToArray(),
        };
        var comparison = new PairComparison([.. pairs]);
        (attributes[PairComparison.GapAttribute], attributes[PairComparison.WithAttribute]) = comparison.Rows;
        foreach ((DatasetInfo info, ClassDescriptors other) in others)
        {
            pairs[info.Key] = new ResultGroup(AllClasses(info, spec.Reference, other), new Dictionary<string, object> { [LabelNames] = info.Classes.ToArray() });
        }

        var result = new ResultGroup([.. AllClasses(spec.Dataset, spec.Reference, descriptors), .. comparison.Datasets], attributes, pairs);
        ResultFile.Write(folder.MergedFile, result);
        return result;
    }

    /// <summary>Prints memorization times and gaps of every pair.</summary>
    public static void Print(ResultGroup merged, DdpmFolder folder)
    {
        foreach ((string pair, ResultGroup group) in Pairs(merged))
        {
            string[] names = (string[])group.Attributes[ClassNames];
            double[] thresholds = group["threshold"].Doubles;
            Say($"{pair}: training steps at which the memorized fraction reaches a threshold (mean ± standard error over {group["seed"].Shape[0]} seeds); gap = log10({names[0]}/{names[1]})");
            for (int i = 0; i < thresholds.Length; i++)
            {
                double[] low = group["memorization_gap_interval_low"].Doubles, high = group["memorization_gap_interval_high"].Doubles;
                Say($"  {thresholds[i]:F3}  {names[0]} {Value(group, "memorization_time", 2 * i, "F0")}  {names[1]} {Value(group, "memorization_time", 2 * i + 1, "F0")}  gap {Value(group, "memorization_gap", i, "F3")}{(double.IsNaN(low[i]) ? "" : string.Create(CultureInfo.InvariantCulture, $", 95 % over seeds [{low[i]:F2}, {high[i]:F2}]"))}");
            }
        }

        foreach (string[] row in DdpmReport.Correlations(merged))
        {
            Console.WriteLine($"{row[0],-44} {row[1],-28} Pearson {row[2],-24} Spearman {row[3]}");
        }

        Console.WriteLine($"results  {folder.MergedFile}");
        Console.WriteLine($"figures  {folder.Figures}");
        Console.WriteLine($"report   {folder.Report}");

        static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The pairs of a merged file, without the groups of other data sets.</summary>
    public static IReadOnlyList<KeyValuePair<string, ResultGroup>> Pairs(ResultGroup merged) => [.. merged.Groups.Where(g => g.Value.Attributes.ContainsKey(ClassNames))];

    /// <summary>Time scales in the theory of the pair's random-features model; none, with the reason said, where there is no theory.</summary>
    private static IEnumerable<Dataset> Theory(DdpmSpec spec, DdpmTask task, ClassDescriptors descriptors)
    {
        try
        {
            TimeScales[] scales = RandomFeaturesModel.Of(spec, task.Partner, descriptors).Theory();
            return
            [
                new Dataset("theory_generalization_time", ["class"], [2], scales.Select(s => s.Generalization).ToArray(), "1", "generalization time s in the theory of the random-features model"),
                new Dataset("theory_memorization_time", ["class"], [2], scales.Select(s => s.Memorization).ToArray(), "1", "memorization time s in the theory of the random-features model"),
            ];
        }
        catch (Exception e) when (e is ArgumentException or TheoryConvergenceException)
        {
            Progress.Say($"{task.PointName}: no theory of the random-features model: {e.Message}");
            return [];
        }
    }

    /// <summary>Student's interval of the mean gap over the seeds that have one; NaN for fewer than two.</summary>
    private static IEnumerable<Dataset> SeedIntervals(IReadOnlyList<Dataset> merged)
    {
        Dataset gaps = merged.Single(d => d.Name == "memorization_gap");
        int seeds = gaps.Shape[0], thresholds = gaps.Shape[1];
        double[] low = new double[thresholds], high = new double[thresholds];
        for (int i = 0; i < thresholds; i++)
        {
            double[] present = [.. Enumerable.Range(0, seeds).Select(s => gaps.Doubles[s * thresholds + i]).Where(v => !double.IsNaN(v))];
            (low[i], high[i]) = Interval(present);
        }

        yield return new Dataset("memorization_gap_interval_low", ["threshold"], [thresholds], low, "1", "lower end of the 95 % interval of the mean gap over seeds (Student)");
        yield return new Dataset("memorization_gap_interval_high", ["threshold"], [thresholds], high, "1", "upper end of the 95 % interval of the mean gap over seeds (Student)");
    }

    /// <summary>Student's 95 % interval of a mean.</summary>
    internal static (double Low, double High) Interval(double[] values)
    {
        if (values.Length < 2)
        {
            return (double.NaN, double.NaN);
        }

        double mean = values.Average(), deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        double half = StudentT.InvCDF(0, 1, values.Length - 1, 1 - Tail) * deviation / Math.Sqrt(values.Length);
        return (mean - half, mean + half);
    }

    private static Dataset[] AllClasses(DatasetInfo info, int reference, ClassDescriptors descriptors)
    {
        int count = info.Classes.Count;
        long[] labels = [.. Enumerable.Range(0, count).Select(l => (long)l)];
        return
        [
            new Dataset("label", ["label"], [count], labels, "1", "label in the data set"),
            new Dataset("other_label", ["other_label"], [count], labels, "1", "label in the data set"),
            OfLabels("variance", descriptors.Variance, "variance within the class per pixel"),
            OfLabels("relative_variance", descriptors.RelativeVariance, "variance within the class over its mean over all classes"),
            OfLabels("relative_norm", descriptors.RelativeNorm, "norm of the class mean, from the mean of all, over its mean over all classes"),
            OfLabels("cosine", descriptors.Cosine(reference), "cosine between the class means of class and reference, from the mean of all"),
            new Dataset("gram", ["label", "other_label"], [count, count], descriptors.Gram.SelectMany(row => row).ToArray(), "1", "products of class means, from the mean of all, per pixel"),
        ];

        Dataset OfLabels(string name, double[] values, string longName) => new(name, ["label"], [count], values, "1", longName);
    }

    private static string Value(ResultGroup group, string name, int index, string format)
    {
        double mean = group[name + "_mean"].Doubles[index], error = group[name + "_stderr"].Doubles[index];
        string text = mean.ToString(format, CultureInfo.InvariantCulture);
        return double.IsNaN(mean) ? "not reached" : double.IsNaN(error) ? text : $"{text} ± {error.ToString(format, CultureInfo.InvariantCulture)}";
    }
}
