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
    /// seeds or the rest of the sweep), the seed and the precision.
    /// </summary>
    public static string TaskHash(ExperimentSpec point, long seed, string precision)
    {
        JsonObject physics = Tree(point);
        physics.Remove("name");
        physics.Remove("sweep");
        physics["seeds"] = seed;
        physics["precision"] = precision;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(physics.ToJsonString())))[..32];
    }

    internal static JsonObject Tree(ExperimentSpec spec)
    {
        ModelSpec model = spec.Model;
        var tree = new JsonObject
        {
            ["schema"] = ExperimentSpec.CurrentSchema,
            ["name"] = spec.Name,
            ["model"] = new JsonObject
            {
                ["dimension"] = model.Dimension,
                ["features"] = model.Features,
                ["samples"] = model.Samples,
                ["activation"] = SpecText.Kebab(model.Activation.ToString()),
                ["classes"] = new JsonArray([.. model.Classes.Select(c => new JsonObject { ["weight"] = c.Weight, ["variance"] = c.Variance })]),
                ["centroidGram"] = new JsonArray([.. model.CentroidGram.Select(row => new JsonArray([.. row.Select(v => JsonValue.Create(v))]))]),
            },
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
            if (spectrum.Covariance == CovarianceKind.Sampled)
            {
                node["draws"] = spectrum.Draws;
            }

            if (spectrum.Method != SpectrumMethod.Dense)
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
            };
        }

        if (spec.Sweep.Count > 0)
        {
            tree["sweep"] = new JsonArray([.. spec.Sweep.Select(s => s.Parameters is [var single]
                ? new JsonObject { ["parameter"] = single.Path, ["values"] = Values(single) }
                : new JsonObject { ["parameters"] = new JsonObject(s.Parameters.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Path, Values(p)))) })]);

            static JsonArray Values(SweepParameter parameter) => new([.. parameter.Values.Select(v => v.DeepClone())]);
        }

        return tree;
    }
}
