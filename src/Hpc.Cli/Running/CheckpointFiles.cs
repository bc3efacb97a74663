using System.Diagnostics;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>
/// The checkpoint files of one task: <c>checkpoints/&lt;name&gt;.h5</c> in the output folder, with the one before it in
/// <c>&lt;name&gt;.previous.h5</c>. Both are written as shards are, whole or not at all and with a checksum; a damaged one falls back to the
/// previous one and then to the start.
/// </summary>
/// <param name="outputFolder">The output folder of the run.</param>
/// <param name="task">Hash of the task, with which the name begins.</param>
/// <param name="name">Name of the files.</param>
/// <param name="interval">Least time between two; more where saving takes longer than a hundredth of it.</param>
/// <param name="say">Told what the user should know.</param>
public sealed class CheckpointFiles(string outputFolder, string task, string name, TimeSpan interval, Action<string> say)
{
    /// <summary>Saving takes at most one part in this of the time.</summary>
    private const int CostShare = 100;

    private readonly string folder = FolderOf(outputFolder);
    private readonly Stopwatch sinceSaved = Stopwatch.StartNew();
    private TimeSpan needed = TimeSpan.Zero;

    /// <summary>Whether the next one should be saved.</summary>
    public bool IsDue => sinceSaved.Elapsed >= interval && sinceSaved.Elapsed >= needed;

    private string Current => Path.Combine(folder, name + ".h5");

    private string Previous => Path.Combine(folder, name + ".previous.h5");

    /// <summary>Deletes checkpoints of tasks whose results are there, and what killed writers left.</summary>
    /// <param name="outputFolder">The output folder of the run.</param>
    /// <param name="isDone">Whether the task with a hash has its result.</param>
    public static void RemoveStale(string outputFolder, Func<string, bool> isDone)
    {
        string folder = FolderOf(outputFolder);
        if (!Directory.Exists(folder))
        {
            return;
        }

        AtomicFile.RemoveStale(folder);
        foreach (string file in Directory.GetFiles(folder, "*.h5").Where(file => isDone(Path.GetFileName(file).Split('.')[0])))
        {
            File.Delete(file);
        }
    }

    /// <summary>Saves one; a disk that is full or cannot be written is said and stops nothing.</summary>
    /// <param name="moment">Where the task is, for messages: epoch 12.</param>
    /// <param name="datasets">The state.</param>
    /// <param name="attributes">Numbers beside it.</param>
    /// <param name="together">Waits for other ranks that save, too; null when there are none.</param>
    public void Save(string moment, IReadOnlyList<Dataset> datasets, IReadOnlyDictionary<string, object> attributes, Action? together = null)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(Current))
            {
                File.Move(Current, Previous, overwrite: true);
            }

            ResultFile.Write(Current, new ResultGroup(datasets, new Dictionary<string, object>(attributes) { [Provenance.TaskHashAttribute] = task }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The task can go on without; a full disk shows itself again when the result is written.
            say($"no checkpoint at {moment}: {e.Message}");
        }

        together?.Invoke();

        // Long writes become rare, so that they never take a noticeable part of the time.
        needed = CostShare * clock.Elapsed;
        sinceSaved.Restart();
    }

    /// <summary>Those that are whole, the newest first; damaged ones are said and deleted.</summary>
    /// <param name="check">Throws <see cref="InvalidDataException"/> where one does not belong to the task.</param>
    public IReadOnlyList<ResultGroup> Read(Action<ResultGroup> check) =>
        [.. ((string[])[Current, Previous]).Select(path => Read(path, check)).OfType<ResultGroup>()];

    /// <summary>Whether there is a checkpoint of the task, whatever its name.</summary>
    public bool AnyOfTask() => Directory.Exists(folder) && Directory.GetFiles(folder, task + ".*.h5").Length > 0;

    /// <summary>Deletes the checkpoints of a task whose result is there.</summary>
    public void Remove()
    {
        if (Directory.Exists(folder))
        {
            Array.ForEach(Directory.GetFiles(folder, task + ".*"), File.Delete);
        }
    }

    private static string FolderOf(string outputFolder) => Path.Combine(outputFolder, "checkpoints");

    private ResultGroup? Read(string path, Action<ResultGroup> check)
    {
        try
        {
            ResultGroup content = ResultFile.Read(path);
            if ((string)content.Attributes[Provenance.TaskHashAttribute] != task)
            {
                throw new InvalidDataException("It belongs to another task.");
            }

            check(content);
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or KeyNotFoundException or InvalidCastException)
        {
            say($"the checkpoint '{path}' is damaged and was deleted: {e.Message} {(path == Current && File.Exists(Previous) ? "The one before it is tried." : "The task begins anew.")}");
            File.Delete(path);
            return null;
        }
    }
}
