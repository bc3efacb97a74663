namespace Hpc.Results;

/// <summary>The shards of an experiment: one result file per task, <c>shards/&lt;task hash&gt;.h5</c> in the output folder.</summary>
/// <param name="outputFolder">The output folder of the experiment; <c>shards</c> is created by the first write.</param>
public sealed class ShardStore(string outputFolder)
{
    private readonly string folder = Path.Combine(outputFolder, "shards");

    /// <summary>The path of a task's shard, whether or not it exists.</summary>
    /// <exception cref="ArgumentException">The hash has other characters than ASCII letters and digits.</exception>
    public string PathOf(string taskHash) => taskHash.Length > 0 && taskHash.All(char.IsAsciiLetterOrDigit)
        ? Path.Combine(folder, taskHash + ".h5")
        : throw new ArgumentException($"'{taskHash}' is not a task hash: it must consist of ASCII letters and digits.");

    /// <summary>A task is done only if its shard opens and both its checksum and its task hash match.</summary>
    /// <exception cref="IOException">The shard exists but cannot be read, which says nothing about its content.</exception>
    public ShardState Classify(string taskHash)
    {
        try
        {
            _ = Read(taskHash);
            return new(ShardStatus.Done, "");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(ShardStatus.Missing, "");
        }
        catch (InvalidDataException exception)
        {
            return new(ShardStatus.Damaged, exception.Message);
        }
    }

    /// <summary>Reads the shard of a task that is done.</summary>
    /// <exception cref="FileNotFoundException">The shard is missing.</exception>
    /// <exception cref="InvalidDataException">The shard is damaged or belongs to another task.</exception>
    /// <exception cref="IOException">The shard exists but cannot be read.</exception>
    public ResultGroup Read(string taskHash)
    {
        var path = PathOf(taskHash);
        var shard = ResultFile.Read(path);
        var stored = shard.Attributes.GetValueOrDefault(Provenance.TaskHashAttribute);
        return stored is string text && text == taskHash
            ? shard
            : throw new InvalidDataException($"'{path}' belongs to another task: its attribute task_hash is '{stored ?? "missing"}'.");
    }

    /// <summary>
    /// Writes a task's shard, whole or not at all. A damaged one of that name is set aside first, a whole one is replaced.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The attribute task_hash is not <paramref name="taskHash"/>, or the content cannot be stored.
    /// </exception>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; nothing was changed.</exception>
    public void Write(string taskHash, ResultGroup content)
    {
        var path = PathOf(taskHash);
        if (content.Attributes.GetValueOrDefault(Provenance.TaskHashAttribute) is not string stored || stored != taskHash)
        {
            throw new ArgumentException(
                $"The content's attribute {Provenance.TaskHashAttribute} must be '{taskHash}', the task that it is written for.");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"Cannot create '{folder}': {exception.Message} Choose an output folder that can be written.", exception);
        }

        if (Classify(taskHash).Status == ShardStatus.Damaged)
        {
            _ = SetAside(taskHash);
        }

        ResultFile.Write(path, content);
    }

    /// <summary>
    /// Renames a shard to <c>&lt;task hash&gt;.h5.damaged</c> (with a number when that exists), so that its task is run again.
    /// </summary>
    /// <returns>The new path, to be reported.</returns>
    public string SetAside(string taskHash)
    {
        var path = PathOf(taskHash);
        for (var number = 1; ; number++)
        {
            var target = path + (number == 1 ? ".damaged" : $".damaged-{number}");
            if (!File.Exists(target))
            {
                File.Move(path, target);
                return target;
            }
        }
    }

    /// <summary>Deletes what killed writers left, see <see cref="AtomicFile.RemoveStale"/>.</summary>
    public IReadOnlyList<string> RemoveStaleTemporaries() => AtomicFile.RemoveStale(folder);
}
