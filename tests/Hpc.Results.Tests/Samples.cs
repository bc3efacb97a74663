using System.Runtime.InteropServices;

namespace Hpc.Results.Tests;

/// <summary>Content of the typical shapes, with values that Python can recompute exactly: √(offset + index).</summary>
internal static class Samples
{
    public const string LongText = "resolved spec χ_p ";

    public static Dataset Real(string name, string[] dimensions, int[] shape, int offset = 1, bool isCoordinate = false) => new(
        name,
        dimensions,
        shape,
        Roots(shape.Aggregate(1, (product, length) => product * length), offset),
        "1",
        $"long name of {name}",
        isCoordinate);

    private static double[] Roots(int count, int offset) => [.. Enumerable.Range(0, count).Select(i => Math.Sqrt(offset + i))];

    public static Dataset Scale(string name, params long[] values) =>
        new(name, [name], [values.Length], values, "1", $"long name of {name}");

    public static Provenance Provenance(string taskHash = "0a1b") => new()
    {
        Spec = string.Concat(Enumerable.Repeat(LongText, 10000)),
        TaskHash = taskHash,
        Seeds = [3],
        GitCommit = "56480bc",
        GitDirty = true,
        CommandLine = "hpc run fig2.json",
        Versions = new Dictionary<string, string> { ["engine"] = "0.1.0", ["dotnet"] = "10.0.1" },
        Device = "cpu",
        Precision = "double",
        Host = "node1",
        MpiSize = 4,
        SlurmJobId = "",
        StartUtc = new DateTime(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc),
        EndUtc = new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc),
    };

    public static ResultGroup Shard(long seed = 3, int epochs = 5, int features = 7, string taskHash = "0a1b") => new(
        [
            Scale("seed", seed),
            Scale("class", 0, 1),
            Scale("feature", [.. Enumerable.Range(0, features).Select(i => (long)i)]),
            Scale("epoch", [.. Enumerable.Range(0, epochs).Select(i => (long)i * i)]),
            Real("s", ["epoch"], [epochs], isCoordinate: true),
            Real("eigenvalues", ["seed", "feature"], [1, features], 10),
            Real("train_loss", ["seed", "epoch", "class"], [1, epochs, 2], 20),
            Real("test_loss", ["seed", "epoch", "class"], [1, epochs, 2], 30),
            Real("score_error", ["seed", "epoch", "class"], [1, epochs, 2], 40),
            Real("generalization_time", ["seed", "class"], [1, 2], 50),
            Real("largest_eigenvalue", ["seed"], [1], 60),
        ],
        Provenance(taskHash).ToAttributes());

    public static void AssertEqual(ResultGroup expected, ResultGroup actual)
    {
        Assert.Equal(expected.Datasets.Select(dataset => dataset.Name).Order(), actual.Datasets.Select(dataset => dataset.Name).Order());
        foreach (var dataset in expected.Datasets)
        {
            var other = actual[dataset.Name];
            Assert.Equal(dataset.Dimensions, other.Dimensions);
            Assert.Equal(dataset.Shape, other.Shape);
            Assert.Equal((dataset.Units, dataset.LongName, dataset.IsCoordinate), (other.Units, other.LongName, other.IsCoordinate));
            Assert.Equal(dataset.Values.GetType(), other.Values.GetType());
            Assert.True(Bits(dataset.Values).SequenceEqual(Bits(other.Values)), dataset.Name);
        }

        Assert.Equal(expected.Attributes.OrderBy(pair => pair.Key), actual.Attributes.OrderBy(pair => pair.Key));
        Assert.Equal(expected.Groups.Keys, actual.Groups.Keys);
        foreach (var (name, group) in expected.Groups)
        {
            AssertEqual(group, actual.Groups[name]);
        }
    }

    private static ReadOnlySpan<byte> Bits(Array values) => values is double[] reals
        ? MemoryMarshal.AsBytes(reals.AsSpan())
        : MemoryMarshal.AsBytes(((long[])values).AsSpan());
}
