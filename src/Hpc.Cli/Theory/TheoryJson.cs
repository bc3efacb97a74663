using System.Numerics;
using System.Text.Json.Nodes;
using Hpc.Diffusion.Measurement;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>The object that <c>hpc theory --json</c> prints (design.md, "Program").</summary>
public static class TheoryJson
{
    /// <summary>One key for each part that was computed; numbers that are not finite become null.</summary>
    public static JsonObject Write(TheoryResult theory, IReadOnlyList<ResolventSolution> resolvents)
    {
        var json = new JsonObject();
        if (resolvents.Count > 0)
        {
            json["resolvent"] = Array(resolvents.Select(r => new JsonObject { ["z"] = Pair(r.Z), ["g"] = Pair(r.Trace), ["f"] = Pair(r.FeatureNoise) }));
        }

        if (theory.Density is { } density)
        {
            json["density"] = new JsonObject { ["lambda"] = Numbers(density.Lambda), ["rho"] = Numbers(density.Rho) };
            json["bulks"] = Array(density.Bulks.Select(b => new JsonObject
            {
                ["from"] = b.From,
                ["to"] = b.To,
                ["mass"] = b.Mass,
                ["mean"] = b.Mean,
                ["kind"] = Diffusion.Spec.SpecText.Kebab(b.Kind.ToString()),
                ["class"] = b.Class < 0 ? null : b.Class + 1,
            }));
        }

        if (theory.Losses is { } losses)
        {
            json["losses"] = new JsonObject
            {
                ["s"] = Numbers(losses.S),
                ["train"] = PerClass(losses.Train),
                ["test"] = PerClass(losses.Test),
            };
        }

        if (theory.Outliers is { } outliers)
        {
            json["outliers"] = Array(outliers.Select(o => new JsonObject
            {
                ["t"] = o.DiffusionTime,
                ["eigenvalues"] = Numbers(o.Eigenvalues),
                ["overlaps"] = Array(o.Overlaps.Select(Numbers)),
                ["rms"] = Numbers(o.Rms),
            }));
        }

        if (theory.TimeScales is { } scales)
        {
            json["timeScales"] = Array(scales.Select((TimeScales t, int c) => new JsonObject
            {
                ["class"] = c + 1,
                ["generalization"] = Number(t.Generalization),
                ["memorization"] = Number(t.Memorization),
            }));
        }

        return json;
    }

    private static JsonArray Array(IEnumerable<JsonNode?> nodes) => new([.. nodes]);

    private static JsonArray Numbers(IEnumerable<double> values) => Array(values.Select(Number));

    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonArray Pair(Complex z) => new(z.Real, z.Imaginary);

    /// <summary>[class][time] becomes [time][class].</summary>
    private static JsonArray PerClass(IReadOnlyList<double[]> curves) =>
        Array(Enumerable.Range(0, curves[0].Length).Select(i => Numbers(curves.Select(curve => curve[i]))));
}
