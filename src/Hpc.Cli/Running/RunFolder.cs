using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>
/// The folder of one experiment of any kind: <c>spec.json</c>, <c>shards/</c>, <c>&lt;name&gt;.h5</c>, <c>figures/</c>,
/// <c>report.html</c>, <c>log.jsonl</c> (<see cref="RunLogWriter"/>), <c>lock</c>.
/// </summary>
public abstract class RunFolder
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>More or other seeds, or another division among ranks, are no change of the experiment: tasks are identified by physics and seed.</summary>
    private static readonly string[] NoPhysics = ["seeds", "shard"];

    /// <param name="path">The folder.</param>
    /// <param name="name">Name of the experiment.</param>
    protected RunFolder(string path, string name)
    {
        (Folder, Name) = (path, name);
        Shards = new ShardStore(path);
    }

    public string Folder { get; }

    /// <summary>Name of the experiment.</summary>
    public string Name { get; }

    public ShardStore Shards { get; }

    public string MergedFile => Path.Combine(Folder, Name + ".h5");

    /// <summary>Curves of the theory that need not be computed again.</summary>
    public string Theory => Path.Combine(Folder, "theory");

    public string Figures => Path.Combine(Folder, "figures");

    public string Report => Path.Combine(Folder, "report.html");

    /// <summary>The resolved spec.</summary>
    protected abstract JsonObject Resolved { get; }

    /// <summary>Reads the merged results.</summary>
    /// <exception cref="UsageException">There are none, or the file is damaged.</exception>
    public ResultGroup ReadMerged()
    {
        try
        {
            return ResultFile.Read(MergedFile);
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"'{MergedFile}' is missing: make it with 'hpc merge {Folder}'");
        }
        catch (InvalidDataException e)
        {
            throw new UsageException($"{e.Message} Make it again with 'hpc merge {Folder}'");
        }
    }

    /// <summary>Stores the resolved spec.</summary>
    public void WriteSpec()
    {
        // Jobs of an array write it at the same time, each the same.
        byte[] text = Encoding.UTF8.GetBytes(Resolved.ToJsonString(Indented) + "\n");
        AtomicFile.Write(SpecFile(Folder), stream => stream.Write(text));
    }

    /// <summary>Where the spec of a folder is.</summary>
    protected static string SpecFile(string folder) => Path.Combine(folder, "spec.json");

    /// <summary>Reads the spec of a folder.</summary>
    /// <exception cref="UsageException">The folder has none, or it cannot be read.</exception>
    protected static T ReadSpec<T>(string folder, Func<string, T> read)
    {
        if (!File.Exists(SpecFile(folder)))
        {
            throw new UsageException($"'{folder}' is no output folder of a run: it has no spec.json");
        }

        try
        {
            return read(SpecFile(folder));
        }
        catch (SpecException e)
        {
            throw new UsageException($"the spec stored in '{folder}' cannot be read: {e.Message}");
        }
    }

    /// <summary>Makes the folder, or checks that the one that is there belongs to the same spec; nothing is written before the check.</summary>
    /// <param name="existing">The spec that is there, resolved again; null where there is none.</param>
    /// <exception cref="UsageException">The folder belongs to another spec, or cannot be written.</exception>
    protected void Prepare(JsonObject? existing)
    {
        if (existing is not null && Differences(existing, Resolved, "").FirstOrDefault(d => !NoPhysics.Contains(d.Path.Split('.')[0])) is { Path: not null } difference)
        {
            throw new UsageException(
                $"'{Folder}' holds results of another spec ({difference.Path} is {difference.There} there and {difference.Here} here): choose another folder with --out, or delete this one");
        }

        try
        {
            Directory.CreateDirectory(Folder);
            string probe = Path.Combine(Folder, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write to the output folder '{Folder}': {e.Message.TrimEnd('.')}; choose another with --out");
        }
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
