using System.Diagnostics;
using Hpc.Cluster.Tests.Launching;

namespace Hpc.Cluster.Tests;

public sealed class StopRequestTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    public void ASignalAsksToStop(string signal)
    {
        using var stop = new StopRequest();
        Assert.False(stop.Token.IsCancellationRequested);
        RunningProcess.Run("kill", [$"-{signal}", $"{Environment.ProcessId}"]);
        Assert.True(stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.Equal($"SIG{signal}", stop.Reason);
        stop.Request("later");
        Assert.Equal($"SIG{signal}", stop.Reason);
    }

    [Fact]
    public void TheTimeLimitAsksToStop()
    {
        using var stop = new StopRequest();
        var clock = Stopwatch.StartNew();
        stop.After(TimeSpan.FromMilliseconds(200));
        Assert.True(stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
        Assert.True(clock.Elapsed > TimeSpan.FromMilliseconds(190), $"{clock.Elapsed}");
        Assert.Equal("time limit of 00:00:00.2000000", stop.Reason);
        Assert.Throws<ArgumentOutOfRangeException>(() => stop.After(TimeSpan.Zero));
    }
}
