using System.Collections.Concurrent;
using System.Diagnostics;
using Hpc.Cluster.Tests.Ranks;

namespace Hpc.Cluster.Tests;

/// <summary>The scheduler in one process and with ranks that are threads; real ranks are in <see cref="MpiSchedulerTests"/>.</summary>
public sealed class ClusterSchedulerTests
{
    private static readonly ScheduleOptions Defaults = new();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(7, 1)]
    public void EveryTaskIsDoneOnce(int ranks, int workers)
    {
        const int Count = 500;
        var done = new ConcurrentBag<int>();
        var told = new List<int>();
        ScheduleResult[] results = ThreadCommunicator.Run(ranks, communicator => ClusterScheduler.Run(
            communicator,
            communicator.Rank == 0 ? Tasks(Count) : [],
            workers,
            (index, worker, _) =>
            {
                Assert.InRange(worker, 0, workers - 1);
                Thread.SpinWait(index % 7 * 1000);
                done.Add(index);
            },
            Defaults with { Ended = outcome => told.Add(outcome.Index) },
            CancellationToken.None));

        Assert.Equal(Enumerable.Range(0, Count), done.Order());
        Assert.Equal(Enumerable.Range(0, Count), told.Order());
        Assert.Equal(Enumerable.Range(0, Count), results[0].Outcomes.Select(o => o.Index).Order());
        Assert.All(results, r => Assert.False(r.Stopped));
        Assert.All(results[0].Outcomes, o => Assert.Null(o.Error));
        for (int rank = 1; rank < ranks; rank++)
        {
            Assert.Equal(
                results[rank].Outcomes.Select(o => o.Index).Order(),
                results[0].Outcomes.Where(o => o.Rank == rank).Select(o => o.Index).Order());
        }
    }

    /// <summary>The last task ends while the caller is told of the one before.</summary>
    [Fact]
    public void EveryEndIsTold()
    {
        var ledger = new TaskLedger(Tasks(2));
        int[] order = [ledger.Next(0)!.Value, ledger.Next(0)!.Value];
        ledger.Ended(0, order[0], new TaskOutcome(order[0], null, TimeSpan.Zero, 0));
        var told = new List<int>();
        using var stop = new CancellationTokenSource();
        ScheduleOptions options = Defaults with
        {
            Ended = outcome =>
            {
                told.Add(outcome.Index);
                if (outcome.Index == order[0])
                {
                    ledger.Ended(0, order[1], new TaskOutcome(order[1], null, TimeSpan.Zero, 0));
                }
            },
        };
        new TaskServer(new SingleProcessCommunicator(), ledger, 2, options).Run(stop, TimeSpan.FromMilliseconds(1));
        Assert.Equal(order, told);
    }

    [Fact]
    public void NoTasksAreDoneAtOnce()
    {
        ScheduleResult[] results = ThreadCommunicator.Run(
            3, c => ClusterScheduler.Run(c, [], 2, (_, _, _) => Assert.Fail("no task"), Defaults, CancellationToken.None));
        Assert.All(results, r => Assert.False(r.Stopped));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AFailedTaskCostsOnlyItself(int ranks)
    {
        ScheduleResult[] results = ThreadCommunicator.Run(ranks, communicator => ClusterScheduler.Run(
            communicator,
            Tasks(30),
            1,
            (index, _, _) =>
            {
                // Rank 0 is slow where there are others, so that failures happen on those too.
                Thread.Sleep(communicator.Rank == 0 && ranks > 1 ? 40 : 2);
                if (index % 10 == 3)
                {
                    throw new AggregateException(new FormatException($"bad {index} " + new string('x', 10_000)));
                }

                if (index == 7)
                {
                    // Nobody asked for it: a failure like any other.
                    throw new OperationCanceledException("by itself");
                }
            },
            Defaults,
            CancellationToken.None));

        Assert.Equal(30, results[0].Outcomes.Count);
        Assert.Equal([3, 7, 13, 23], results[0].Outcomes.Where(o => o.Error is not null).Select(o => o.Index).Order());
        Assert.All(results[0].Outcomes.Where(o => o.Index % 10 == 3), o =>
        {
            Assert.StartsWith($"bad {o.Index} xxx", o.Error!.Message);
            Assert.Contains(nameof(FormatException), o.Error.ToString());
        });
        Assert.All(results[0].Outcomes.Where(o => o.Error is not null), o => Assert.Equal(o.Rank != 0, o.Error is RemoteTaskException));
        Assert.Equal(ranks > 1, results[0].Outcomes.Any(o => o.Error is RemoteTaskException));
    }

    /// <summary>Any rank may be asked to stop: running tasks are cancelled everywhere, the others never begin.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    public void AStopReachesAllRanks(int ranks, int asked)
    {
        using var stop = new CancellationTokenSource();
        int begun = 0, cancelled = 0, finished = 0;
        ScheduleResult[] results = ThreadCommunicator.Run(ranks, communicator => ClusterScheduler.Run(
            communicator,
            Tasks(1000),
            2,
            (_, _, cancellation) =>
            {
                if (Interlocked.Increment(ref begun) == 20)
                {
                    stop.Cancel();
                }

                if (cancellation.WaitHandle.WaitOne(20))
                {
                    Interlocked.Increment(ref cancelled);
                    cancellation.ThrowIfCancellationRequested();
                }

                Interlocked.Increment(ref finished);
            },
            Defaults,
            communicator.Rank == asked ? stop.Token : CancellationToken.None));

        Assert.All(results, r => Assert.True(r.Stopped));
        Assert.Equal(begun, cancelled + finished);
        Assert.Equal(finished, results[0].Outcomes.Count);
        Assert.True(cancelled > 0 && begun < 1000);
    }

    [Fact]
    public void AStopAfterTheLastTaskIsNone()
    {
        using var stop = new CancellationTokenSource();
        ScheduleResult result = ClusterScheduler.Run(
            new SingleProcessCommunicator(), Tasks(1), 1, (_, _, _) => stop.Cancel(), Defaults, stop.Token);
        Assert.False(result.Stopped);
        Assert.Single(result.Outcomes);
    }

    /// <summary>A rank that hangs is given up after the timeout; when it comes back it is told to leave.</summary>
    [Fact]
    public void ARankThatFallsSilentCostsOnlyItsTasks()
    {
        var done = new ConcurrentBag<int>();
        using var begun = new ManualResetEventSlim();
        using var lost = new ManualResetEventSlim();
        using var gone = new ManualResetEventSlim();
        ScheduleResult[] results = ThreadCommunicator.Run(3, communicator =>
        {
            ScheduleResult result = ClusterScheduler.Run(
                communicator,
                Tasks(60),
                1,
                (index, _, cancellation) =>
                {
                    if (communicator.Rank == 2)
                    {
                        communicator.Hangs = true;
                        begun.Set();
                        Assert.True(lost.Wait(Patience));
                        communicator.Hangs = false;
                        cancellation.WaitHandle.WaitOne(Patience);
                        cancellation.ThrowIfCancellationRequested();
                    }

                    // Rank 2 gets a task, and the run cannot end before it has come back.
                    Assert.True(begun.Wait(Patience));
                    Assert.True(communicator.Rank != 1 || gone.Wait(Patience));
                    done.Add(index);
                },
                Defaults with
                {
                    RankTimeout = TimeSpan.FromSeconds(2),
                    ProgressInterval = TimeSpan.FromMilliseconds(20),
                    Progress = progress =>
                    {
                        if (progress.LostRanks.Count > 0)
                        {
                            lost.Set();
                        }
                    },
                },
                CancellationToken.None);
            if (communicator.Rank == 2)
            {
                gone.Set();
            }

            return result;
        });

        Assert.Equal(Enumerable.Range(0, 60), done.Order());
        Assert.Equal([2], results[0].LostRanks);
        Assert.False(results[0].Stopped);
        Assert.True(results[2].Stopped);
    }

    [Fact]
    public void AFailureOfTheCallerStopsAllRanks()
    {
        var stopped = new ConcurrentBag<bool>();
        AggregateException e = Assert.Throws<AggregateException>(() => ThreadCommunicator.Run(3, communicator =>
        {
            ScheduleResult result = ClusterScheduler.Run(
                communicator,
                Tasks(1000),
                1,
                (_, _, cancellation) => cancellation.WaitHandle.WaitOne(5),
                Defaults with { Ended = _ => throw new IOException("disk full") },
                CancellationToken.None);
            stopped.Add(result.Stopped);
            return result;
        }));
        Assert.Equal("disk full", Assert.IsType<IOException>(Assert.Single(e.InnerExceptions)).Message);
        Assert.Equal([true, true], stopped);
    }

    /// <summary>10⁴ tasks of next to no work: less than 5 ms each, and far fewer messages than tasks.</summary>
    [Fact]
    public void OverheadIsSmall()
    {
        var clock = Stopwatch.StartNew();
        int reports = 0;
        ThreadCommunicator.Run(2, communicator =>
        {
            ScheduleResult result = ClusterScheduler.Run(
                communicator, Tasks(10_000), 1, (_, _, _) => Thread.SpinWait(2000), Defaults, CancellationToken.None);
            reports += communicator.Reports;
            return result;
        });
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(50), $"{clock.Elapsed}");
        Assert.InRange(reports, 1, 5000);
    }

    private static ClusterTask[] Tasks(int count) => [.. Enumerable.Range(0, count).Select(i => new ClusterTask(i, 1 + i % 7))];
}
