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
        string? holder = RunLock.Holder(folder.Folder);
        IReadOnlyList<ExperimentTask> tasks = Finishing.TasksOf(folder);
        HashSet<string> begun = holder is null ? [] : folder.TasksInProgress();
        var counts = new Dictionary<string, int> { ["done"] = 0, ["running"] = 0, ["missing"] = 0, ["damaged"] = 0 };
        foreach (ExperimentTask task in tasks)
        {
            ShardState state = folder.Shards.Classify(task.Hash);
            string word = state.Status switch
            {
                ShardStatus.Done => "done",
                ShardStatus.Damaged => "damaged",
                _ => begun.Contains(task.Hash) ? "running" : "missing",
            };
            counts[word]++;
            string point = task.Point.Values.Count == 0 ? "" : $"  {string.Join(", ", task.Point.Values.Select(v => v.Value.ToJsonString()))}";
            Console.WriteLine($"{word,-8} seed {task.Seed,-6}{point}  {task.Hash}{(state.Reason.Length > 0 ? $"  {state.Reason}" : "")}");
        }

        Console.WriteLine($"{tasks.Count} tasks: {string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"))}{(holder is null ? "" : $"; {holder} is running")}");
        return ExitCode.Done;
    }
}
