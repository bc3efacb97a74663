using System.Text.Json.Nodes;
using Hpc.Ddpm.Data;
using Hpc.Diffusion.Spec;

namespace Hpc.Ddpm.Spec;

/// <summary>Reads and writes a spec with a <c>ddpm</c> block.</summary>
public static class DdpmSpecReader
{
    /// <summary>The key that tells such a spec from others.</summary>
    public const string Block = "ddpm";

    /// <summary>A sample is near to one training image when its distance is below a third of that to any other (arXiv:2505.17638).</summary>
    private const double Third = 1.0 / 3;

    /// <summary>Reads and checks the spec in a file.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="overrides">Arguments of the form <c>ddpm.images=20</c>.</param>
    /// <exception cref="SpecException">The file cannot be read, or the spec cannot be run.</exception>
    public static DdpmSpec ReadFile(string path, IEnumerable<string>? overrides = null) => Read(SpecReader.ReadTree(path, overrides));

    /// <summary>Reads and checks a spec from its JSON tree.</summary>
    /// <inheritdoc cref="ReadFile" path="/exception"/>
    public static DdpmSpec Read(JsonObject tree)
    {
        var root = new SpecNode(tree, "");
        string name = SpecReader.ReadHead(root);
        SeedSpec seeds = SpecReader.ReadSeeds(root.OptionalObject("seeds"));
        SpecNode node = root.Object(Block);
        root.RefuseUnknown();

        string key = node.OneOf("dataset", [.. DatasetInfo.All.Select(d => d.Key)], DatasetInfo.FashionMnist.Key);
        DatasetInfo dataset = DatasetInfo.All.Single(d => d.Key == key);
        string[] classes = [.. dataset.Classes];
        string reference = node.OneOf("reference", classes);
        string[] others = [.. classes.Where(c => c != reference)];
        string[] partners = node.ManyOf("partners", others, others);
        TrainingSpec training = ReadTraining(node.Object("training"));
        NoiseSpec noise = ReadNoise(node.OptionalObject("noise"));
        var spec = new DdpmSpec
        {
            Name = name,
            Seeds = seeds,
            Dataset = dataset,
            Reference = Array.IndexOf(classes, reference),
            Partners = [.. partners.Select(p => Array.IndexOf(classes, p))],
            ImageSize = ReadImageSize(node),
            Images = ReadImages(node),
            TestImages = node.Integer("testImages", 2, int.MaxValue, 200),
            LossDraws = node.Integer("lossDraws", 1, 10_000, 4),
            Network = ReadNetwork(node.OptionalObject("network")),
            Noise = noise,
            Training = training,
            Records = ReadRecords(node.OptionalObject("records"), training),
            Sampling = ReadSampling(node.OptionalObject("sampling"), noise),
            Memorization = ReadMemorization(node.OptionalObject("memorization")),
            Comparison = ReadComparison(node.OptionalObject("comparison")),
        };
        node.RefuseUnknown();
        int halvings = spec.Network.Multipliers.Count - 1, lowest = spec.ImageSize >> halvings;
        return lowest >= 1
            ? spec
            : throw new SpecException($"ddpm.network.multipliers has {halvings + 1} levels, and images of {spec.ImageSize}×{spec.ImageSize} pixels can be halved {int.Log2(spec.ImageSize)} times: give at most {int.Log2(spec.ImageSize) + 1}");
    }

    /// <summary>The resolved spec, with every default spelled out and keys in a fixed order; <see cref="Read"/> gives it back.</summary>
    public static JsonObject Write(DdpmSpec spec) => new()
    {
        ["schema"] = ExperimentSpec.CurrentSchema,
        ["name"] = spec.Name,
        ["seeds"] = new JsonObject { ["first"] = spec.Seeds.First, ["count"] = spec.Seeds.Count },
        [Block] = new JsonObject
        {
            ["dataset"] = spec.Dataset.Key,
            ["reference"] = spec.Dataset.Classes[spec.Reference],
            ["partners"] = List(spec.Partners.Select(p => spec.Dataset.Classes[p])),
            ["imageSize"] = spec.ImageSize,
            ["images"] = new JsonArray(spec.Images.Reference, spec.Images.Partner),
            ["testImages"] = spec.TestImages,
            ["lossDraws"] = spec.LossDraws,
            ["network"] = new JsonObject
            {
                ["baseWidth"] = spec.Network.BaseWidth,
                ["multipliers"] = List(spec.Network.Multipliers),
                ["attentionLevels"] = List(spec.Network.AttentionLevels),
                ["residualBlocks"] = spec.Network.ResidualBlocks,
                ["groups"] = spec.Network.Groups,
                ["timeEmbedding"] = spec.Network.TimeEmbedding,
            },
            ["noise"] = new JsonObject { ["steps"] = spec.Noise.Steps, ["first"] = spec.Noise.First, ["last"] = spec.Noise.Last },
            ["training"] = new JsonObject
            {
                ["steps"] = spec.Training.Steps,
                ["batch"] = spec.Training.Batch,
                ["learningRate"] = spec.Training.LearningRate,
                ["averaging"] = spec.Training.Averaging,
            },
            ["records"] = new JsonObject { ["first"] = spec.Records.First, ["count"] = spec.Records.Count },
            ["sampling"] = new JsonObject
            {
                ["method"] = SpecText.Kebab(spec.Sampling.Method.ToString()),
                ["steps"] = spec.Sampling.Steps,
                ["samples"] = spec.Sampling.Samples,
                ["kept"] = spec.Sampling.Kept,
            },
            ["memorization"] = new JsonObject
            {
                ["ratio"] = spec.Memorization.Ratio,
                ["thresholds"] = List(spec.Memorization.Thresholds),
                ["resamples"] = spec.Memorization.Resamples,
            },
            ["comparison"] = new JsonObject
            {
                ["dimension"] = spec.Comparison.Dimension,
                ["featureRatio"] = spec.Comparison.FeatureRatio,
                ["sampleRatio"] = spec.Comparison.SampleRatio,
                ["diffusionTime"] = spec.Comparison.DiffusionTime,
            },
        },
    };

    private static JsonArray List<T>(IEnumerable<T> values) => new([.. values.Select(v => (JsonNode?)JsonValue.Create(v))]);

    private static int ReadImageSize(SpecNode node)
    {
        int size = node.Integer("imageSize", 1, int.MaxValue, ImageScale.Sides[0]);
        return ImageScale.Sides.Contains(size) ? size : throw new SpecException($"ddpm.imageSize is {size}; allowed is one of {string.Join(", ", ImageScale.Sides)}");
    }

    /// <summary>One number for both classes, or one for each.</summary>
    private static (int Reference, int Partner) ReadImages(SpecNode node)
    {
        if (node.OptionalRaw("images") is not JsonArray)
        {
            int both = node.Integer("images", 1, int.MaxValue);
            return (both, both);
        }

        int[] counts = node.Integers("images", 1, int.MaxValue, []);
        return counts is [var reference, var partner]
            ? (reference, partner)
            : throw new SpecException($"ddpm.images has {counts.Length} numbers; give one for both classes, or two: of the reference class and of its partner");
    }

    private static NetworkSpec ReadNetwork(SpecNode? node)
    {
        node ??= new SpecNode([], $"{Block}.network");
        int[] multipliers = node.Integers("multipliers", 1, 64, [1, 2, 4]);
        if (multipliers.Length == 0)
        {
            throw new SpecException("ddpm.network.multipliers is empty; give one number for each level, for example [1, 2, 4]");
        }

        int levels = multipliers.Length;
        int[] lower = [.. Enumerable.Range(0, levels).Where(level => level >= 1 && level >= levels - 2)];
        var network = new NetworkSpec(
            node.Integer("baseWidth", 1, 4096, 32), multipliers, node.Integers("attentionLevels", 0, levels - 1, lower), node.Integer("residualBlocks", 1, 64, 2),
            node.Integer("groups", 1, 4096, 8), node.Integer("timeEmbedding", 2, 4096, 64));
        node.RefuseUnknown();
        if (network.BaseWidth % network.Groups != 0)
        {
            throw new SpecException($"ddpm.network.groups is {network.Groups} and baseWidth is {network.BaseWidth}; channels are divided into groups of equal size: give a divisor of the width");
        }

        return network.TimeEmbedding % 2 == 0
            ? network
            : throw new SpecException($"ddpm.network.timeEmbedding is {network.TimeEmbedding}; half of them are sines and half cosines: give an even number");
    }

    private static NoiseSpec ReadNoise(SpecNode? node)
    {
        node ??= new SpecNode([], $"{Block}.noise");
        var noise = new NoiseSpec(node.Integer("steps", 2, 1_000_000, 1000), node.Positive("first", 1e-4), node.Positive("last", 0.02));
        node.RefuseUnknown();
        return noise.First < 1 && noise.Last < 1
            ? noise
            : throw new SpecException($"ddpm.noise runs from {noise.First} to {noise.Last}; variances of the forward process are below 1");
    }

    private static TrainingSpec ReadTraining(SpecNode node)
    {
        var training = new TrainingSpec(
            node.Integer64("steps", 1, 1L << 40), node.Integer("batch", 1, 1 << 20, 128), node.Positive("learningRate", 2e-4), node.Fraction("averaging", 0));
        node.RefuseUnknown();
        return training;
    }

    private static RecordSpec ReadRecords(SpecNode? node, TrainingSpec training)
    {
        node ??= new SpecNode([], $"{Block}.records");
        var records = new RecordSpec(node.Integer64("first", 1, training.Steps, Math.Max(1, training.Steps / 100)), node.Integer("count", 1, 100_000, 20));
        node.RefuseUnknown();
        return records;
    }

    private static SamplingSpec ReadSampling(SpecNode? node, NoiseSpec noise)
    {
        node ??= new SpecNode([], $"{Block}.sampling");
        int samples = node.Integer("samples", 2, 10_000_000, 1000);
        var sampling = new SamplingSpec(
            node.Choice("method", SamplingMethod.Ddim), node.Integer("steps", 2, noise.Steps, Math.Min(100, noise.Steps)), samples, node.Integer("kept", 1, samples, Math.Min(32, samples)));
        node.RefuseUnknown();
        return sampling;
    }

    private static MemorizationSpec ReadMemorization(SpecNode? node)
    {
        node ??= new SpecNode([], $"{Block}.memorization");
        double ratio = node.Fraction("ratio", Third);
        var memorization = new MemorizationSpec(
            ratio > 0 ? ratio : throw new SpecException("ddpm.memorization.ratio is 0; allowed is a number between 0 and 1"),
            node.Thresholds("thresholds", [0.2, Third, 0.5]), node.Integer("resamples", 1, 1_000_000, 1000));
        node.RefuseUnknown();
        return memorization;
    }

    private static ComparisonSpec ReadComparison(SpecNode? node)
    {
        node ??= new SpecNode([], $"{Block}.comparison");
        var comparison = new ComparisonSpec(
            node.Integer("dimension", 2, 1_000_000, 50), node.Positive("featureRatio", 30), node.Positive("sampleRatio", 20), node.Positive("diffusionTime", 0.01));
        node.RefuseUnknown();
        return comparison.Dimension * Math.Min(comparison.FeatureRatio, comparison.SampleRatio) >= 2
            ? comparison
            : throw new SpecException("ddpm.comparison has fewer than two features or samples: raise dimension, featureRatio or sampleRatio");
    }
}
