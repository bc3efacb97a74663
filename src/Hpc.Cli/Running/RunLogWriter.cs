using System.Text.Json.Nodes;

namespace Hpc.Cli.Running;

/// <summary>
/// Appends to the log of a run, one JSON object a line: <c>log.jsonl</c>, or <c>log.3.jsonl</c> for job 3 of an array, since appends of several
/// processes, possibly of several machines, would mix.
/// </summary>
/// <param name="folder">The output folder.</param>
/// <param name="part">Number of the job in an array; null outside one.</param>
public sealed class RunLogWriter(string folder, int? part)
{
    private readonly Lock gate = new();
    private readonly string path = PathOf(folder, part);

    /// <summary>The log of a run, or of a job of an array.</summary>
    public static string PathOf(string folder, int? part) => Path.Combine(folder, part is null ? "log.jsonl" : $"log.{part}.jsonl");

    /// <summary>Appends one line, with the time.</summary>
    public void Write(string @event, params ReadOnlySpan<(string Key, JsonNode? Value)> values)
    {
        var line = new JsonObject { ["time"] = DateTime.UtcNow.ToString("O"), ["event"] = @event };
        foreach ((string key, JsonNode? value) in values)
        {
            line[key] = value;
        }

        lock (gate)
        {
            File.AppendAllText(path, line.ToJsonString() + "\n");
        }
    }
}
