using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hpc.Cli.Running;

/// <summary>What the log of a run says about what began last, also while it is written; or the logs of the jobs of an array together.</summary>
public sealed class RunLog
{
    private readonly Dictionary<string, (DateTime Since, int Rank)> running = [];

    /// <summary>When the run began, UTC; null without any.</summary>
    public DateTime? Start { get; private set; }

    /// <summary>Tasks that were to be done when it began.</summary>
    public int Open { get; private set; }

    /// <summary>Number of jobs with a log.</summary>
    public int Jobs { get; private set; }

    /// <summary>Number of ranks of all.</summary>
    public int Ranks { get; private set; }

    /// <summary>Tasks that it did, and that failed.</summary>
    public int Done { get; private set; }

    /// <summary>Tasks that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>The slowest task that it did: hash and seconds.</summary>
    public (string Task, double Seconds)? Slowest { get; private set; }

    /// <summary>Tasks at work by hash: since when (UTC), and on which rank.</summary>
    public IReadOnlyDictionary<string, (DateTime Since, int Rank)> Running => running;

    /// <summary>Reads the logs of the runs that work in a folder, and adds them up.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="parts">Numbers of the jobs of an array; null for a run that is none.</param>
    public static RunLog Read(string folder, IEnumerable<int?> parts)
    {
        var sum = new RunLog();
        foreach (RunLog log in parts.Select(part => Read(RunLogWriter.PathOf(folder, part))).Where(log => log.Start is not null))
        {
            sum.Start = sum.Start < log.Start ? sum.Start : log.Start;
            sum.Jobs++;
            (sum.Open, sum.Ranks, sum.Done, sum.Failed) = (sum.Open + log.Open, sum.Ranks + log.Ranks, sum.Done + log.Done, sum.Failed + log.Failed);
            sum.Slowest = sum.Slowest?.Seconds >= log.Slowest?.Seconds ? sum.Slowest : log.Slowest ?? sum.Slowest;
            foreach ((string task, (DateTime Since, int Rank) at) in log.running)
            {
                sum.running[task] = at;
            }
        }

        return sum;
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
        string line = string.Create(CultureInfo.InvariantCulture, $"{(Jobs > 1 ? $"these {Jobs} jobs" : "this run")}: {Done} of {Open} tasks done{(Failed > 0 ? $", {Failed} failed" : "")} in {Times.Of(elapsed)} on {Ranks} rank{(Ranks == 1 ? "" : "s")}");
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

    /// <summary>Reads one log; empty when there is none.</summary>
    private static RunLog Read(string path)
    {
        var log = new RunLog();
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
