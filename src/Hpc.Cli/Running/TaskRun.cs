using Hpc.Cluster;
using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Running;

/// <summary>
/// The tasks of an output folder on all ranks: what is done is not done again, the rest is handed out, watched and logged, and what follows
/// the tasks is done at the end.
/// </summary>
/// <param name="communicator">The ranks.</param>
/// <param name="tasks">The tasks of this run, the same on every rank.</param>
/// <param name="plan">How many run at a time on this rank.</param>
public sealed class TaskRun(ICommunicator communicator, IReadOnlyList<IRunTask> tasks, ThreadPlan plan)
{
    /// <summary>Runs one task to its stored result: the folder, the index of the task, the worker that runs it, who is told of its stages, and what cancels it.</summary>
    public delegate void TaskWork(RunFolder folder, int index, int worker, Action<string> stage, CancellationToken cancellation);

    /// <summary>The share of a job array; null outside one.</summary>
    public ArrayPart? Part { get; init; }

    /// <summary>Whether all ranks work on each task.</summary>
    public bool Shared { get; init; }

    /// <summary>Whether a worker keeps what the next task may have in common with the last.</summary>
    public bool KeepsCommon { get; init; }

    /// <summary>What computes, for the user.</summary>
    public required string Engine { get; init; }

    /// <summary>Rank 0: the folder, the tasks, and what follows them.</summary>
    /// <param name="folder">The output folder.</param>
    /// <param name="work">Runs one task.</param>
    /// <param name="complete">What follows the tasks, once one of them is done and unless this is part of a job array.</param>
    /// <param name="cancellation">Asks all ranks to stop.</param>
    /// <returns>The exit code of the program.</returns>
    /// <exception cref="UsageException">A task found that the spec cannot be run.</exception>
    public int Lead(RunFolder folder, TaskWork work, Action complete, CancellationToken cancellation)
    {
        using RunLock runLock = RunLock.Acquire(folder.Folder, Part);
        string where = communicator.Size == 1 ? "" : $" on {communicator.Size} ranks ({communicator.Description})";
        Progress.Say($"{folder.Name}: {tasks.Count} task{(tasks.Count == 1 ? "" : "s")}{where}, {plan.Reason}; {Engine}");
        var log = new RunLogWriter(folder.Folder, Part?.Index);
        folder.WriteSpec();
        folder.Shards.RemoveStaleTemporaries();
        int[] open = [.. Enumerable.Range(0, tasks.Count).Where(i => !IsDone(folder, tasks[i], log))];
        HashSet<string> done = [.. tasks.Select(t => t.Hash).Except(open.Select(i => tasks[i].Hash))];
        CheckpointFiles.RemoveStale(folder.Folder, done.Contains);
        if (open.Length < tasks.Count)
        {
            Progress.Say($"{tasks.Count - open.Length} of {tasks.Count} tasks were done before");
        }

        log.Write("run", ("tasks", tasks.Count), ("open", open.Length), ("ranks", communicator.Size), ("workers", plan.Workers), ("threads", plan.ThreadsPerWorker));
        communicator.Barrier();
        var progress = new Progress(open.Length);
        ScheduleResult result = Schedule(folder, ClusterTasks(open), work, progress, log, cancellation);
        TaskOutcome[] failed = [.. result.Outcomes.Where(o => o.Error is not null)];
        if (failed.FirstOrDefault(f => IsRefusal(f.Error)) is { } refusal)
        {
            log.Write("refused", ("reason", refusal.Error!.Message));
            throw new UsageException(refusal.Error.Message);
        }

        if (result.Stopped)
        {
            log.Write("stopped", ("done", tasks.Count - open.Length + result.Outcomes.Count - failed.Length));
            Console.Error.WriteLine("hpc: stopped; run again to go on");
            return ExitCode.Stopped;
        }

        if (Part is null && tasks.Any(t => folder.Shards.Classify(t.Hash).Status == ShardStatus.Done))
        {
            complete();
        }

        if (result.LostRanks.Count > 0)
        {
            // Their tasks went to others; but no rank may wait for them at the end.
            Console.Error.WriteLine($"hpc: ranks {string.Join(", ", result.LostRanks)} no longer answered; their tasks were done by others");
            runLock.Dispose();
            communicator.Abort(ExitCode.TaskFailed);
        }

        if (failed.Length > 0)
        {
            Console.Error.WriteLine($"hpc: {failed.Length} of {tasks.Count} tasks failed; the others are saved. Run again to repeat the failed ones");
            return ExitCode.TaskFailed;
        }

        return ExitCode.Done;
    }

    /// <summary>Every other rank: tasks that rank 0 hands out, in the folder that it has made.</summary>
    /// <param name="open">Opens the folder, once it is there.</param>
    /// <param name="work">Runs one task.</param>
    /// <param name="cancellation">Asks all ranks to stop.</param>
    public int Follow(Func<RunFolder> open, TaskWork work, CancellationToken cancellation)
    {
        communicator.Barrier();
        Schedule(open(), [], work, progress: null, log: null, cancellation);
        return ExitCode.Done;
    }

    /// <summary>The tasks for the scheduler, those of a seed beside each other, so that at equal cost they follow one another on a worker.</summary>
    private List<ClusterTask> ClusterTasks(IEnumerable<int> open)
    {
        var groups = new Dictionary<string, int>();
        var list = new List<ClusterTask>();
        foreach (int index in open.OrderBy(i => tasks[i].Seed))
        {
            int? group = null;
            if (KeepsCommon && tasks[index].Common is { } common)
            {
                group = groups.TryGetValue(common, out int found) ? found : groups.Count;
                groups[common] = group.Value;
            }

            list.Add(new ClusterTask(index, tasks[index].Cost, group, group is null ? 0 : tasks[index].CommonCost));
        }

        return list;
    }

    private ScheduleResult Schedule(RunFolder folder, IReadOnlyList<ClusterTask> open, TaskWork work, Progress? progress, RunLogWriter? log, CancellationToken cancellation)
    {
        var begun = new HashSet<int>();
        using var refused = new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, refused.Token);
        return Shared
            ? SharedTasks.Run(communicator, open, RunOne, Ended, linked.Token)
            : ClusterScheduler.Run(communicator, open, plan.Workers, RunOne, new ScheduleOptions { Ended = Ended, Progress = Watch }, linked.Token);

        // Rank 0 alone writes the log: appends of several processes would lock each other out.
        void Watch(ScheduleProgress schedule)
        {
            foreach (RunningTask running in schedule.Running)
            {
                Begun(running.Index, running.Rank);
            }

            if (communicator.Size > 1)
            {
                progress?.Watch(schedule, index => tasks[index].Name);
            }
        }

        void Begun(int index, int rank)
        {
            lock (begun)
            {
                if (begun.Add(index))
                {
                    log?.Write("begin", ("task", tasks[index].Hash), ("point", tasks[index].PointIndex), ("seed", tasks[index].Seed), ("rank", rank));
                }
            }
        }

        void RunOne(int index, int worker, CancellationToken token)
        {
            if (communicator.Rank == 0)
            {
                Begun(index, rank: 0);
            }

            work(folder, index, worker, stage => progress?.Stage(tasks[index].Name, stage), token);
        }

        void Ended(TaskOutcome outcome)
        {
            IRunTask task = tasks[outcome.Index];
            progress?.Ended(task.Name, outcome.Error?.Message, outcome.Elapsed);
            log?.Write(
                outcome.Error is null ? "done" : "failed", ("task", task.Hash), ("seconds", outcome.Elapsed.TotalSeconds), ("rank", outcome.Rank), ("error", outcome.Error?.ToString()));
            if (IsRefusal(outcome.Error))
            {
                refused.Cancel();
            }
        }
    }

    /// <summary>Whether a task found that the spec cannot be run; an error of another rank arrives as text.</summary>
    private static bool IsRefusal(Exception? error) =>
        error is SpecException || (error is RemoteTaskException remote && remote.ToString().Contains(nameof(SpecException), StringComparison.Ordinal));

    private static bool IsDone(RunFolder folder, IRunTask task, RunLogWriter log)
    {
        ShardState state = folder.Shards.Classify(task.Hash);
        if (state.Status == ShardStatus.Damaged)
        {
            string aside = folder.Shards.SetAside(task.Hash);
            Progress.Say($"the result of {task.Name} is damaged ({state.Reason}); it is kept as '{aside}' and computed again");
            log.Write("damaged", ("task", task.Hash), ("reason", state.Reason));
        }

        return state.Status == ShardStatus.Done;
    }
}
