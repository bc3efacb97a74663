using System.Diagnostics;
using Hpc.Diffusion.Descent;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>
/// The checkpoint of one task: <c>checkpoints/&lt;task hash&gt;.h5</c> in the output folder, with the one before it in
/// <c>&lt;task hash&gt;.previous.h5</c>. Both are written as shards are, whole or not at all and with a checksum; a damaged one falls back to
/// the previous one and then to the start. The readout is kept in double, so that what goes on from a checkpoint is bit-identical to what
/// was never interrupted.
/// </summary>
public sealed class TaskCheckpoint : IDescentCheckpoint
{
    /// <summary>Saving takes at most one part in this of the time.</summary>
    private const int CostShare = 100;

    /// <summary>Numbers of the readout in one dataset, which must stay below 2 GiB.</summary>
    private const int BlockElements = 1 << 27;

    private static readonly string[] Losses =
        ["train_loss", "train_loss_sampling_error", "test_loss", "test_loss_sampling_error", "score_error", "score_error_sampling_error"];

    private readonly string folder;
    private readonly string task;
    private readonly TimeSpan interval;
    private readonly Action<string> say;
    private readonly IReduction? reduction;
    private readonly Stopwatch sinceSaved = Stopwatch.StartNew();
    private TimeSpan pause;

    /// <param name="outputFolder">The output folder of the run.</param>
    /// <param name="task">Hash of the task.</param>
    /// <param name="interval">Least time between two; more where saving takes longer than a hundredth of it.</param>
    /// <param name="say">Told what the user should know.</param>
    /// <param name="reduction">Ranks that share the features; null when there are none.</param>
    public TaskCheckpoint(string outputFolder, string task, TimeSpan interval, Action<string> say, IReduction? reduction = null)
    {
        folder = FolderOf(outputFolder);
        (this.task, this.interval, this.say, this.reduction, pause) = (task, interval, say, reduction, interval);
    }

    public bool IsDue => sinceSaved.Elapsed >= pause;

    private string Name => reduction is null ? task : $"{task}.rank{reduction.Rank + 1}of{reduction.Ranks}";

    private string Current => Path.Combine(folder, Name + ".h5");

    private string Previous => Path.Combine(folder, Name + ".previous.h5");

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

    public void Save(long epoch, int records, MatrixView<double> readout, IReadOnlyList<double[]> losses)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(Current))
            {
                File.Move(Current, Previous, overwrite: true);
            }

            ResultFile.Write(Current, new ResultGroup(Datasets(readout, losses), new Dictionary<string, object>
            {
                [Provenance.TaskHashAttribute] = task,
                ["epoch"] = epoch,
                ["records"] = (long)records,
            }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The descent can go on without; a full disk shows itself again when the result is written.
            say($"no checkpoint at epoch {epoch}: {e.Message}");
        }

        // No rank is two checkpoints ahead of another.
        reduction?.Sum(new double[1]);

        // Long writes become rare, so that they never take a noticeable part of the time.
        pause = CostShare * clock.Elapsed > interval ? CostShare * clock.Elapsed : interval;
        sinceSaved.Restart();
    }

    public (long Epoch, int Records)? Load(MatrixView<double> readout, IReadOnlyList<double[]> losses)
    {
        ResultGroup[] found = [.. ((string[])[Current, Previous]).Select(path => Read(path, readout, losses)).OfType<ResultGroup>()];
        double[] newest = new double[reduction?.Ranks ?? 1];
        newest[reduction?.Rank ?? 0] = found.Select(EpochOf).FirstOrDefault();
        reduction?.Sum(newest);
        long epoch = (long)newest.Min();
        ResultGroup? content = found.FirstOrDefault(c => EpochOf(c) == epoch);
        double missing = content is null ? 1 : 0;
        reduction?.Sum(new Span<double>(ref missing));
        if (missing > 0)
        {
            if (reduction is not null && reduction.Rank == 0 && Directory.Exists(folder) && Directory.GetFiles(folder, task + ".*.h5").Length > 0)
            {
                say("the checkpoints that are there are not whole, or of another number of ranks: the task begins anew");
            }

            return null;
        }

        Fill(content!, readout, losses);
        if (reduction is null or { Rank: 0 })
        {
            say($"going on from epoch {epoch}");
        }

        return (epoch, (int)(long)content!.Attributes["records"]);
    }

    /// <summary>Deletes the checkpoint of a task whose result is there.</summary>
    public void Remove()
    {
        if (Directory.Exists(folder))
        {
            Array.ForEach(Directory.GetFiles(folder, task + ".*"), File.Delete);
        }
    }

    private static string FolderOf(string outputFolder) => Path.Combine(outputFolder, "checkpoints");

    private static List<Dataset> Datasets(MatrixView<double> readout, IReadOnlyList<double[]> losses)
    {
        var datasets = new List<Dataset> { Scale("component", 0, readout.Columns), Scale("entry", 0, losses[0].Length) };
        int rows = RowsPerBlock(readout.Columns);
        for (int first = 0, block = 0; first < readout.Rows; first += rows, block++)
        {
            int count = Math.Min(rows, readout.Rows - first);
            double[] values = new double[count * readout.Columns];
            for (int i = 0; i < count; i++)
            {
                Row(readout, first + i).CopyTo(values.AsSpan(i * readout.Columns));
            }

            datasets.Add(Scale($"feature_{block}", first, count));
            datasets.Add(new Dataset($"readout_{block}", [$"feature_{block}", "component"], [count, readout.Columns], values, "1", "readout A, transposed"));
        }

        datasets.AddRange(losses.Select((values, i) => new Dataset(Losses[i], ["entry"], [values.Length], values, "1", "records × classes")));
        return datasets;
    }

    private static Dataset Scale(string name, int first, int count) =>
        new(name, [name], [count], Enumerable.Range(first, count).Select(i => (long)i).ToArray(), "1", name.Split('_')[0]);

    private static int RowsPerBlock(int columns) => Math.Max(1, BlockElements / columns);

    private static unsafe Span<double> Row(MatrixView<double> readout, int i) => new(readout.Pointer + i * readout.RowStride, readout.Columns);

    private static long EpochOf(ResultGroup content) => (long)content.Attributes["epoch"];

    private static void Fill(ResultGroup content, MatrixView<double> readout, IReadOnlyList<double[]> losses)
    {
        int rows = RowsPerBlock(readout.Columns);
        for (int i = 0; i < readout.Rows; i++)
        {
            content[$"readout_{i / rows}"].Doubles.AsSpan(i % rows * readout.Columns, readout.Columns).CopyTo(Row(readout, i));
        }

        for (int i = 0; i < losses.Count; i++)
        {
            content[Losses[i]].Doubles.CopyTo(losses[i], 0);
        }
    }

    /// <summary>A checkpoint that is whole; null when there is none, and it is deleted when it is damaged.</summary>
    private ResultGroup? Read(string path, MatrixView<double> readout, IReadOnlyList<double[]> losses)
    {
        try
        {
            ResultGroup content = ResultFile.Read(path);
            if ((string)content.Attributes[Provenance.TaskHashAttribute] != task)
            {
                throw new InvalidDataException("It belongs to another task.");
            }

            int rows = RowsPerBlock(readout.Columns);
            long length = Enumerable.Range(0, (readout.Rows + rows - 1) / rows).Sum(block => content[$"readout_{block}"].Doubles.LongLength);
            if (length != (long)readout.Rows * readout.Columns || Losses.Zip(losses).Any(p => content[p.First].Doubles.Length != p.Second.Length) || EpochOf(content) < 1)
            {
                throw new InvalidDataException("It has another shape than the task.");
            }

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
