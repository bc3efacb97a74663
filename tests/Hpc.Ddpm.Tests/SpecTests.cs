using System.Text.Json.Nodes;
using Hpc.Ddpm.Running;
using Hpc.Ddpm.Spec;
using Hpc.Diffusion.Spec;

namespace Hpc.Ddpm.Tests;

public class SpecTests
{
    private const string Minimal = """
        { "schema": 1, "name": "pairs", "seeds": { "count": 2 }, "ddpm": { "reference": "Sneaker", "images": 16, "training": { "steps": 1000 } } }
        """;

    private static DdpmSpec Read(params (string Path, string Value)[] changes)
    {
        JsonNode tree = JsonNode.Parse(Minimal)!;
        foreach ((string path, string value) in changes)
        {
            JsonNode at = tree;
            string[] keys = path.Split('.');
            foreach (string key in keys[..^1])
            {
                at = at[key] ??= new JsonObject();
            }

            at[keys[^1]] = JsonNode.Parse(value);
        }

        return DdpmSpecReader.Read(tree.AsObject());
    }

    [Fact]
    public void Defaults_are_those_of_the_documentation_and_survive_a_round_trip()
    {
        DdpmSpec spec = Read();
        Assert.Equal((9, 7, 32, 32), (spec.Partners.Count, spec.Reference, spec.ImageSize, spec.Network.BaseWidth));
        Assert.Equal([1, 2, 4], spec.Network.Multipliers);
        Assert.Equal([1, 2], spec.Network.AttentionLevels);
        Assert.Equal(new NoiseSpec(1000, 1e-4, 0.02), spec.Noise);
        Assert.Equal((16, 16), spec.Images);
        Assert.Equal("Sneaker-Bag", spec.PairName(8));
        Assert.Equal(DdpmSpecReader.Write(spec).ToJsonString(), DdpmSpecReader.Write(DdpmSpecReader.Read(DdpmSpecReader.Write(spec))).ToJsonString());
        Assert.Equal([10L, 13], spec.RecordedSteps.Take(2));
        Assert.Equal(1000, spec.RecordedSteps[^1]);
        Assert.Equal(new ComparisonSpec(50, 30, 20, 0.01), spec.Comparison);
        Assert.Equal((20, 12), Read(("ddpm.images", "[20, 12]")).Images);
    }

    [Fact]
    public void Records_are_evenly_spaced_in_the_logarithm()
    {
        Assert.Equal([10L, 100, 1000, 10_000], new RecordSpec(10, 4).Steps(10_000));
        Assert.Equal([1L, 2, 3, 4], new RecordSpec(1, 9).Steps(4));
        Assert.Equal([77L], new RecordSpec(3, 1).Steps(77));
    }

    [Theory]
    [InlineData("ddpm.reference", "\"Sneakers\"", "ddpm.reference is \"Sneakers\"", "did you mean \"Sneaker\"")]
    [InlineData("ddpm.partners", "[\"Bag\", \"Bag\"]", "none twice")]
    [InlineData("ddpm.partners", "[\"Sneaker\"]", "ddpm.partners[0] is \"Sneaker\"", "allowed is one of")]
    [InlineData("ddpm.partners", "[]", "at least one")]
    [InlineData("ddpm.imageSize", "20", "ddpm.imageSize is 20", "32, 16, 8, 4")]
    [InlineData("ddpm.images", "[1, 2, 3]", "ddpm.images has 3 numbers")]
    [InlineData("ddpm.images", "0", "ddpm.images is 0", "at least 1")]
    [InlineData("ddpm.network.groups", "5", "ddpm.network.groups is 5", "divisor")]
    [InlineData("ddpm.network.multipliers", "[1, 1, 1, 1, 1, 1, 1]", "7 levels", "at most 6")]
    [InlineData("ddpm.network.multipliers", "[1, 2.5]", "multipliers[1] is 2.5")]
    [InlineData("ddpm.network.attentionLevels", "[3]", "attentionLevels[0] is 3", "from 0 to 2")]
    [InlineData("ddpm.network.timeEmbedding", "7", "even number")]
    [InlineData("ddpm.network.width", "7", "unknown key \"ddpm.network.width\"", "baseWidth")]
    [InlineData("ddpm.noise.last", "1.5", "below 1")]
    [InlineData("ddpm.training.averaging", "1", "averaging is 1", "from 0 to below 1")]
    [InlineData("ddpm.records.first", "1001", "records.first is 1001", "from 1 to 1000")]
    [InlineData("ddpm.sampling.steps", "1001", "sampling.steps is 1001")]
    [InlineData("ddpm.sampling.method", "\"ode\"", "one of ddim, ancestral")]
    [InlineData("ddpm.memorization.thresholds", "[0.5, 0.2]", "ascending")]
    [InlineData("ddpm.memorization.ratio", "0", "ratio is 0")]
    [InlineData("ddpm.comparison.sampleRatio", "0", "ddpm.comparison.sampleRatio is 0", "above 0")]
    [InlineData("ddpm.comparison.featureRatio", "0.01", "fewer than two features")]
    [InlineData("ddpm.comparison.samples", "7", "unknown key \"ddpm.comparison.samples\"", "sampleRatio")]
    [InlineData("ddpm.training", "{}", "ddpm.training.steps is missing")]
    [InlineData("ddpm.step", "3", "unknown key \"ddpm.step\"")]
    [InlineData("model", "{}", "unknown key \"model\"")]
    [InlineData("schema", "2", "newer than this engine")]
    public void Bad_values_are_refused_with_what_is_allowed(string path, string value, params string[] parts)
    {
        SpecException e = Assert.Throws<SpecException>(() => Read((path, value)));
        Assert.All(parts, part => Assert.Contains(part, e.Message));
    }

    [Fact]
    public void A_task_is_its_physics_pair_and_seed()
    {
        DdpmSpec spec = Read(), two = Read(("ddpm.partners", "[\"Coat\", \"Bag\"]"), ("name", "\"other\""), ("seeds", "{ \"first\": 1, \"count\": 1 }"));
        IReadOnlyList<DdpmTask> tasks = DdpmTask.Expand(spec), fewer = DdpmTask.Expand(two);
        Assert.Equal(18, tasks.Select(t => t.Hash).Distinct().Count());
        Assert.Equal(tasks.Single(t => t is { PointName: "Sneaker-Bag", Seed: 1 }).Hash, fewer.Single(t => t.PointName == "Sneaker-Bag").Hash);
        Assert.DoesNotContain(DdpmTask.Expand(Read(("ddpm.training.learningRate", "0.001")))[0].Hash, tasks.Select(t => t.Hash));
    }
}
