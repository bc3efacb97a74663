using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Hpc.Results;

/// <summary>Files that appear whole or not at all, whenever the process or the machine stops.</summary>
public static partial class AtomicFile
{
    private const int EINVAL = 22;

    /// <summary>A writer holds a temporary file for seconds: one of another machine and older than this was left by a dead one.</summary>
    private static readonly TimeSpan ForeignLifetime = TimeSpan.FromDays(1);

    /// <summary>Start times of processes are known to the clock tick, but move with adjustments of the clock.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private static int sequence;

    /// <summary>
    /// Writes to a temporary name in the same folder, flushes to the disk, renames over <paramref name="path"/> and flushes the folder.
    /// </summary>
    /// <param name="path">The file to create or to replace; its folder exists.</param>
    /// <param name="write">Writes the content to a stream that can also be read and positioned.</param>
    /// <exception cref="IOException">
    /// The disk is full or the folder cannot be written. The temporary file is removed and an older file of that name is left as it was.
    /// </exception>
    public static void Write(string path, Action<FileStream> write)
    {
        path = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(path) ?? throw new ArgumentException($"'{path}' is not the name of a file.");
        var temporary = $"{path}.tmp-{Environment.ProcessId}-{Interlocked.Increment(ref sequence)}@{Environment.MachineName}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception)
        {
            Remove(temporary);
            // PureHDF calls its encoders by reflection, which wraps what they throw.
            var cause = exception.GetBaseException();
            if (cause is IOException or UnauthorizedAccessException)
            {
                throw new IOException(
                    $"Cannot write '{path}': {cause.Message} {FreeSpace(folder)}" +
                    "Nothing was changed. Make room, or choose a folder that exists and can be written.",
                    exception);
            }

            throw;
        }

        FlushFolder(folder);
    }

    /// <summary>
    /// Deletes the temporary files of writers that no longer live: of this machine when no process has their number, of other machines
    /// when they are older than a day.
    /// </summary>
    /// <returns>The paths of the deleted files.</returns>
    public static IReadOnlyList<string> RemoveStale(string folder)
    {
        var removed = new List<string>();
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.tmp-*@*") : [])
        {
            var match = TemporaryName().Match(path);
            if (match.Success && IsStale(match, File.GetLastWriteTimeUtc(path)))
            {
                Remove(path);
                removed.Add(path);
            }
        }

        return removed;
    }

    private static bool IsStale(Match name, DateTime lastWrite)
    {
        if (name.Groups["host"].Value != Environment.MachineName)
        {
            return DateTime.UtcNow - lastWrite > ForeignLifetime;
        }

        try
        {
            using var process = Process.GetProcessById(int.Parse(name.Groups["process"].Value, CultureInfo.InvariantCulture));
            // A process that began after the last write has only inherited the number.
            return process.StartTime.ToUniversalTime() > lastWrite + ClockTolerance;
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }

    [GeneratedRegex(@"\.tmp-(?<process>\d{1,9})-\d+@(?<host>[^/\\]+)$")]
    private static partial Regex TemporaryName();

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written keeps its file; RemoveStale tries again later.
        }
    }

    private static string FreeSpace(string folder)
    {
        try
        {
            return $"{new DriveInfo(folder).AvailableFreeSpace / 1e6:F1} MB are free there. ";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "";
        }
    }

    /// <summary>Makes the rename itself durable.</summary>
    private static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, 0);
        var result = descriptor < 0 ? -1 : FlushDescriptor(descriptor);
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = Close(descriptor);
        }

        // Some file systems have no flush for folders and say EINVAL.
        if (result != 0 && error != EINVAL)
        {
            throw new IOException($"Cannot flush the folder '{folder}' to the disk: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
