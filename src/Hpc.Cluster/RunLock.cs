using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Cluster;

/// <summary>
/// The file <c>lock</c> of an output folder (<c>lock.3</c> for job 3 of an array): who is running there (host, process, Slurm job). It is
/// held by the operating system while the process lives and removed at the end, so that a lock left by a killed run on the same host is
/// recognized and taken over; so is one of another host whose Slurm job is over or is this one, started again.
/// </summary>
public sealed class RunLock : IDisposable
{
    private const string Name = "lock";

    /// <summary>Another has locked the file: EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.</summary>
    private static readonly int[] LockedElsewhere = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Time for a reader of the file, such as a look at the state of the run, to close it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private readonly FileStream stream;
    private readonly string path;

    private RunLock(FileStream stream, string path) => (this.stream, this.path) = (stream, path);

    /// <summary>Locks a folder, for the whole run or for one job of an array; the two exclude each other.</summary>
    /// <exception cref="FolderInUseException">Another run holds it.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static RunLock Acquire(string folder, ArrayPart? part = null)
    {
        string path = Path.Combine(folder, part is null ? Name : $"{Name}.{part.Index}");
        RunLock result = Acquire(folder, path);
        foreach (string rival in part is not null ? [Path.Combine(folder, Name)] : PartLocks(folder))
        {
            if (Look(rival) is { } found)
            {
                result.Dispose();
                throw found.Foreign ? Unknown(folder, rival, found.Holder) : InUse(folder, found.Holder);
            }
        }

        return result;
    }

    /// <summary>Who works in a folder now: the run (no part), or the jobs of an array by their numbers.</summary>
    public static IReadOnlyList<(int? Part, string Holder)> Holders(string folder) =>
        [.. from path in PartLocks(folder).Prepend(Path.Combine(folder, Name))
            let found = Look(path)
            where found is not null
            let part = int.TryParse(Path.GetExtension(path).AsSpan().TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : (int?)null
            orderby part
            select (part, found.Value.Holder)];

    public void Dispose()
    {
        File.Delete(path);
        stream.Dispose();
    }

    private static IEnumerable<string> PartLocks(string folder) =>
        Directory.GetFiles(folder).Where(file => Path.GetFileName(file).StartsWith(Name + ".", StringComparison.Ordinal));

    private static RunLock Acquire(string folder, string path)
    {
        string? job = Environment.GetEnvironmentVariable("SLURM_JOB_ID");
        string entry = new JsonObject
        {
            ["host"] = Environment.MachineName,
            ["pid"] = Environment.ProcessId,
            ["job"] = job,
            ["start"] = DateTime.UtcNow.ToString("O"),
        }.ToJsonString();
        while (true)
        {
            FileStream stream = Open(folder, path);
            using (var reader = new StreamReader(stream, leaveOpen: true))
            {
                // The operating system says that nobody on this host holds the file; about another host only Slurm can tell.
                if (Parse(reader.ReadToEnd()) is { } owner && IsForeign(owner))
                {
                    stream.Dispose();
                    throw Unknown(folder, path, Describe(owner));
                }
            }

            stream.SetLength(0);
            using (var writer = new StreamWriter(stream, leaveOpen: true))
            {
                writer.Write(entry);
            }

            stream.Flush(flushToDisk: true);

            // The previous owner may have removed the file between opening and locking: then this lock is one of a file that is gone.
            if (Read(path) == entry)
            {
                return new RunLock(stream, path);
            }

            stream.Dispose();
        }
    }

    private static FileStream Open(string folder, string path)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (LockedElsewhere.Contains(e.HResult))
            {
                if (clock.Elapsed > Patience)
                {
                    throw InUse(folder, Owner(path));
                }

                Thread.Sleep(20);
            }
        }
    }

    private static FolderInUseException InUse(string folder, string holder) =>
        new($"the folder '{folder}' is in use by {holder}: wait for it, or choose another folder with --out");

    private static FolderInUseException Unknown(string folder, string path, string holder) =>
        new($"the folder '{folder}' is locked by {holder}, which cannot be checked from {Environment.MachineName}: " +
            $"if that run is over, delete '{path}' and run again");

    /// <summary>Whether a lock is of a run on another host that may live: not of a Slurm job that is over, or is this one, started again.</summary>
    private static bool IsForeign(JsonObject owner) =>
        (string?)owner["host"] is { } host && host != Environment.MachineName
        && !((string?)owner["job"] is { } job && (job == Environment.GetEnvironmentVariable("SLURM_JOB_ID") || IsOver(job)));

    /// <summary>Who holds a lock; null when nobody does.</summary>
    private static (string Holder, bool Foreign)? Look(string path)
    {
        try
        {
            using FileStream probe = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            using var reader = new StreamReader(probe);
            return Parse(reader.ReadToEnd()) is { } owner && IsForeign(owner) ? (Describe(owner), true) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return (Owner(path), false);
        }
    }

    /// <summary>Whether Slurm knows that a job has ended; false when it does not answer.</summary>
    private static bool IsOver(string job)
    {
        try
        {
            using var squeue = Process.Start(new ProcessStartInfo("squeue", ["-h", "-o", "%i", "-j", job])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            string output = squeue.StandardOutput.ReadToEnd();
            string error = squeue.StandardError.ReadToEnd();
            squeue.WaitForExit();
            bool forgotten = squeue.ExitCode != 0 && error.Contains("Invalid job id");
            return forgotten || (squeue.ExitCode == 0 && output.Trim().Length == 0);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>The text of a lock file, also while another has locked it, which File.OpenRead would respect; null when there is none.</summary>
    private static string? Read(string path)
    {
        int file = NativeMethods.Open(path, NativeMethods.ReadOnly);
        if (file < 0)
        {
            return null;
        }

        Span<byte> buffer = stackalloc byte[4096];
        nint length = NativeMethods.Read(file, buffer, buffer.Length);
        _ = NativeMethods.Close(file);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer[..(int)length]);
    }

    private static string Owner(string path) => Parse(Read(path) ?? "") is { } owner ? Describe(owner) : "another run";

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
