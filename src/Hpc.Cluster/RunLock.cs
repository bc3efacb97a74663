using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Cluster;

/// <summary>Another run works on the folder: the message says which, and what to do when it does not exist any more.</summary>
public sealed class FolderInUseException(string message) : Exception(message);

/// <summary>
/// The file <c>lock</c> of an output folder: who is running there (host, process, Slurm job). It is held by the operating system while
/// the process lives and removed at the end, so that a lock left by a killed run on the same host is recognized and taken over.
/// </summary>
/// <remarks>
/// What is locked is one byte far behind the text, so that others can read who holds it. macOS has no such locks in .NET: the whole file
/// is locked there, and the message cannot say who holds it.
/// </remarks>
public sealed class RunLock : IDisposable
{
    private const long LockedByte = 1 << 20;

    private readonly FileStream stream;
    private readonly string path;

    private RunLock(FileStream stream, string path) => (this.stream, this.path) = (stream, path);

    /// <summary>Locks a folder.</summary>
    /// <exception cref="FolderInUseException">Another run holds it.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static RunLock Acquire(string folder)
    {
        string path = Path.Combine(folder, "lock");
        FileStream stream;
        try
        {
            stream = Open(path, FileMode.OpenOrCreate);
        }
        catch (IOException e) when (File.Exists(path) && e is not FileNotFoundException and not DirectoryNotFoundException)
        {
            throw new FolderInUseException($"the folder '{folder}' is in use by {Owner(path)}: wait for it, or choose another folder with --out");
        }

        string host = Environment.MachineName;
        using (var reader = new StreamReader(stream, leaveOpen: true))
        {
            if (Parse(reader.ReadToEnd()) is { } owner && owner["host"]?.GetValue<string>() is { } other && other != host)
            {
                stream.Dispose();
                throw new FolderInUseException(
                    $"the folder '{folder}' is locked by {Describe(owner)}, which cannot be checked from {host}: if that run is over, delete '{path}' and run again");
            }
        }

        var entry = new JsonObject
        {
            ["host"] = host,
            ["pid"] = Environment.ProcessId,
            ["job"] = Environment.GetEnvironmentVariable("SLURM_JOB_ID"),
            ["start"] = Process.GetCurrentProcess().StartTime.ToUniversalTime().ToString("O"),
        };
        stream.SetLength(0);
        using (var writer = new StreamWriter(stream, leaveOpen: true))
        {
            writer.WriteLine(entry.ToJsonString());
        }

        stream.Flush(flushToDisk: true);
        return new RunLock(stream, path);
    }

    /// <summary>Who holds the lock of a folder now, or null when nobody does.</summary>
    public static string? Holder(string folder)
    {
        string path = Path.Combine(folder, "lock");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream probe = Open(path, FileMode.Open);
            using var reader = new StreamReader(probe);
            return Parse(reader.ReadToEnd()) is { } owner && owner["host"]?.GetValue<string>() != Environment.MachineName ? Describe(owner) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return Owner(path);
        }
    }

    public void Dispose()
    {
        File.Delete(path);
        stream.Dispose();
    }

    private static FileStream Open(string path, FileMode mode)
    {
        var stream = new FileStream(path, mode, FileAccess.ReadWrite, OperatingSystem.IsMacOS() ? FileShare.None : FileShare.ReadWrite | FileShare.Delete);
        if (!OperatingSystem.IsMacOS())
        {
            try
            {
                stream.Lock(LockedByte, 1);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }

        return stream;
    }

    private static string Owner(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return Parse(reader.ReadToEnd()) is { } owner ? Describe(owner) : "another run";
        }
        catch (IOException)
        {
            return "another run";
        }
    }

    private static string Describe(JsonObject owner) =>
        $"process {owner["pid"]} on {owner["host"]}{(owner["job"] is { } job ? $", Slurm job {job}" : "")}";

    private static JsonObject? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
