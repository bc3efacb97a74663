using Hpc.Cluster.Tests.Launching;

namespace Hpc.Cluster.Tests;

public sealed class RunLockTests
{
    private static string Host => Environment.MachineName;

    [Fact]
    public void OnlyOneRunHoldsAFolder()
    {
        using var folder = new TemporaryFolder();
        using (RunLock.Acquire(folder.Path))
        {
            var e = Assert.Throws<FolderInUseException>(() => RunLock.Acquire(folder.Path));
            Assert.Contains($"process {Environment.ProcessId} on {Host}", e.Message);
            AssertOwn(RunLock.Holders(folder.Path));
        }

        Assert.Empty(RunLock.Holders(folder.Path));
        Assert.False(File.Exists(folder["lock"]));
        RunLock.Acquire(folder.Path).Dispose();
    }

    [Fact]
    public void JobsOfAnArrayExcludeOnlyThemselvesAndWholeRuns()
    {
        using var folder = new TemporaryFolder();
        using (RunLock.Acquire(folder.Path, new ArrayPart(0, 3)))
        using (RunLock.Acquire(folder.Path, new ArrayPart(1, 3)))
        {
            Assert.Throws<FolderInUseException>(() => RunLock.Acquire(folder.Path, new ArrayPart(1, 3)));
            Assert.Throws<FolderInUseException>(() => RunLock.Acquire(folder.Path));
            Assert.Equal([0, 1], RunLock.Holders(folder.Path).Select(h => h.Part));
        }

        using (RunLock.Acquire(folder.Path))
        {
            Assert.Throws<FolderInUseException>(() => RunLock.Acquire(folder.Path, new ArrayPart(1, 3)));
        }
    }

    /// <summary>Left by a run of this host that was killed, or empty because it was killed while it wrote.</summary>
    [Theory]
    [InlineData("{\"host\":\"HOST\",\"pid\":1,\"job\":null}")]
    [InlineData("")]
    [InlineData("{\"host\":\"HO")]
    public void AStaleLockIsTakenOver(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["lock"], content.Replace("HOST", Host));
        Assert.Empty(RunLock.Holders(folder.Path));
        using (RunLock.Acquire(folder.Path))
        {
            AssertOwn(RunLock.Holders(folder.Path));
        }
    }

    [Fact]
    public void ALockOfAnotherHostIsKept()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["lock"], "{\"host\":\"elsewhere\",\"pid\":7,\"job\":null}");
        var e = Assert.Throws<FolderInUseException>(() => RunLock.Acquire(folder.Path));
        Assert.Contains("process 7 on elsewhere", e.Message);
        Assert.Contains(folder["lock"], e.Message);
        Assert.Equal([((int?)null, "process 7 on elsewhere")], RunLock.Holders(folder.Path));
    }

    /// <summary>The message names the very file: a lock of a job of an array is not called <c>lock</c>.</summary>
    [Fact]
    public void AForeignLockOfAPartNamesItsFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["lock.3"], "{\"host\":\"elsewhere\",\"pid\":7,\"job\":null}");
        var e = Assert.Throws<FolderInUseException>(() => RunLock.Acquire(folder.Path));
        Assert.Contains($"if that run is over, delete '{folder["lock.3"]}'", e.Message);
        Assert.False(File.Exists(folder["lock"]));
        RunLock.Acquire(folder.Path, new ArrayPart(2, 4)).Dispose();
        File.Delete(folder["lock.3"]);
        RunLock.Acquire(folder.Path).Dispose();
    }

    /// <summary>Many take and give back the lock at once: never two at a time, also while its file is removed.</summary>
    [Fact]
    public void NoTwoHoldItAtATime()
    {
        using var folder = new TemporaryFolder();
        int holders = 0, most = 0, taken = 0;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (int i = 0; i < 50; i++)
            {
                try
                {
                    using (RunLock.Acquire(folder.Path))
                    {
                        int now = Interlocked.Increment(ref holders);
                        InterlockedMax(ref most, now);
                        Interlocked.Increment(ref taken);
                        Interlocked.Decrement(ref holders);
                    }
                }
                catch (FolderInUseException)
                {
                    // Another had it all the time.
                }
            }
        });
        Assert.Equal(1, most);
        Assert.True(taken > 0);
    }

    private static void AssertOwn(IReadOnlyList<(int? Part, string Holder)> holders)
    {
        (int? part, string holder) = Assert.Single(holders);
        Assert.Null(part);
        Assert.Contains($"process {Environment.ProcessId} on {Host}", holder);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); seen < value;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen) is var old && old == seen ? value : old;
        }
    }
}
