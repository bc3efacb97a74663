using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Diffusion.Spec;

/// <summary>
/// One object of the spec: reads its keys by name and type, and remembers which were asked for. Every method throws
/// <see cref="SpecException"/> where a value is missing or not allowed.
/// </summary>
/// <param name="node">The object.</param>
/// <param name="path">Where it is in the spec; empty for the root.</param>
public sealed class SpecNode(JsonObject node, string path)
{
    private readonly List<string> known = [];

    public static SpecNode Element(JsonArray array, int index, string path) =>
        array[index] is JsonObject child
            ? new SpecNode(child, $"{path}[{index}]")
            : throw new SpecException($"{path}[{index}] must be an object {{ … }}");

    public string Text(string key)
    {
        JsonNode value = Required(key);
        return value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Wrong(key, value, "a text in quotes");
    }

    public int Integer(string key, int least, int most, int? absent = null) => (int)Integer64(key, least, most, absent);

    public long Integer64(string key, long least, long most, long? absent = null)
    {
        string allowed = most is int.MaxValue or long.MaxValue ? $"a whole number, at least {least}" : $"a whole number from {least} to {most}";
        double value = Number(key, allowed, absent);
        if (value != Math.Floor(value) || value < least || value > most)
        {
            throw new SpecException($"{Name(key)} is {Show(value)}; allowed is {allowed}");
        }

        return (long)value;
    }

    public double Positive(string key, double? absent = null)
    {
        double value = Number(key, "a number above 0", absent);
        return value > 0 && double.IsFinite(value) ? value : throw new SpecException($"{Name(key)} is {Show(value)}; allowed is a number above 0");
    }

    /// <summary>A number from 0 to below 1.</summary>
    public double Fraction(string key, double absent)
    {
        const string Allowed = "a number from 0 to below 1";
        double value = Number(key, Allowed, absent);
        return value is >= 0 and < 1 ? value : throw new SpecException($"{Name(key)} is {Show(value)}; allowed is {Allowed}");
    }

    /// <summary>One of several texts.</summary>
    public string OneOf(string key, IReadOnlyList<string> allowed, string? absent = null) =>
        Optional(key) is null && absent is not null ? absent : Known(Text(key), Name(key), allowed);

    /// <summary>A list of texts, each one of several and none twice.</summary>
    public string[] ManyOf(string key, IReadOnlyList<string> allowed, IReadOnlyList<string> absent)
    {
        if (OptionalArray(key) is not { } array)
        {
            return [.. absent];
        }

        string[] texts = [.. array.Select((item, i) => item is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? Known(value.GetValue<string>(), $"{Name(key)}[{i}]", allowed)
            : throw new SpecException($"{Name(key)}[{i}] is {item?.ToJsonString() ?? "null"}; allowed is a text in quotes"))];
        return texts.Distinct().Count() == texts.Length && texts.Length > 0
            ? texts
            : throw new SpecException($"{Name(key)} is {array.ToJsonString()}; give at least one, and none twice");
    }

    /// <summary>A list of whole numbers.</summary>
    public int[] Integers(string key, int least, int most, IReadOnlyList<int> absent)
    {
        string allowed = most == int.MaxValue ? $"a whole number, at least {least}" : $"a whole number from {least} to {most}";
        return OptionalArray(key) is { } array
            ? [.. array.Select((item, i) => ToNumber(item, $"{Name(key)}[{i}]", allowed) is var value && value == Math.Floor(value) && value >= least && value <= most
                ? (int)value
                : throw new SpecException($"{Name(key)}[{i}] is {Show(value)}; allowed is {allowed}"))]
            : [.. absent];
    }

    /// <summary>A list of numbers between 0 and 1, both excluded, ascending.</summary>
    public double[] Thresholds(string key, IReadOnlyList<double> absent)
    {
        if (OptionalArray(key) is not { } array)
        {
            return [.. absent];
        }

        const string Allowed = "a number between 0 and 1";
        double[] values = [.. array.Select((item, i) => ToNumber(item, $"{Name(key)}[{i}]", Allowed))];
        return values.Length > 0 && values[0] > 0 && values[^1] < 1 && values.Zip(values.Skip(1)).All(pair => pair.First < pair.Second)
            ? values
            : throw new SpecException($"{Name(key)} is {array.ToJsonString()}; allowed is a list of numbers between 0 and 1, ascending");
    }

    public T Choice<T>(string key, T absent)
        where T : struct, Enum
    {
        if (Optional(key) is not { } value)
        {
            return absent;
        }

        string[] names = [.. Enum.GetNames<T>().Select(SpecText.Kebab)];
        string allowed = $"one of {string.Join(", ", names)}";
        if (value.GetValueKind() != JsonValueKind.String)
        {
            throw Wrong(key, value, allowed);
        }

        string text = value.GetValue<string>();
        int index = Array.IndexOf(names, text);
        return index >= 0
            ? Enum.GetValues<T>()[index]
            : throw new SpecException($"{Name(key)} is \"{text}\"; allowed is {allowed}; did you mean \"{SpecText.Nearest(text, names)}\"?");
    }

    public SpecNode Object(string key) => OptionalObject(key) ?? throw Missing(key);

    public SpecNode? OptionalObject(string key) => Optional(key) switch
    {
        null => null,
        JsonObject child => new SpecNode(child, Name(key)),
        var other => throw Wrong(key, other, "an object { … }"),
    };

    /// <summary>The value as it is; null where the key is absent.</summary>
    public JsonNode? OptionalRaw(string key) => Optional(key);

    public JsonArray? OptionalArray(string key) => Optional(key) switch
    {
        null => null,
        JsonArray array => array,
        var other => throw Wrong(key, other, "a list [ … ]"),
    };

    public SpecNode[] ObjectArray(string key)
    {
        JsonArray array = OptionalArray(key) ?? throw Missing(key);
        return [.. Enumerable.Range(0, array.Count).Select(i => Element(array, i, Name(key)))];
    }

    public double[][]? OptionalMatrix(string key) =>
        OptionalArray(key) is { } rows
            ? [.. rows.Select((row, i) => row is JsonArray entries
                ? entries.Select((e, j) => ToNumber(e, $"{Name(key)}[{i}][{j}]", "a number")).ToArray()
                : throw new SpecException($"{Name(key)}[{i}] must be a list of numbers: the matrix is a list of rows"))]
            : null;

    /// <exception cref="SpecException">A key was never asked for: the message names the nearest known one.</exception>
    public void RefuseUnknown()
    {
        foreach ((string key, JsonNode? _) in node)
        {
            if (!known.Contains(key))
            {
                throw new SpecException($"unknown key \"{Name(key)}\"; did you mean \"{Name(SpecText.Nearest(key, known))}\"? Known here: {string.Join(", ", known)}");
            }
        }
    }

    private static string Known(string text, string name, IReadOnlyList<string> allowed) => allowed.Contains(text)
        ? text
        : throw new SpecException($"{name} is \"{text}\"; allowed is one of {string.Join(", ", allowed)}; did you mean \"{SpecText.Nearest(text, allowed)}\"?");

    private static double ToNumber(JsonNode? value, string name, string allowed) =>
        value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && double.TryParse(number.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double result) && double.IsFinite(result)
            ? result
            : throw new SpecException($"{name} is {value?.ToJsonString() ?? "null"}; allowed is {allowed}");

    private static string Show(double value) => value.ToString("G15", CultureInfo.InvariantCulture);

    private double Number(string key, string allowed, double? absent = null)
    {
        JsonNode? value = Optional(key);
        return value is null ? absent ?? throw Missing(key, allowed) : ToNumber(value, Name(key), allowed);
    }

    private JsonNode Required(string key) => Optional(key) ?? throw Missing(key);

    private JsonNode? Optional(string key)
    {
        if (!known.Contains(key))
        {
            known.Add(key);
        }

        return node[key];
    }

    private SpecException Missing(string key, string? allowed = null)
    {
        string? near = node.Select(p => p.Key).FirstOrDefault(k => !known.Contains(k) && SpecText.Distance(k, key) <= 2);
        string hint = near is null ? "" : $" (there is \"{near}\": did you mean \"{key}\"?)";
        return new SpecException($"{Name(key)} is missing{hint}; {(allowed is null ? "it must be given" : $"give {allowed}")}");
    }

    private SpecException Wrong(string key, JsonNode value, string allowed) => new($"{Name(key)} is {value.ToJsonString()}; allowed is {allowed}");

    private string Name(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
