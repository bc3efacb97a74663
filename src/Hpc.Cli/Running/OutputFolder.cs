using System.Text.Json;
using System.Text.Json.Nodes;
using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>
/// The folder of one experiment: <c>spec.json</c>, <c>shards/</c>, <c>&lt;name&gt;.h5</c>, <c>figures/</c>, <c>report.html</c>,
/// <c>log.jsonl</c>, <c>lock</c> (design.md, "Results").
/// </summary>
public sealed class OutputFolder
{
    private readonly object logGate = new();

    private OutputFolder(string path, ExperimentSpec spec)
    {
        (Folder, Spec) = (path, spec);
        Shards = new ShardStore(path);
    }

    public string Folder { get; }

    public ExperimentSpec Spec { get; }

    public ShardStore Shards { get; }

    public string MergedFile => Path.Combine(Folder, Spec.Name + ".h5");

    public string Figures => Path.Combine(Folder, "figures");

    public string Report => Path.Combine(Folder, "report.html");

    private string SpecFile => SpecPath(Folder);

    /// <summary>Makes the folder, or checks that the one that is there belongs to the same spec; nothing is written before the check.</summary>
    /// <exception cref="UsageException">The folder belongs to another spec, or cannot be written.</exception>
    public static OutputFolder Create(string path, ExperimentSpec spec)
    {
        var folder = new OutputFolder(path, spec);
        if (File.Exists(folder.SpecFile))
        {
            ExperimentSpec existing = ReadSpec(path);

            // More or other seeds, or another division among ranks, are no change of the experiment: tasks are identified by physics and seed.
            if (SpecWriter.Write(existing with { Seeds = spec.Seeds, Shard = spec.Shard }) != SpecWriter.Write(spec))
            {
                throw new UsageException(
                    $"'{path}' holds results of another spec ({FirstDifference(existing, spec)}): choose another folder with --out, or delete this one");
            }
        }

        try
        {
            Directory.CreateDirectory(path);
            string probe = Path.Combine(path, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write to the output folder '{path}': {e.Message.TrimEnd('.')}; choose another with --out");
        }

        return folder;
    }

    /// <summary>Opens the folder of an earlier run.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static OutputFolder Open(string path)
    {
        if (!File.Exists(SpecPath(path)))
        {
            throw new UsageException($"'{path}' is no output folder of a run: it has no spec.json");
        }

        return new OutputFolder(path, ReadSpec(path));
    }

    /// <summary>The method that an earlier run in this folder was settled on; null where there is none.</summary>
    /// <exception cref="UsageException">The stored spec cannot be read.</exception>
    public static SpectrumMethod? MethodOf(string path) => !File.Exists(SpecPath(path))
        ? null
        : ReadSpec(path).Method == SpectrumMethod.Lanczos ? SpectrumMethod.Lanczos : SpectrumMethod.Dense;

    /// <summary>Stores the resolved spec.</summary>
    public void WriteSpec()
    {
        string temporary = SpecFile + ".new";
        File.WriteAllText(temporary, SpecWriter.Write(Spec) + "\n");
        File.Move(temporary, SpecFile, overwrite: true);
    }

    /// <summary>Appends one line to <c>log.jsonl</c>.</summary>
    public void Log(string @event, params (string Key, JsonNode? Value)[] values)
    {
        var line = new JsonObject { ["time"] = DateTime.UtcNow.ToString("O"), ["event"] = @event };
        foreach ((string key, JsonNode? value) in values)
        {
            line[key] = value;
        }

        lock (logGate)
        {
            File.AppendAllText(Path.Combine(Folder, "log.jsonl"), line.ToJsonString() + "\n");
        }
    }

    private static string SpecPath(string folder) => Path.Combine(folder, "spec.json");

    private static ExperimentSpec ReadSpec(string folder)
    {
        try
        {
            return SpecReader.ReadFile(SpecPath(folder));
        }
        catch (SpecException e)
        {
            throw new UsageException($"the spec stored in '{folder}' cannot be read: {e.Message}");
        }
    }

    private static string FirstDifference(ExperimentSpec existing, ExperimentSpec given)
    {
        (string path, string there, string here) = Differences(
            JsonNode.Parse(SpecWriter.Write(existing)), JsonNode.Parse(SpecWriter.Write(given with { Seeds = existing.Seeds, Shard = existing.Shard })), "").First();
        return $"{path} is {there} there and {here} here";
    }

    private static IEnumerable<(string Path, string There, string Here)> Differences(JsonNode? there, JsonNode? here, string path)
    {
        if (there is JsonObject first && here is JsonObject second)
        {
            return first.Select(p => p.Key).Union(second.Select(p => p.Key))
                .SelectMany(key => Differences(first[key], second[key], path.Length == 0 ? key : $"{path}.{key}"));
        }

        return JsonNode.DeepEquals(there, here) ? [] : [(path, Show(there), Show(here))];
    }

    private static string Show(JsonNode? node) => node?.ToJsonString(JsonSerializerOptions.Web) ?? "absent";
}
