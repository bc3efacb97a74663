using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Hpc.Cli.Figures;

/// <summary>Swept values as a reader names them.</summary>
internal static partial class SweepLabels
{
    private const string Subscripts = "₀₁₂₃₄₅₆₇₈₉";

    /// <summary>The field's symbol of a path into the spec; classes are numbered from 1. The path itself where it has none.</summary>
    public static string Symbol(string path)
    {
        Match match = ClassPath().Match(path);
        string index = string.Concat(match.Groups["i"].Captures.Select(c => Subscript(int.Parse(c.Value, CultureInfo.InvariantCulture) + 1)));
        return path switch
        {
            "model.dimension" => "N",
            "model.features" => "P",
            "model.samples" => "M",
            "diffusionTime" => "t",
            _ when match.Groups["weight"].Success => "b" + index,
            _ when match.Groups["variance"].Success => "σ²" + index,
            _ when match.Groups["gram"].Success => "Gram" + index,
            _ => path[(path.LastIndexOf('.') + 1)..],
        };
    }

    /// <summary>What the symbol of a path stands for, as the label of an axis.</summary>
    public static string AxisLabel(string path)
    {
        string word = path switch
        {
            "model.dimension" => "dimension",
            "model.features" => "features",
            "model.samples" => "samples",
            "diffusionTime" => "diffusion time",
            _ when path.EndsWith(".weight", StringComparison.Ordinal) => "weight",
            _ when path.EndsWith(".variance", StringComparison.Ordinal) => "variance",
            _ => "",
        };
        return $"{word} {Symbol(path)}".Trim();
    }

    /// <summary>
    /// Value <paramref name="i"/> of parameters that are varied together: what differs from the most frequent value of each, "baseline"
    /// where nothing does.
    /// </summary>
    public static string Of(string[] parameters, JsonNode[][] values, int i)
    {
        string[] parts =
        [
            .. from p in Enumerable.Range(0, parameters.Length)
               let texts = values[p].Select(Text).ToArray()
               let usual = texts.GroupBy(t => t).OrderByDescending(g => g.Count()).First()
               where parameters.Length == 1 || 2 * usual.Count() <= texts.Length || texts[i] != usual.Key
               select parameters.Length == 1 && values[p][i].GetValueKind() == JsonValueKind.String ? texts[i] : $"{Symbol(parameters[p])} = {texts[i]}",
        ];
        return parts.Length == 0 ? "baseline" : string.Join(", ", parts);
    }

    private static string Text(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Number => value.GetValue<double>().ToString("G3", CultureInfo.InvariantCulture),
        JsonValueKind.String => value.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    private static string Subscript(int number) => string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(d => Subscripts[d - '0']));

    [GeneratedRegex(@"^model\.(classes\[(?<i>\d+)\]\.((?<weight>weight)|(?<variance>variance))|(?<gram>centroidGram)\[(?<i>\d+)\]\[(?<i>\d+)\])$")]
    private static partial Regex ClassPath();
}
