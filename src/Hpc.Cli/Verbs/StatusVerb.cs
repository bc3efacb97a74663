using Hpc.Cli.Running;
using Hpc.Cluster;
using Hpc.Results;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc status</c>: what is known of every task of a run.</summary>
public static class StatusVerb
{
    public static int Execute(StatusOptions options)
    {
        OutputFolder folder = OutputFolder.Open(options.Folder);
        Print(folder, Finishing.TasksOf(folder));
        return ExitCode.Done;
    }

    /// <summary>Prints a line for each task, and a summary.</summary>
    public static void Print(RunFolder folder, IReadOnlyList<IRunTask> tasks)
    {
        IReadOnlyList<(int? Part, string Holder)> holders = RunLock.Holders(folder.Folder);
        var log = RunLog.Read(folder.Folder, holders.Select(h => h.Part));
        var counts = new Dictionary<string, int> { ["done"] = 0, ["running"] = 0, ["missing"] = 0, ["damaged"] = 0 };
        foreach (IRunTask task in tasks)
        {
            ShardState state = folder.Shards.Classify(task.Hash);
            string word = state.Status switch
            {
                ShardStatus.Done => "done",
                ShardStatus.Damaged => "damaged",
                _ => log.Running.ContainsKey(task.Hash) ? "running" : "missing",
            };
            counts[word]++;
            Console.WriteLine($"{word,-8} seed {task.Seed,-6}{(task.PointName.Length > 0 ? $"  {task.PointName}" : "")}  {task.Hash}{(state.Reason.Length > 0 ? $"  {state.Reason}" : "")}");
        }

        Console.WriteLine($"{tasks.Count} tasks: {string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"))}{string.Concat(holders.Select(h => $"; {(h.Part is { } part ? $"job {part} of the array: " : "")}{h.Holder} is running"))}");
        if (log.Summary(DateTime.UtcNow, hash => tasks.FirstOrDefault(t => t.Hash == hash)?.Name ?? hash) is { } summary)
        {
            Console.WriteLine(summary);
        }
    }
}
