using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Cli.Running;

/// <summary>What <c>log.jsonl</c> says about the run that began last, also while it writes.</summary>
public sealed class RunLog
{
    private readonly Dictionary<string, (DateTime Since, int Rank)> running = [];

    /// <summary>When the run began, UTC; null without any.</summary>
    public DateTime? Start { get; private set; }

    /// <summary>Tasks that were to be done when it began.</summary>
    public int Open { get; private set; }

    /// <summary>Number of ranks.</summary>
    public int Ranks { get; private set; }

    /// <summary>Tasks that it did, and that failed.</summary>
    public int Done { get; private set; }

    /// <summary>Tasks that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>The slowest task that it did: hash and seconds.</summary>
    public (string Task, double Seconds)? Slowest { get; private set; }

    /// <summary>Tasks at work by hash: since when (UTC), and on which rank.</summary>
    public IReadOnlyDictionary<string, (DateTime Since, int Rank)> Running => running;

    /// <summary>Reads the log of an output folder; empty when there is none.</summary>
    public static RunLog Read(string folder)
    {
        var log = new RunLog();
        string path = Path.Combine(folder, "log.jsonl");
        if (!File.Exists(path))
        {
            return log;
        }

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            try
            {
                if (JsonNode.Parse(line) is JsonObject entry)
                {
                    log.Add(entry);
                }
            }
            catch (JsonException)
            {
                // The last line of a log that is being written may be cut.
            }
        }

        return log;
    }

    /// <summary>Rate, time left and slowest task in one line; null before a run has begun.</summary>
    /// <param name="now">UTC.</param>
    /// <param name="name">Name of a task by its hash.</param>
    public string? Summary(DateTime now, Func<string, string> name)
    {
        if (Start is not { } start)
        {
            return null;
        }

        int ended = Done + Failed;
        double elapsed = (now - start).TotalSeconds;
        string line = string.Create(CultureInfo.InvariantCulture, $"this run: {Done} of {Open} tasks done{(Failed > 0 ? $", {Failed} failed" : "")} in {Times.Of(elapsed)} on {Ranks} rank{(Ranks == 1 ? "" : "s")}");
        if (ended > 0)
        {
            line += $", {Progress.Rate(ended / elapsed)}{(ended < Open ? $", {Times.Of((Open - ended) * elapsed / ended)} left" : "")}";
        }

        return line + (running.Count > 0
            ? $"; slowest at work: {Longest()}"
            : Slowest is { } slowest ? $"; slowest: {name(slowest.Task)} in {Times.Of(slowest.Seconds)}" : "");

        string Longest()
        {
            (string task, (DateTime since, int rank)) = running.MinBy(pair => pair.Value.Since);
            return $"{name(task)} for {Times.Of((now - since).TotalSeconds)} on rank {rank}";
        }
    }

    private void Add(JsonObject entry)
    {
        DateTime time = DateTime.Parse((string)entry["time"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        string task = (string?)entry["task"] ?? "";
        switch ((string?)entry["event"])
        {
            case "run":
                (Start, Open, Ranks) = (time, (int)entry["open"]!, (int)entry["ranks"]!);
                (Done, Failed, Slowest) = (0, 0, null);
                running.Clear();
                break;
            case "begin":
                running[task] = (time, (int)entry["rank"]!);
                break;
            case "done":
                Done++;
                running.Remove(task);
                double seconds = (double)entry["seconds"]!;
                if (!(Slowest?.Seconds >= seconds))
                {
                    Slowest = (task, seconds);
                }

                break;
            case "failed":
                Failed++;
                running.Remove(task);
                break;
        }
    }
}
