namespace Hpc.Results.Tests;

public class ResultFileTests
{
    [Fact]
    public void ReadReturnsWhatWasWritten()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.h5");
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon, double.MaxValue];
        var content = new ResultGroup(
            [
                Samples.Real("before_its_scales", ["x", "λ"], [6, 2]),
                Samples.Scale("λ", long.MinValue, long.MaxValue),
                new("x", ["x"], [6], special, "log N", "t/log N"),
                new("flags", ["x"], [6], new long[] { 1, 0, 1, 0, 1, 0 }, "1", ""),
                new("number", [], [], new[] { Math.PI }, "1", "π"),
                new("integer", [], [], new[] { 42L }, "1", "42"),
            ],
            new Dictionary<string, object>
            {
                ["empty"] = "",
                ["long"] = new string('μ', 100_000),
                ["texts"] = new[] { "a", "", "γδ" },
                ["integer"] = -5L,
                ["integers"] = new[] { 1L, 2L },
                ["real"] = double.NaN,
                ["reals"] = new[] { 0.1, 1e300 },
            },
            new Dictionary<string, ResultGroup>
            {
                ["point_0000"] = Samples.Shard(),
                ["outer"] = new([], new Dictionary<string, object>(), new Dictionary<string, ResultGroup>
                {
                    ["inner"] = Samples.Shard(7, 3, 2),
                }),
            });

        ResultFile.Write(path, content);

        Samples.AssertEqual(content, ResultFile.Read(path));
    }

    [Fact]
    public void WhatWasReadCanBeWrittenAgain()
    {
        using var folder = new TemporaryFolder();
        ResultFile.Write(folder.File("a.h5"), Samples.Shard());

        ResultFile.Write(folder.File("b.h5"), ResultFile.Read(folder.File("a.h5")));
        ResultFile.Write(folder.File("c.h5"), ResultFile.Read(folder.File("b.h5")));

        Assert.Equal(File.ReadAllBytes(folder.File("b.h5")), File.ReadAllBytes(folder.File("c.h5")));
    }

    [Fact]
    public void LargeArraysSpanManyBlocks()
    {
        using var folder = new TemporaryFolder();
        var content = Samples.Shard(features: 400_000);

        ResultFile.Write(folder.File("a.h5"), content);

        Samples.AssertEqual(content, ResultFile.Read(folder.File("a.h5")));
    }

    [Fact]
    public void AnUnknownDatasetNamesThoseThatThereAre()
    {
        var exception = Assert.Throws<KeyNotFoundException>(() => Samples.Shard()["loss"]);

        Assert.Contains("train_loss", exception.Message);
    }

    public static TheoryData<string, Dataset[]> Refused => new()
    {
        { "no scale", [Samples.Real("loss", ["epoch"], [3])] },
        { "whose scale has length 2", [Samples.Scale("epoch", 0, 1), Samples.Real("loss", ["epoch"], [3])] },
        { "names 1 dimensions and gives 2", [new("loss", ["epoch"], [1, 1], new double[1], "1", "")] },
        { "product of the lengths", [new("epoch", ["epoch"], [3], new double[2], "1", "")] },
        { "at least 1", [new("epoch", ["epoch"], [0], Array.Empty<double>(), "1", "")] },
        { "only double[] and long[]", [new("epoch", ["epoch"], [2], new float[2], "1", "")] },
        { "two datasets or groups", [Samples.Scale("epoch", 0), Samples.Scale("epoch", 0)] },
        { "cannot name", [Samples.Scale("a/b", 0)] },
        { "cannot name", [Samples.Scale("", 0)] },
        { "null character", [new("x", [], [], new double[1], "\0", "")] },
        { "hpc-checksum-sha256:", [new("x", [], [], new double[1], "1", "hpc-checksum-sha256:")] },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void UnfitDatasetsAreRefusedWithAReason(string reason, Dataset[] datasets)
    {
        using var folder = new TemporaryFolder();

        var exception = Assert.Throws<ArgumentException>(
            () => ResultFile.Write(folder.File("a.h5"), new ResultGroup(datasets, new Dictionary<string, object>())));

        Assert.Contains(reason, exception.Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    public static TheoryData<string, string, object> RefusedAttributes => new()
    {
        { "reserved", "checksum", "" },
        { "reserved", "coordinates", "" },
        { "Int32", "size", 1 },
        { "Boolean", "dirty", true },
        { "of length 0", "seeds", Array.Empty<long>() },
        { "of length 4001", "seeds", new long[4001] },
        { "null character", "text", "a\0b" },
        { "null character", "texts", new[] { "a", "\0" } },
    };

    [Theory]
    [MemberData(nameof(RefusedAttributes), DisableDiscoveryEnumeration = true)]
    public void UnfitAttributesAreRefusedWithAReason(string reason, string name, object value)
    {
        using var folder = new TemporaryFolder();

        var exception = Assert.Throws<ArgumentException>(
            () => ResultFile.Write(folder.File("a.h5"), new ResultGroup([], new Dictionary<string, object> { [name] = value })));

        Assert.Contains(reason, exception.Message);
        Assert.Contains(name, exception.Message);
    }

    [Fact]
    public void AttributesOfTheGreatestLengthAreStored()
    {
        using var folder = new TemporaryFolder();
        var content = new ResultGroup([], new Dictionary<string, object>
        {
            ["seeds"] = Enumerable.Range(0, 4000).Select(i => (long)i).ToArray(),
            ["texts"] = Enumerable.Range(0, 4000).Select(i => $"{i}").ToArray(),
        });

        ResultFile.Write(folder.File("a.h5"), content);

        Samples.AssertEqual(content, ResultFile.Read(folder.File("a.h5")));
    }

    [Fact]
    public void TwoGibibytesAreRefused()
    {
        using var folder = new TemporaryFolder();
        const int count = 1 << 28;
        var dataset = new Dataset("x", ["x"], [count], new double[count], "1", "");

        var exception = Assert.Throws<ArgumentException>(
            () => ResultFile.Write(folder.File("a.h5"), new ResultGroup([dataset], new Dictionary<string, object>())));

        Assert.Contains("2.1 GB", exception.Message);
    }

    [Fact]
    public void AMissingFileIsNotADamagedOne()
    {
        using var folder = new TemporaryFolder();

        Assert.Throws<FileNotFoundException>(() => ResultFile.Read(folder.File("a.h5")));
    }
}
