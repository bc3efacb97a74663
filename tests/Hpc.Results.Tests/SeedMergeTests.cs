namespace Hpc.Results.Tests;

public class SeedMergeTests
{
    private static readonly IReadOnlyDictionary<string, object> NoAttributes = new Dictionary<string, object>();

    [Fact]
    public void MeanAndStandardErrorAgreeWithNumpy()
    {
        using var folder = new TemporaryFolder();
        long[] seeds = [10, 3, 7, 1, 12, 2, 5];
        var shards = seeds.Select(seed => Random(seed, missing: false)).ToArray();
        for (var i = 0; i < shards.Length; i++)
        {
            ResultFile.Write(folder.File($"{i}.h5"), shards[i]);
        }

        var merged = SeedMerge.Merge(shards);
        ResultFile.Write(folder.File("merged.h5"), new ResultGroup(merged, NoAttributes));

        Assert.Equal([1L, 2, 3, 5, 7, 10, 12], merged.Single(dataset => dataset.Name == "seed").Integers);
        // Two-pass sums of n = 7 values in (0, 1): the mean is off by at most n·eps, and s by about (n + 2)·eps relative to it, plus the
        // mean's error squared.
        Tool.Python(
            """
            import h5py, numpy as np, sys
            folder, n = sys.argv[1], 7
            shards = sorted((h5py.File(f"{folder}/{i}.h5", "r") for i in range(n)), key=lambda f: f["seed"][0])
            merged = h5py.File(f"{folder}/merged.h5", "r")
            eps = np.finfo(float).eps
            for name in ["eigenvalues", "train_loss", "generalization_time", "largest_eigenvalue"]:
                stack = np.concatenate([f[name][()] for f in shards])
                assert np.array_equal(merged[name][()], stack), name
                mean, err = merged[name + "_mean"], merged[name + "_stderr"]
                assert mean.shape == stack.shape[1:] and [d.keys() for d in mean.dims] == [d.keys() for d in merged[name].dims][1:]
                assert np.abs(mean[()] - stack.mean(axis=0)).max() <= n * eps, name
                assert np.abs(err[()] / (stack.std(axis=0, ddof=1) / np.sqrt(n)) - 1).max() <= 2 * (n + 4) * eps, name
                assert name + "_count" not in merged and mean.attrs["long_name"] == "mean over seeds of " + name
            assert "count_per_seed_mean" not in merged and merged["count_per_seed"][()].tolist() == [1, 2, 3, 5, 7, 10, 12]
            assert "epoch_mean" not in merged and "s_mean" not in merged
            """,
            folder.Path);
    }

    [Fact]
    public void MissingValuesAreLeftOutAndCounted()
    {
        using var folder = new TemporaryFolder();
        var shards = Enumerable.Range(1, 5).Select(seed => Random(seed, missing: true)).ToArray();
        var merged = new ResultGroup(SeedMerge.Merge(shards), NoAttributes);
        ResultFile.Write(folder.File("merged.h5"), merged);
        Tool.Python(
            """
            import h5py, numpy as np, sys, warnings
            warnings.simplefilter("ignore")
            merged = h5py.File(sys.argv[1], "r")
            stack, n = merged["train_loss"][()], merged["train_loss_count"][()]
            assert np.array_equal(n, (~np.isnan(stack)).sum(axis=0)) and n.dtype == "int64"
            assert {0, 1, 2} <= set(n.ravel().tolist()) and n.max() >= 3, n
            tolerance = dict(rtol=20 * np.finfo(float).eps, atol=0, equal_nan=True)
            assert np.allclose(merged["train_loss_mean"], np.nanmean(stack, axis=0), **tolerance)
            assert np.allclose(merged["train_loss_stderr"], np.nanstd(stack, axis=0, ddof=1) / np.sqrt(n), **tolerance)
            assert "eigenvalues_count" not in merged
            """,
            folder.File("merged.h5"));
    }

    [Fact]
    public void OneSeedHasNoStandardError()
    {
        var shard = Random(4, missing: false);

        var merged = new ResultGroup(SeedMerge.Merge([shard]), NoAttributes);

        Assert.Equal(shard["train_loss"].Doubles, merged["train_loss_mean"].Doubles);
        Assert.All(merged["train_loss_stderr"].Doubles, value => Assert.True(double.IsNaN(value)));
        Assert.DoesNotContain("train_loss_count", merged.Datasets.Select(dataset => dataset.Name));
    }

    [Fact]
    public void TheOrderOfTheShardsDoesNotMatter()
    {
        using var folder = new TemporaryFolder();
        var shards = Enumerable.Range(1, 6).Select(seed => Random(seed, missing: true)).ToArray();

        ResultFile.Write(folder.File("a.h5"), new ResultGroup(SeedMerge.Merge(shards), NoAttributes));
        ResultFile.Write(folder.File("b.h5"), new ResultGroup(SeedMerge.Merge([.. shards.Reverse()]), NoAttributes));

        Assert.Equal(File.ReadAllBytes(folder.File("a.h5")), File.ReadAllBytes(folder.File("b.h5")));
    }

    public static TheoryData<string, Func<ResultGroup, ResultGroup>> Unfit => new()
    {
        { "Seed 1 comes twice", other => Replace(other, Samples.Scale("seed", 1)) },
        { "epoch[2] is 4 in one and 5", other => Replace(other, Samples.Scale("epoch", 0, 1, 5, 9)) },
        { "epoch=4", other => Random(2, missing: false, epochs: 5) },
        { "s[0] is", other => Replace(other, Samples.Real("s", ["epoch"], [4], 99)) },
        { "only one of them has s", other => new(
            [.. other.Datasets.Where(dataset => dataset.Name != "s")], NoAttributes) },
        { "only one of them has extra", other => new([.. other.Datasets, Samples.Real("extra", ["seed"], [1])], NoAttributes) },
        { "'ms'", other => Replace(other, other["train_loss"] with { Units = "ms" }) },
        { "Int64[seed=1, epoch=4, class=2]", other => Replace(other, other["train_loss"] with { Values = new long[8] }) },
        { "must hold one integer", other => Replace(other, Samples.Scale("seed", 2, 3)) },
    };

    [Theory]
    [MemberData(nameof(Unfit), DisableDiscoveryEnumeration = true)]
    public void UnfitShardsAreRefusedWithAReason(string reason, Func<ResultGroup, ResultGroup> change)
    {
        var exception = Assert.Throws<ArgumentException>(
            () => SeedMerge.Merge([Random(1, missing: false), change(Random(2, missing: false))]));

        Assert.Contains(reason, exception.Message);
    }

    [Fact]
    public void TheSeedComesFirst()
    {
        var shard = Replace(Random(1, missing: false), Samples.Real("train_loss", ["epoch", "seed"], [4, 1]));

        Assert.Contains("first dimension", Assert.Throws<ArgumentException>(() => SeedMerge.Merge([shard])).Message);
        Assert.Throws<ArgumentException>(() => SeedMerge.Merge([]));
    }

    private static ResultGroup Replace(ResultGroup group, Dataset replacement) =>
        new([.. group.Datasets.Select(dataset => dataset.Name == replacement.Name ? replacement : dataset)], group.Attributes);

    private static ResultGroup Random(long seed, bool missing, int epochs = 4)
    {
        var random = new Random((int)seed);
        return new(
            [
                Samples.Scale("seed", seed),
                Samples.Scale("class", 0, 1),
                Samples.Scale("feature", 0, 1, 2, 3, 4, 5, 6),
                Samples.Scale("epoch", [.. Enumerable.Range(0, epochs).Select(i => (long)i * i)]),
                Samples.Real("s", ["epoch"], [epochs], isCoordinate: true),
                Values("eigenvalues", ["seed", "feature"], [1, 7], 0),
                Values("train_loss", ["seed", "epoch", "class"], [1, epochs, 2], missing ? 1 : 0),
                Values("generalization_time", ["seed", "class"], [1, 2], 0),
                Values("largest_eigenvalue", ["seed"], [1], 0),
                new("count_per_seed", ["seed"], [1], new[] { seed }, "1", "an integer per seed"),
            ],
            NoAttributes);

        // With missing values, entry i is there in the seeds 1 to i only.
        Dataset Values(string name, string[] dimensions, int[] shape, int gaps) => new(
            name,
            dimensions,
            shape,
            Enumerable.Range(0, shape.Aggregate(1, (product, length) => product * length))
                .Select(i => gaps > 0 && i < seed ? double.NaN : random.NextDouble())
                .ToArray(),
            "1",
            name);
    }
}
