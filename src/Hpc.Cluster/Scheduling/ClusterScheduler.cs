namespace Hpc.Cluster;

/// <summary>
/// Runs independent tasks on all ranks and on several workers of each. Rank 0 hands them out, the longest first, to whoever is free; it
/// works itself, too. Whether a task is done is the caller's to mark where it survives (a result file): what a run that died leaves
/// undone is what the next one gets.
/// </summary>
public static class ClusterScheduler
{
    private static readonly TimeSpan LocalPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RemotePoll = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Runs every task once; a failed one does not stop the others. When any rank is asked to stop, no further task starts anywhere and
    /// the running ones are cancelled. Collective.
    /// </summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="tasks">What is to be done; that of rank 0 counts, other ranks may give an empty list.</param>
    /// <param name="workers">Number of tasks that run at a time on this rank.</param>
    /// <param name="run">
    /// Runs the task with an index on a worker (0 … workers − 1), stores its result, and throws <see cref="OperationCanceledException"/>
    /// when it was cancelled first.
    /// </param>
    /// <param name="options">What rank 0 does beside.</param>
    /// <param name="cancellation">Asks all ranks to stop.</param>
    /// <exception cref="ArgumentException">A task is there twice, or a cost is not positive and finite.</exception>
    /// <exception cref="TimeoutException">Rank 0 does not answer.</exception>
    public static ScheduleResult Run(
        ICommunicator communicator,
        IReadOnlyList<ClusterTask> tasks,
        int workers,
        Action<int, int, CancellationToken> run,
        ScheduleOptions options,
        CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (communicator.Rank != 0)
        {
            var client = new TaskClient(communicator, workers, options.RankTimeout);
            var team = new WorkerTeam(client, communicator.Rank, workers, run, stop.Token);
            ScheduleResult result = client.Run(stop, cancellation);
            team.Join();
            return result;
        }

        var ledger = new TaskLedger(tasks);
        var server = new TaskServer(communicator, ledger, workers, options);
        var own = new WorkerTeam(ledger, rank: 0, workers, run, stop.Token);
        try
        {
            server.Run(stop, communicator.Size > 1 ? RemotePoll : LocalPoll);
        }
        finally
        {
            ledger.Stop();
            stop.Cancel();
            own.Join();
        }

        return new ScheduleResult(ledger.Outcomes, ledger.Stopped, server.LostRanks);
    }
}
