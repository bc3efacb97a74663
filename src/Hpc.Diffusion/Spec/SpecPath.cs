using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Hpc.Diffusion.Spec;

/// <summary>Paths such as <c>model.classes[1].variance</c> into the tree of a spec.</summary>
internal static partial class SpecPath
{
    /// <summary>Applies one <c>path=value</c> argument; the value is JSON, or plain text where it is none.</summary>
    /// <exception cref="SpecException">The argument has no '=', or the path leads nowhere.</exception>
    public static void Override(JsonObject tree, string argument)
    {
        int equals = argument.IndexOf('=');
        if (equals <= 0)
        {
            throw new SpecException($"'{argument}' is not an override; write key=value, for example model.dimension=200");
        }

        string text = argument[(equals + 1)..];
        JsonNode? value;
        try
        {
            value = JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            value = JsonValue.Create(text);
        }

        Set(tree, argument[..equals].Trim(), value);
    }

    /// <summary>Puts a value at a path; missing objects on the way are created, list elements must exist.</summary>
    /// <exception cref="SpecException">The path leads nowhere.</exception>
    public static void Set(JsonObject tree, string path, JsonNode? value)
    {
        Match[] steps = [.. Step().Matches(path).Cast<Match>()];
        if (steps.Length == 0 || string.Concat(steps.Select(s => s.Value)) != path)
        {
            throw new SpecException($"'{path}' is not a path into the spec; write for example model.classes[1].variance");
        }

        JsonNode current = tree;
        for (int i = 0; i < steps.Length; i++)
        {
            bool last = i == steps.Length - 1;
            if (steps[i].Groups["index"] is { Success: true } indexText)
            {
                int index = int.Parse(indexText.Value);
                if (current is not JsonArray array || index >= array.Count)
                {
                    string size = current is JsonArray list ? $"has {list.Count} elements, numbered from 0" : "is not a list";
                    throw new SpecException($"'{path}': {string.Concat(steps.Take(i).Select(s => s.Value))} {size}");
                }

                if (last)
                {
                    array[index] = value?.DeepClone();
                    return;
                }

                current = array[index] ?? throw new SpecException($"'{path}' leads through null");
            }
            else
            {
                string key = steps[i].Groups["key"].Value;
                if (current is not JsonObject container)
                {
                    throw new SpecException($"'{path}': {string.Concat(steps.Take(i).Select(s => s.Value))} has no keys");
                }

                if (last)
                {
                    container[key] = value?.DeepClone();
                    return;
                }

                if (container[key] is null)
                {
                    container[key] = new JsonObject();
                }

                current = container[key]!;
            }
        }
    }

    [GeneratedRegex(@"(^|\.)(?<key>[A-Za-z_]\w*)|\[(?<index>\d{1,9})\]")]
    private static partial Regex Step();
}
