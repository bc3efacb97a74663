using System.Diagnostics;
using Hpc.Cluster.Tests.Launching;
using Hpc.Cluster.Tests.Ranks;

namespace Hpc.Cluster.Tests;

public sealed class StopRequestTests
{
    /// <summary>In a process of its own: the runner of the tests listens to some signals, too.</summary>
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    public void ASignalAsksToStop(string signal)
    {
        using var folder = new TemporaryFolder();
        using RunningProcess running = RunningProcess.Start(Environment.ProcessPath!, ["--rank", "agree", folder.Path]);
        running.WaitFor(() => File.Exists(folder["started.0"]));
        running.Signal(signal);
        ProcessResult result = running.Wait();
        Assert.True(result.ExitCode == TestRank.Stopped, result.ToString());
        Assert.Equal($"0 SIG{signal}", File.ReadAllText(folder["stopped.0"]));
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
        stop.Request("later");
        Assert.Equal("time limit of 00:00:00.2000000", stop.Reason);
        Assert.Throws<ArgumentOutOfRangeException>(() => stop.After(TimeSpan.Zero));
    }
}
