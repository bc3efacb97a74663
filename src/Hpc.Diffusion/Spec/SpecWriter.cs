using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Diffusion.Spec;

/// <summary>Writes the resolved spec, with every default spelled out and keys in a fixed order.</summary>
public static class SpecWriter
{
    /// <summary>The resolved spec as indented JSON; <see cref="SpecReader.Parse"/> gives it back.</summary>
    public static string Write(ExperimentSpec spec) =>
        Tree(spec).ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>
    /// Identity of one task: the first 128 bits, in hexadecimal, of the SHA-256 of the resolved physics (not the name, the number of
    /// seeds, the rest of the sweep or what ranks divide), the seed and the precision.
    /// </summary>
    public static string TaskHash(ExperimentSpec point, long seed, string precision)
    {
        JsonObject physics = Tree(point);
        physics.Remove("name");
        physics.Remove("sweep");
        physics.Remove("shard");
        return TaskHash(physics, seed, precision);
    }

    /// <summary>
    /// Identity of what covariance, eigensystem and spectrum of a task depend on: as its hash, but without the descent's length and recording and
    /// without the speciation block.
    /// </summary>
    public static string CovarianceHash(ExperimentSpec point, long seed, string precision)
    {
        JsonObject tree = Tree(point with { Speciation = null, Descent = null, Sweep = [], Name = "", Shard = ShardKind.Auto });
        tree["eigenvectors"] = point.Descent is { Dynamics: DescentDynamics.NoiseAveraged };
        return TaskHash(tree, seed, precision);
    }

    /// <summary>Identity of what a seed draws for a model.</summary>
    public static string ModelHash(ModelSpec model, long seed) => Hash(new JsonObject { ["model"] = Tree(model), ["seeds"] = seed });

    /// <summary>Identity of one task of any kind: the first 128 bits, in hexadecimal, of the SHA-256 of physics, seed and precision.</summary>
    /// <param name="physics">The resolved physics, keys in a fixed order; seed and precision are put in.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="precision">single or double.</param>
    public static string TaskHash(JsonObject physics, long seed, string precision)
    {
        physics["seeds"] = seed;
        physics["precision"] = precision;
        return Hash(physics);
    }

    /// <summary>The resolved spec as a JSON tree.</summary>
    public static JsonObject Tree(ExperimentSpec spec)
    {
        var tree = new JsonObject
        {
            ["schema"] = ExperimentSpec.CurrentSchema,
            ["name"] = spec.Name,
            ["model"] = Tree(spec.Model),
            ["diffusionTime"] = spec.DiffusionTime,
            ["seeds"] = new JsonObject { ["first"] = spec.Seeds.First, ["count"] = spec.Seeds.Count },
        };
        if (spec.Spectrum is { } spectrum)
        {
            var node = new JsonObject
            {
                ["method"] = SpecText.Kebab(spectrum.Method.ToString()),
                ["covariance"] = SpecText.Kebab(spectrum.Covariance.ToString()),
            };
            // What a method does not use is no part of a task's identity; but a sweep leads to other methods.
            if (spectrum.Covariance == CovarianceKind.Sampled || Varies("spectrum.covariance"))
            {
                node["draws"] = spectrum.Draws;
            }

            if (spectrum.Method != SpectrumMethod.Dense || Varies("spectrum.method"))
            {
                node["probes"] = spectrum.Probes;
                node["steps"] = spectrum.Steps;
                node["largest"] = spectrum.Largest;
                node["smallest"] = spectrum.Smallest;
                node["block"] = spectrum.Block;
            }

            tree["spectrum"] = node;
        }

        if (spec.Descent is { } descent)
        {
            tree["descent"] = new JsonObject
            {
                ["dynamics"] = SpecText.Kebab(descent.Dynamics.ToString()),
                ["learningRate"] = descent.LearningRate,
                ["epochs"] = descent.Epochs,
                ["records"] = descent.Records,
                ["testSamples"] = descent.TestSamples,
            };
        }

        if (spec.Speciation is { } speciation)
        {
            tree["speciation"] = new JsonObject
            {
                ["times"] = new JsonObject { ["from"] = speciation.From, ["to"] = speciation.To, ["count"] = speciation.Count },
                ["method"] = SpecText.Kebab(speciation.Method.ToString()),
                ["lossSamples"] = speciation.LossSamples,
                ["clones"] = speciation.Clones,
            };
        }

        if (spec.Sweep.Count > 0)
        {
            tree["sweep"] = new JsonArray([.. spec.Sweep.Select(s => s.Parameters is [var single]
                ? new JsonObject { ["parameter"] = single.Path, ["values"] = Values(single) }
                : new JsonObject { ["parameters"] = new JsonObject(s.Parameters.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Path, Values(p)))) })]);

            static JsonArray Values(SweepParameter parameter) => new([.. parameter.Values.Select(v => v.DeepClone())]);
        }

        if (spec.Shard != ShardKind.Auto)
        {
            tree["shard"] = SpecText.Kebab(spec.Shard.ToString());
        }

        return tree;

        bool Varies(string path) => spec.Sweep.Any(s => s.Parameters.Any(p => p.Path == path));
    }

    private static JsonObject Tree(ModelSpec model) => new()
    {
        ["dimension"] = model.Dimension,
        ["features"] = model.Features,
        ["samples"] = model.Samples,
        ["activation"] = SpecText.Kebab(model.Activation.ToString()),
        ["classes"] = new JsonArray([.. model.Classes.Select(c => new JsonObject { ["weight"] = c.Weight, ["variance"] = c.Variance })]),
        ["centroidGram"] = new JsonArray([.. model.CentroidGram.Select(row => new JsonArray([.. row.Select(v => JsonValue.Create(v))]))]),
    };

    private static string Hash(JsonObject content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToJsonString())))[..32];
}
