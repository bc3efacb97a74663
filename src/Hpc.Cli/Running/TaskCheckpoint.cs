using Hpc.Diffusion.Descent;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>
/// The checkpoint of a descent that redraws its noise (<see cref="CheckpointFiles"/>). The readout is kept in double, with what a device has beyond
/// that, so that what goes on from a checkpoint on the same device is bit-identical to what was never interrupted.
/// </summary>
public sealed class TaskCheckpoint : IDescentCheckpoint
{
    /// <summary>Numbers of the readout in one dataset, which must stay below 2 GiB.</summary>
    private const int BlockElements = 1 << 27;

    private const string Remainder = "remainder";

    private static readonly string[] Losses =
        ["train_loss", "train_loss_sampling_error", "test_loss", "test_loss_sampling_error", "score_error", "score_error_sampling_error"];

    private readonly CheckpointFiles files;
    private readonly Action<string> say;
    private readonly IReduction? reduction;

    /// <param name="outputFolder">The output folder of the run.</param>
    /// <param name="task">Hash of the task.</param>
    /// <param name="interval">Least time between two; more where saving takes longer than a hundredth of it.</param>
    /// <param name="say">Told what the user should know.</param>
    /// <param name="reduction">Ranks that share the features; null when there are none.</param>
    public TaskCheckpoint(string outputFolder, string task, TimeSpan interval, Action<string> say, IReduction? reduction = null)
    {
        string name = reduction is null ? task : $"{task}.rank{reduction.Rank + 1}of{reduction.Ranks}";
        files = new CheckpointFiles(outputFolder, task, name, interval, say);
        (this.say, this.reduction) = (say, reduction);
    }

    public bool IsDue => files.IsDue;

    // No rank is two checkpoints ahead of another.
    public void Save(long epoch, int records, MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses) => files.Save(
        $"epoch {epoch}", Datasets(readout, remainder, losses), new Dictionary<string, object> { ["epoch"] = epoch, ["records"] = (long)records },
        () => reduction?.Sum(new double[1]));

    public (long Epoch, int Records)? Load(MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses)
    {
        IReadOnlyList<ResultGroup> found = files.Read(content => Check(content, readout, losses));
        double[] newest = new double[reduction?.Ranks ?? 1];
        newest[reduction?.Rank ?? 0] = found.Select(EpochOf).FirstOrDefault();
        reduction?.Sum(newest);
        long epoch = (long)newest.Min();
        ResultGroup? content = found.FirstOrDefault(c => EpochOf(c) == epoch);
        double missing = content is null ? 1 : 0;
        reduction?.Sum(new Span<double>(ref missing));
        if (missing > 0)
        {
            if (reduction is { Rank: 0 } && files.AnyOfTask())
            {
                say("the checkpoints that are there are not whole, or of another number of ranks: the task begins anew");
            }

            return null;
        }

        Fill(content!, readout, remainder, losses);
        if (reduction is null or { Rank: 0 })
        {
            say($"going on from epoch {epoch}");
        }

        return (epoch, (int)(long)content!.Attributes["records"]);
    }

    /// <summary>Deletes the checkpoint of a task whose result is there.</summary>
    public void Remove() => files.Remove();

    private static List<Dataset> Datasets(MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses)
    {
        var datasets = new List<Dataset> { Scale("component", 0, readout.Columns), Scale("entry", 0, losses[0].Length) };
        int rows = RowsPerBlock(readout.Columns);
        for (int start = 0, number = 0; start < readout.Rows; start += rows, number++)
        {
            (int first, int block) = (start, number);
            int count = Math.Min(rows, readout.Rows - first);
            datasets.Add(Scale($"feature_{block}", first, count));
            datasets.Add(Block("readout", readout, "readout A, transposed"));
            if (remainder is { } further)
            {
                datasets.Add(Block(Remainder, further, "what the readout lacks to that of the device"));
            }

            Dataset Block(string name, MatrixView<double> matrix, string meaning)
            {
                double[] values = new double[count * matrix.Columns];
                for (int i = 0; i < count; i++)
                {
                    Row(matrix, first + i).CopyTo(values.AsSpan(i * matrix.Columns));
                }

                return new Dataset($"{name}_{block}", [$"feature_{block}", "component"], [count, matrix.Columns], values, "1", meaning);
            }
        }

        datasets.AddRange(losses.Select((values, i) => new Dataset(Losses[i], ["entry"], [values.Length], values, "1", "records × classes")));
        return datasets;
    }

    private static Dataset Scale(string name, int first, int count) =>
        new(name, [name], [count], Enumerable.Range(first, count).Select(i => (long)i).ToArray(), "1", name.Split('_')[0]);

    private static int RowsPerBlock(int columns) => Math.Max(1, BlockElements / columns);

    private static unsafe Span<double> Row(MatrixView<double> readout, int i) => new(readout.Pointer + i * readout.RowStride, readout.Columns);

    private static long EpochOf(ResultGroup content) => (long)content.Attributes["epoch"];

    private static void Fill(ResultGroup content, MatrixView<double> readout, MatrixView<double>? remainder, IReadOnlyList<double[]> losses)
    {
        int rows = RowsPerBlock(readout.Columns);
        bool saved = content.Datasets.Any(dataset => dataset.Name == $"{Remainder}_0");
        for (int i = 0; i < readout.Rows; i++)
        {
            Saved("readout").CopyTo(Row(readout, i));
            if (remainder is { } further && saved)
            {
                Saved(Remainder).CopyTo(Row(further, i));
            }
            else if (remainder is { } none)
            {
                Row(none, i).Clear();
            }

            ReadOnlySpan<double> Saved(string name) => content[$"{name}_{i / rows}"].Doubles.AsSpan(i % rows * readout.Columns, readout.Columns);
        }

        for (int i = 0; i < losses.Count; i++)
        {
            content[Losses[i]].Doubles.CopyTo(losses[i], 0);
        }
    }

    private static void Check(ResultGroup content, MatrixView<double> readout, IReadOnlyList<double[]> losses)
    {
        int rows = RowsPerBlock(readout.Columns);
        long length = Enumerable.Range(0, (readout.Rows + rows - 1) / rows).Sum(block => content[$"readout_{block}"].Doubles.LongLength);
        if (length != (long)readout.Rows * readout.Columns || Losses.Zip(losses).Any(p => content[p.First].Doubles.Length != p.Second.Length) || EpochOf(content) < 1)
        {
            throw new InvalidDataException("It has another shape than the task.");
        }
    }
}
