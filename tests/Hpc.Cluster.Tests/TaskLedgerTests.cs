namespace Hpc.Cluster.Tests;

public sealed class TaskLedgerTests
{
    [Fact]
    public void TheLongestIsFirst()
    {
        var ledger = new TaskLedger([new(10, 1), new(11, 5), new(12, 3), new(13, 5)]);
        Assert.Equal([11, 13, 12, 10], Enumerable.Range(0, 4).Select(_ => Take(ledger, rank: 1).Single()));
        Assert.Empty(Take(ledger, rank: 1));
    }

    /// <summary>After a task of 9 ms: 5 of them are within 50 ms, until what is left is to be shared among all.</summary>
    [Fact]
    public void ChunksAreMeasuredInTime()
    {
        var ledger = new TaskLedger([.. Enumerable.Range(0, 100).Select(i => new ClusterTask(i, 2))]);
        Assert.Equal([0], Take(ledger, rank: 1));
        ledger.Ended(1, 0, Outcome(0, milliseconds: 9, rank: 1));
        Assert.Equal([1, 2, 3, 4, 5], Take(ledger, rank: 1));
        Assert.Equal(22, Take(ledger, rank: 2, workers: 4, idle: 4, allWorkers: 8).Length);

        // 72 are left: with 40 workers in all, each gets 72 / 80.
        Assert.Single(Take(ledger, rank: 1, allWorkers: 40));
    }

    [Fact]
    public void EveryIdleWorkerGetsATask()
    {
        var ledger = new TaskLedger([.. Enumerable.Range(0, 10).Select(i => new ClusterTask(i, 1000))]);
        Assert.Equal([0, 1, 2], Take(ledger, rank: 1, workers: 4, idle: 3, allWorkers: 4));
    }

    [Fact]
    public void TasksOfALostRankComeBackFirst()
    {
        var ledger = new TaskLedger([.. Enumerable.Range(0, 6).Select(i => new ClusterTask(i, 6 - i))]);
        Assert.Equal([0, 1], Take(ledger, rank: 1, idle: 2));
        Assert.Equal([2], Take(ledger, rank: 2));
        ledger.Ended(1, 1, Outcome(1, 1, rank: 1));
        ledger.Lost(1);
        Assert.Equal([0, 3, 4, 5], Take(ledger, rank: 3, idle: 4));
        Assert.False(ledger.Complete);
    }

    /// <summary>A rank that was given up may still deliver; what counts is the first end of a task.</summary>
    [Fact]
    public void ATaskEndsOnce()
    {
        var ledger = new TaskLedger([new(0, 2), new(1, 1)]);
        Take(ledger, rank: 1, idle: 2);
        ledger.Lost(1);
        ledger.Ended(1, 0, Outcome(0, 1, rank: 1));
        Assert.Equal([1], Take(ledger, rank: 2, idle: 2));
        ledger.Ended(1, 1, null);
        ledger.Ended(2, 1, Outcome(1, 1, rank: 2));
        Assert.True(ledger.Complete);
        ledger.Ended(1, 1, Outcome(1, 1, rank: 1));
        Assert.Equal([(0, 1), (1, 2)], ledger.Outcomes.Select(o => (o.Index, o.Rank)));
        Assert.True(ledger.Complete);
        Assert.False(ledger.Stopped);
    }

    [Fact]
    public void AfterStopNothingIsHandedOutAndTheRestIsAwaited()
    {
        var ledger = new TaskLedger([new(0, 2), new(1, 1), new(2, 1)]);
        Take(ledger, rank: 1, idle: 2);
        ledger.Stop();
        Assert.Empty(Take(ledger, rank: 2));
        Assert.Null(ledger.Next(0));
        Assert.False(ledger.Complete);
        ledger.Ended(1, 0, Outcome(0, 1, rank: 1));
        ledger.Ended(1, 1, null);
        Assert.True(ledger.Complete);
        Assert.True(ledger.Stopped);
        Assert.Single(ledger.Outcomes);
    }

    [Fact]
    public void TimeLeftFollowsFromTheMeasuredRate()
    {
        var ledger = new TaskLedger([.. Enumerable.Range(0, 9).Select(i => new ClusterTask(i, 3))]);
        Assert.Null(ledger.Progress(TimeSpan.FromSeconds(1), 2, []).Left);
        Take(ledger, rank: 1);
        ledger.Ended(1, 0, Outcome(0, 10_000, rank: 1));
        Take(ledger, rank: 1);
        ledger.Running(1, 1, TimeSpan.FromSeconds(4));
        ScheduleProgress progress = ledger.Progress(TimeSpan.FromSeconds(20), 2, [7]);

        // 7 waiting tasks of 10 s and 6 s of the running one, on two workers.
        Assert.InRange(progress.Left!.Value.TotalSeconds, 37.5, 38);
        Assert.Equal((1, 0, 9), (progress.Done, progress.Failed, progress.Total));
        Assert.Equal(0.05, progress.Rate, 1e-12);
        Assert.Equal((1, 1), (progress.Running.Single().Index, progress.Running.Single().Rank));
        Assert.Equal([7], progress.LostRanks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void CostsArePositive(double cost) => Assert.Throws<ArgumentException>(() => new TaskLedger([new(0, cost)]));

    [Fact]
    public void ATaskIsThereOnce() => Assert.Throws<ArgumentException>(() => new TaskLedger([new(4, 1), new(4, 2)]));

    /// <summary>Two groups of three tasks and two alone: a worker stays on its group, the next one takes the longest that nobody is on.</summary>
    [Fact]
    public void AWorkerStaysOnItsGroup()
    {
        var ledger = new TaskLedger([new(0, 10, 1, 9), new(1, 10, 2, 9), new(2, 10, 1, 9), new(3, 10, 2, 9), new(4, 10, 1, 9), new(5, 10, 2, 9), new(6, 5), new(7, 4)]);
        Assert.Equal(0, ledger.Next(0));
        Assert.Equal(1, ledger.Next(1));
        Assert.Equal([(3, 1)], ledger.Take(0, [1], 2, 4).Select(t => (t.Index, t.Worker)));
        Assert.Equal([2, 4], Enumerable.Range(0, 2).Select(_ => ledger.Next(0)!.Value));
        Assert.Equal([6, 7], Take(ledger, rank: 2, idle: 2, workers: 2));

        // The last of group 2 costs its worker 1 and anyone else 10: nobody else begins it, unless its worker is lost.
        Assert.Empty(Take(ledger, rank: 2));
        Assert.Equal(5, ledger.Next(1));
    }

    [Fact]
    public void ALongGroupIsShared()
    {
        var ledger = new TaskLedger([.. Enumerable.Range(0, 30).Select(i => new ClusterTask(i, 10, 1, 9))]);
        Assert.Equal([0], Take(ledger, rank: 1));

        // 29 are left to one worker, and two others at 10 to begin with pay; then 26 of three.
        Assert.Equal([1], Take(ledger, rank: 2));
        Assert.Equal([2], Take(ledger, rank: 3));
        Assert.Empty(Take(ledger, rank: 4));
        ledger.Lost(2);
        Assert.Equal([1], Take(ledger, rank: 4));
    }

    [Fact]
    public void TheGroupOfALostRankIsFree()
    {
        var ledger = new TaskLedger([new(0, 10, 1, 9), new(1, 10, 1, 9)]);
        Assert.Equal([0], Take(ledger, rank: 1));
        Assert.Empty(Take(ledger, rank: 2));
        ledger.Lost(1);
        Assert.Equal([0], Take(ledger, rank: 2));
        Assert.Equal([1], Take(ledger, rank: 2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(double.NaN)]
    public void TheCommonPartIsAPartOfTheCost(double common) => Assert.Throws<ArgumentException>(() => new TaskLedger([new(0, 10, 1, common)]));

    private static int[] Take(TaskLedger ledger, int rank, int idle = 1, int workers = 1, int allWorkers = 2) =>
        [.. ledger.Take(rank, [.. Enumerable.Range(0, idle)], workers, allWorkers).Select(t => t.Index)];

    private static TaskOutcome Outcome(int index, double milliseconds, int rank) =>
        new(index, null, TimeSpan.FromMilliseconds(milliseconds), rank);
}
