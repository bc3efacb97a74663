using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Threading;

public class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void RunsEveryIndexOnceInEveryRegion(int count)
    {
        using var team = new ThreadTeam(count);
        var runs = new int[count];
        for (int region = 1; region <= 2000; region++)
        {
            team.Run(i => runs[i]++);
            Assert.All(runs, r => Assert.Equal(region, r));
        }
    }

    [Fact]
    public void WakesThreadsThatSleep()
    {
        using var team = new ThreadTeam(3);
        var runs = new int[3];
        for (int region = 1; region <= 10; region++)
        {
            Thread.Sleep(5);
            team.Run(i =>
            {
                // Whichever thread is last, the others have stopped spinning.
                Thread.Sleep(i == region % 3 ? 5 : 0);
                runs[i]++;
            });
            Assert.All(runs, r => Assert.Equal(region, r));
        }
    }

    [Fact]
    public void RunsOnDifferentThreadsAtTheSameTime()
    {
        using var team = new ThreadTeam(3);
        using var barrier = new Barrier(3);
        var identifiers = new int[3];
        team.Run(i =>
        {
            Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(20)));
            identifiers[i] = Environment.CurrentManagedThreadId;
        });
        Assert.Equal(3, identifiers.Distinct().Count());
        Assert.Equal(Environment.CurrentManagedThreadId, identifiers[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ForHandsOutEveryIndexOnce(int count)
    {
        using var team = new ThreadTeam(count);
        var runs = new int[1001];
        team.For(runs.Length, i => Interlocked.Increment(ref runs[i]));
        team.For(0, _ => Assert.Fail("no index to run"));
        Assert.All(runs, r => Assert.Equal(1, r));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void CollectsTheExceptionsOfAllThreadsAndGoesOn(int count)
    {
        using var team = new ThreadTeam(count);
        var exception = Assert.Throws<AggregateException>(() => team.Run(i => throw new InvalidDataException($"{i}")));
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => $"{i}"),
            exception.InnerExceptions.Cast<InvalidDataException>().Select(e => e.Message));
        Assert.Throws<AggregateException>(() => team.For(3, _ => throw new InvalidDataException()));
        int runs = 0;
        team.Run(_ => Interlocked.Increment(ref runs));
        Assert.Equal(count, runs);
    }

    [Fact]
    public void RunsANestedRegionOnTheCallingThread()
    {
        using var team = new ThreadTeam(3);
        using var other = new ThreadTeam(2);
        var inner = new int[3, 3];
        var innerOfOther = new int[3, 2];
        var innerFor = new int[3, 5];
        team.Run(i =>
        {
            team.Run(j => inner[i, j] = Environment.CurrentManagedThreadId);
            other.Run(j => innerOfOther[i, j] = Environment.CurrentManagedThreadId);
            team.For(5, j => innerFor[i, j] = Environment.CurrentManagedThreadId);
            Assert.All(Enumerable.Range(0, 3), j => Assert.Equal(Environment.CurrentManagedThreadId, inner[i, j]));
            Assert.All(Enumerable.Range(0, 2), j => Assert.Equal(Environment.CurrentManagedThreadId, innerOfOther[i, j]));
            Assert.All(Enumerable.Range(0, 5), j => Assert.Equal(Environment.CurrentManagedThreadId, innerFor[i, j]));
            var exception = Assert.Throws<AggregateException>(() => team.Run(_ => throw new InvalidDataException()));
            Assert.Equal(3, exception.InnerExceptions.Count);
            Assert.Throws<AggregateException>(() => team.For(3, _ => throw new InvalidDataException()));
        });
    }

    [Fact]
    public void TwoTeamsRunAtOnce()
    {
        using var first = new ThreadTeam(2);
        using var second = new ThreadTeam(2);
        long[] sums = new long[2];
        void Use(ThreadTeam team, int slot)
        {
            for (int region = 0; region < 500; region++)
            {
                team.Run(i => Interlocked.Add(ref sums[slot], i + 1));
            }
        }

        var thread = new Thread(() => Use(second, 1));
        thread.Start();
        Use(first, 0);
        thread.Join();
        Assert.Equal([1500L, 1500L], sums);
    }

    [Fact]
    public void RefusesASecondThreadInOneTeam()
    {
        using var team = new ThreadTeam(2);
        Exception? refused = null;
        team.Run(i =>
        {
            if (i == 0)
            {
                var thread = new Thread(() => refused = Record.Exception(() => team.Run(_ => { })));
                thread.Start();
                thread.Join();
            }
        });
        Assert.IsType<InvalidOperationException>(refused);
        team.Run(_ => { });
    }

    [Fact]
    public void AllocatesNothingOnAnyOfItsThreads()
    {
        using var team = new ThreadTeam(2);
        var allocated = new long[2];
        Action<int> count = i => allocated[i] = GC.GetAllocatedBytesForCurrentThread() - allocated[i];
        Action<int> nothing = _ => { };
        team.Run(nothing);
        team.For(10, nothing);
        team.Run(count);
        for (int region = 0; region < 100; region++)
        {
            team.Run(nothing);
            team.For(10, nothing);
        }

        team.Run(count);
        Assert.Equal([0L, 0L], allocated);
    }

    [Fact]
    public void AnIdleTeamUsesNoProcessorTime()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the processor time of a thread is read from /proc");
        using var team = new ThreadTeam(4);
        var threads = new string[4];
        team.Run(i => threads[i] = $"/proc/{new FileInfo("/proc/thread-self").LinkTarget}/schedstat");
        Thread.Sleep(50);
        long NanosecondsOfWorkers() => threads.Skip(1).Sum(file => long.Parse(File.ReadAllText(file).Split(' ')[0]));
        long before = NanosecondsOfWorkers();
        Thread.Sleep(100);
        Assert.Equal(before, NanosecondsOfWorkers());
    }

    [Fact]
    public void RefusesWorkAfterDispose()
    {
        var team = new ThreadTeam(2);
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(_ => { }));
        Assert.Throws<ObjectDisposedException>(() => team.For(1, _ => { }));
    }

    [Fact]
    public void RefusesATeamOfNobody() => Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadTeam(0));
}
