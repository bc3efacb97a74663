namespace Hpc.Results;

/// <summary>Joins the shards of one sweep point, one per seed.</summary>
public static class SeedMerge
{
    private const string Seed = "seed";

    /// <summary>
    /// Stacks every dataset that has the leading dimension <c>seed</c> (of length 1 in a shard) in ascending order of seeds, and adds to
    /// every real one, without that dimension, <c>&lt;name&gt;_mean</c> and <c>&lt;name&gt;_stderr</c>, the standard error s/√n with the
    /// sample standard deviation s (n − 1 in its denominator). NaN marks a missing value: n counts the others, the mean of none and the
    /// standard error of one are NaN, and where any is missing <c>&lt;name&gt;_count</c> holds n. All other datasets are shared and must
    /// be equal (NaN equals NaN). The result does not depend on the order of the shards.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// There is no shard, a seed comes twice, or the shards do not fit together; the message names the seeds and the dataset.
    /// </exception>
    public static IReadOnlyList<Dataset> Merge(IReadOnlyList<ResultGroup> shards)
    {
        if (shards.Count == 0)
        {
            throw new ArgumentException("There is no shard to merge.");
        }

        var ordered = shards.OrderBy(SeedOf).ToArray();
        var first = ordered[0];
        CheckSeedAxis(first);
        for (var i = 1; i < ordered.Length; i++)
        {
            if (SeedOf(ordered[i]) == SeedOf(ordered[i - 1]))
            {
                throw new ArgumentException($"Seed {SeedOf(ordered[i])} comes twice: merge one shard per seed.");
            }

            CheckFit(first, ordered[i]);
        }

        var merged = new List<Dataset>();
        foreach (var dataset in first.Datasets)
        {
            if (!HasSeed(dataset))
            {
                merged.Add(dataset);
                continue;
            }

            var rows = ordered.Select(shard => shard[dataset.Name].Values).ToArray();
            merged.Add(Stack(dataset, rows));
            if (dataset.Values is double[])
            {
                merged.AddRange(Statistics(dataset, [.. rows.Cast<double[]>()]));
            }
        }

        return merged;
    }

    private static bool HasSeed(Dataset dataset) => dataset.Dimensions.Contains(Seed);

    private static long SeedOf(ResultGroup shard) => shard[Seed] is { IsScale: true, Values: long[] { Length: 1 } values }
        ? values[0]
        : throw new ArgumentException("A shard has one seed: the dataset seed[seed] must hold one integer.");

    private static void CheckSeedAxis(ResultGroup shard)
    {
        var misplaced = shard.Datasets.FirstOrDefault(dataset => dataset.Dimensions.Skip(1).Contains(Seed));
        if (misplaced is not null)
        {
            throw new ArgumentException($"{misplaced.Name} is {Describe(misplaced)}: seed must be its first dimension, and no other.");
        }
    }

    private static void CheckFit(ResultGroup first, ResultGroup other)
    {
        var pair = $"seeds {SeedOf(first)} and {SeedOf(other)}";
        var names = first.Datasets.Select(dataset => dataset.Name).ToHashSet();
        names.SymmetricExceptWith(other.Datasets.Select(dataset => dataset.Name));
        if (names.Count > 0)
        {
            throw new ArgumentException($"The shards of {pair} do not fit: only one of them has {string.Join(", ", names)}.");
        }

        foreach (var dataset in first.Datasets)
        {
            var counterpart = other[dataset.Name];
            if (!dataset.Dimensions.SequenceEqual(counterpart.Dimensions) || !dataset.Shape.SequenceEqual(counterpart.Shape) ||
                dataset.Values.GetType() != counterpart.Values.GetType() || dataset.Units != counterpart.Units ||
                dataset.LongName != counterpart.LongName)
            {
                throw new ArgumentException(
                    $"The shards of {pair} do not fit: {dataset.Name} is {Describe(dataset)} in one and " +
                    $"{Describe(counterpart)} in the other.");
            }

            var index = dataset.Values is double[] values
                ? values.AsSpan().CommonPrefixLength(counterpart.Doubles)
                : dataset.Integers.AsSpan().CommonPrefixLength(counterpart.Integers);
            if (!HasSeed(dataset) && index < dataset.Values.Length)
            {
                throw new ArgumentException(
                    $"The shards of {pair} do not fit: {dataset.Name}[{index}] is {dataset.Values.GetValue(index)} in one and " +
                    $"{counterpart.Values.GetValue(index)} in the other. Merge only shards of one sweep point and one spec.");
            }
        }
    }

    private static string Describe(Dataset dataset)
    {
        var lengths = dataset.Dimensions.Zip(dataset.Shape, (name, length) => $"{name}={length}");
        var type = dataset.Values.GetType().GetElementType()!.Name;
        return $"{type}[{string.Join(", ", lengths)}] '{dataset.LongName}' in '{dataset.Units}'";
    }

    private static Dataset Stack(Dataset dataset, Array[] rows)
    {
        var length = dataset.Values.Length;
        var values = Array.CreateInstance(dataset.Values.GetType().GetElementType()!, checked(length * rows.Length));
        for (var row = 0; row < rows.Length; row++)
        {
            Array.Copy(rows[row], 0, values, row * length, length);
        }

        return dataset with { Shape = [rows.Length, .. dataset.Shape.Skip(1)], Values = values };
    }

    private static IEnumerable<Dataset> Statistics(Dataset dataset, double[][] rows)
    {
        var length = dataset.Values.Length;
        var means = new double[length];
        var errors = new double[length];
        var counts = new long[length];
        for (var i = 0; i < length; i++)
        {
            var present = rows.Select(row => row[i]).Where(value => !double.IsNaN(value)).ToArray();
            var mean = present.Length > 0 ? present.Sum() / present.Length : double.NaN;
            // 0/0 is NaN for one value.
            var variance = present.Sum(value => (value - mean) * (value - mean)) / (present.Length - 1);
            (means[i], errors[i], counts[i]) = (mean, Math.Sqrt(variance / present.Length), present.Length);
        }

        yield return Reduced("mean", means, dataset.Units, $"mean over seeds of {dataset.LongName}");
        yield return Reduced("stderr", errors, dataset.Units, $"standard error over seeds of {dataset.LongName}");
        if (counts.Any(count => count < rows.Length))
        {
            yield return Reduced("count", counts, "1", $"number of seeds with a value of {dataset.LongName}");
        }

        Dataset Reduced(string suffix, Array values, string units, string longName) => new(
            $"{dataset.Name}_{suffix}", [.. dataset.Dimensions.Skip(1)], [.. dataset.Shape.Skip(1)], values, units, longName);
    }
}
