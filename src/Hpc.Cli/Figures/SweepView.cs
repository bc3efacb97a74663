using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Cli.Figures;

/// <summary>
/// A merged sweep as figures read it: its points in the order of the sweep, and what was varied. The last entry of the sweep, where its first
/// parameter is a number, is the axis of its figures; every combination of the other entries is a series.
/// </summary>
public sealed class SweepView
{
    private readonly Entry[] entries;
    private readonly IReadOnlyDictionary<int, ResultView> points;

    /// <param name="spec">The resolved spec with its sweep, in JSON.</param>
    /// <param name="points">The results by index of the point; points without a result are missing.</param>
    /// <exception cref="ArgumentException">The spec has no sweep.</exception>
    public SweepView(string spec, IReadOnlyDictionary<int, ResultView> points)
    {
        this.points = points;
        JsonNode root = JsonNode.Parse(spec, null, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;
        if (root["sweep"] is not JsonArray { Count: > 0 } sweep)
        {
            throw new ArgumentException("The spec has no sweep.", nameof(spec));
        }

        Name = (string?)root["name"] ?? "";
        entries = [.. sweep.Select(entry => Entry.Read(entry!))];
    }

    /// <summary>Name of the experiment.</summary>
    public string Name { get; }

    /// <summary>The results that are there, in the order of the sweep.</summary>
    public IEnumerable<ResultView> Points => points.OrderBy(p => p.Key).Select(p => p.Value);

    /// <summary>What distinguishes each of them.</summary>
    public IEnumerable<string> Labels => points.Keys.Order().Select(Label);

    /// <summary>Number of entries of the sweep.</summary>
    public int Entries => entries.Length;

    /// <summary>Symbol of the first parameter of the last entry; null where its values are no numbers, not distinct, or only one.</summary>
    public string? Axis => entries[^1] is { Count: > 1 } last && Numbers(entries.Length - 1) is { } numbers && numbers.Distinct().Count() == last.Count
        ? SweepLabels.Symbol(last.Parameters[0])
        : null;

    /// <summary>Label of an axis of its values; empty without such an axis.</summary>
    public string AxisLabel => Axis is null ? "" : LabelOf(entries.Length - 1);

    /// <summary>Every combination of the entries but the last, with its points along the last: x and the result.</summary>
    public IReadOnlyList<(string Label, (double X, ResultView Result)[] Points)> Series =>
        [.. Combinations(entries[..^1]).Select(c => (c.Label, Along(c.First, entries[^1])))];

    /// <summary>Values of an entry as numbers; null where they are none.</summary>
    public double[]? Numbers(int entry) =>
        Number(entries[entry], 0) is null ? null : [.. Enumerable.Range(0, entries[entry].Count).Select(i => Number(entries[entry], i)!.Value)];

    /// <summary>Label of an axis of the first parameter of an entry.</summary>
    public string LabelOf(int entry) => SweepLabels.AxisLabel(entries[entry].Parameters[0]);

    /// <summary>Symbol of the first parameter of an entry.</summary>
    public string Symbol(int entry) => SweepLabels.Symbol(entries[entry].Parameters[0]);

    /// <summary>What distinguishes a point.</summary>
    public string Label(int index) => Combinations(entries).First(c => c.First == index).Label;

    /// <summary>Whether an entry varies a parameter.</summary>
    public bool Varies(string parameter) => entries.Any(e => e.Parameters.Contains(parameter));

    /// <summary>What distinguishes the values of the last entry.</summary>
    public string[] EntryLabels => [.. Enumerable.Range(0, entries[^1].Count).Select(i => SweepLabels.Of(entries[^1].Parameters, entries[^1].Values, i))];

    /// <summary>Whether a parameter is the only one that is varied.</summary>
    public bool VariesAlone(string parameter) => entries is [{ Parameters: [var only] }] && only == parameter;

    /// <summary>The result of a point; null where it is missing.</summary>
    public ResultView? At(int index) => points.GetValueOrDefault(index);

    private (double X, ResultView Result)[] Along(int first, Entry entry) =>
    [
        .. from i in Enumerable.Range(0, entry.Count)
           where points.ContainsKey(first + i)
           let x = Axis is null ? i : Number(entry, i)!.Value
           orderby x
           select (x, points[first + i]),
    ];

    /// <summary>Label and index of the first point of every combination of the given first entries.</summary>
    private IEnumerable<(string Label, int First)> Combinations(Entry[] given)
    {
        int stride = entries[given.Length..].Aggregate(1, (n, e) => n * e.Count), count = given.Aggregate(1, (n, e) => n * e.Count);
        for (int index = 0; index < count; index++)
        {
            var labels = new List<string>();
            int rest = index;
            for (int e = given.Length - 1; e >= 0; e--)
            {
                labels.Insert(0, SweepLabels.Of(given[e].Parameters, given[e].Values, rest % given[e].Count));
                rest /= given[e].Count;
            }

            yield return (string.Join(", ", labels.Where(l => l.Length > 0)), index * stride);
        }
    }

    private static double? Number(Entry entry, int i) =>
        entry.Values[0][i].GetValueKind() == JsonValueKind.Number ? entry.Values[0][i].GetValue<double>() : null;

    /// <summary>Parameters that are varied together, with the values of each.</summary>
    private sealed record Entry(string[] Parameters, JsonNode[][] Values)
    {
        public int Count => Values[0].Length;

        public static Entry Read(JsonNode entry) => entry["parameters"] is JsonObject zipped
            ? new Entry([.. zipped.Select(p => p.Key)], [.. zipped.Select(p => Nodes(p.Value!))])
            : new Entry([(string)entry["parameter"]!], [Nodes(entry["values"]!)]);

        private static JsonNode[] Nodes(JsonNode values) => [.. values.AsArray().Select(v => v!)];
    }
}
