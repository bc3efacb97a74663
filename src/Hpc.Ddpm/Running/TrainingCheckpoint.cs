using Hpc.Cli.Running;
using Hpc.Ddpm.Measurement;
using Hpc.Ddpm.Training;
using Hpc.Results;

namespace Hpc.Ddpm.Running;

/// <summary>
/// State of a training in <see cref="CheckpointFiles"/>: parameters, moments and average, which doubles hold exactly, the step, and the records
/// so far. Random numbers are functions of the step.
/// </summary>
internal sealed class TrainingCheckpoint(CheckpointFiles files, Action<string> say)
{
    private static readonly string[] StateNames = ["parameters", "first_moment", "second_moment", "average"];

    public bool IsDue => files.IsDue;

    public void Save(Trainer trainer, IReadOnlyList<TrainingRecord> records)
    {
        List<Dataset> datasets = [.. trainer.State.Zip(StateNames, (values, name) => Values(name, Array.ConvertAll(values, v => (double)v)))];
        foreach ((int r, TrainingRecord record) in records.Index())
        {
            datasets.Add(Values($"nearest_{r}", Array.ConvertAll(record.Neighbours, n => (long)n.Image)));
            datasets.Add(Values($"distances_{r}", record.Neighbours.SelectMany(n => (double[])[n.First, n.Second]).ToArray()));
            datasets.Add(Values($"losses_{r}", record.Train.Concat(record.Test).SelectMany(loss => (double[])[loss.Mean, loss.Error]).ToArray()));
            datasets.Add(Values($"samples_{r}", record.Samples));
        }

        // A dataset without numbers has no scale: there is no average.
        Dataset[] present = [.. datasets.Where(d => d.Values.Length > 0)];
        files.Save(
            $"step {trainer.Step}", [.. present, .. present.Select(d => Scale(d.Dimensions[0], d.Values.Length))],
            new Dictionary<string, object> { ["step"] = trainer.Step, ["records"] = (long)records.Count });
    }

    /// <summary>Puts the newest whole checkpoint into the trainer.</summary>
    /// <returns>The records so far; none where the task begins.</returns>
    public List<TrainingRecord> Restore(Trainer trainer)
    {
        int[] sizes = [.. trainer.State.Select(s => s.Length)];
        ResultGroup? content = files.Read(found =>
        {
            if (StateNames.Zip(sizes).Any(p => Find(found, p.First).Length != p.Second) || (long)found.Attributes["step"] < 1)
            {
                throw new InvalidDataException("It has another shape than the task.");
            }

            _ = Records(found);
        }).FirstOrDefault();
        if (content is null)
        {
            return [];
        }

        trainer.Restore((long)content.Attributes["step"], [.. StateNames.Select(name => Array.ConvertAll(Find(content, name), v => (float)v))]);
        say($"going on from step {trainer.Step}");
        return Records(content);
    }

    public void Remove() => files.Remove();

    private static double[] Find(ResultGroup content, string name) => content.Datasets.FirstOrDefault(d => d.Name == name)?.Doubles ?? [];

    private static List<TrainingRecord> Records(ResultGroup content)
    {
        var records = new List<TrainingRecord>();
        for (int r = 0; r < (long)content.Attributes["records"]; r++)
        {
            long[] nearest = content[$"nearest_{r}"].Integers;
            double[] distances = content[$"distances_{r}"].Doubles, losses = content[$"losses_{r}"].Doubles;
            (double Mean, double Error)[] pairs = [.. losses.Chunk(2).Select(p => (p[0], p[1]))];
            int classes = pairs.Length / 2;
            records.Add(new TrainingRecord(
                [.. nearest.Select((image, i) => new Neighbours((int)image, distances[2 * i], distances[2 * i + 1]))],
                pairs[..classes], pairs[classes..], content[$"samples_{r}"].Integers));
        }

        return records;
    }

    private static Dataset Values(string name, Array values) => new(name, [$"{name}_index"], [values.Length], values, "1", name.Replace('_', ' '));

    private static Dataset Scale(string name, int length) => new(name, [name], [length], Enumerable.Range(0, length).Select(i => (long)i).ToArray(), "1", "index");
}
