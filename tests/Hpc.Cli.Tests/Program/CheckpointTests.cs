using System.Diagnostics;
using System.Runtime.InteropServices;
using Hpc.Cli.Running;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

/// <summary>Fresh-noise descent that is stopped, killed and given damaged checkpoints gives the bits of an undisturbed one.</summary>
public class CheckpointTests
{
    private static readonly string[] Datasets =
        ["train_loss", "train_loss_sampling_error", "test_loss", "test_loss_sampled", "test_loss_sampling_error", "score_error", "score_error_sampling_error"];

    [Theory]
    [InlineData("single", PosixSignal.SIGTERM, null)]
    [InlineData("double", PosixSignal.SIGINT)]
    public void A_descent_that_is_stopped_and_killed_ends_with_the_bits_of_one_that_is_not(string precision, params PosixSignal?[] signals)
    {
        using var work = new Workspace();
        string whole = Path.Combine(work.Folder, "whole");
        string[] fresh = [.. Fresh(epochs: 40_000), "--precision", precision, "--threads", "1"];
        Assert.Equal(0, HpcProcess.Run(["run", work.Spec, "--out", whole, .. fresh]).ExitCode);
        Assert.Empty(Directory.GetFiles(Path.Combine(whole, "checkpoints")));

        foreach (PosixSignal? signal in signals)
        {
            StopAtCheckpoint(work, fresh, signal);
        }

        HpcProcess.Ended last = HpcProcess.Run(["run", work.Spec, "--out", work.Out, .. fresh]);
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Contains("going on from epoch", last.Error);
        Assert.Empty(Directory.GetFiles(Path.Combine(work.Out, "checkpoints")));
        ResultGroup one = ResultFile.Read(Path.Combine(whole, "small.h5")), other = ResultFile.Read(work.Merged);
        Assert.All(Datasets, name => Assert.Equal(one[name].Doubles, other[name].Doubles));
    }

    [Fact]
    public void A_damaged_checkpoint_falls_back_to_the_one_before_and_then_to_the_start()
    {
        using var work = new Workspace();
        var said = new List<string>();
        var checkpoint = new TaskCheckpoint(work.Out, "ab12", TimeSpan.FromHours(1), said.Add);
        using Matrix<double> readout = new(5, 3), read = new(5, 3);
        double[][] losses = [.. Enumerable.Range(0, 6).Select(i => new double[] { i, double.NaN })], filled = [.. losses.Select(l => new double[2])];
        Assert.Null(checkpoint.Load(read.View, null, filled));
        readout[4, 2] = 0.1;
        checkpoint.Save(10, 1, readout.View, null, losses);
        readout[4, 2] = 0.2;
        checkpoint.Save(20, 2, readout.View, null, losses);
        Assert.False(checkpoint.IsDue);
        Assert.Equal((20, 2), checkpoint.Load(read.View, null, filled));
        Assert.Equal(readout.Span, read.Span);
        Assert.Equal(losses, filled);
        Assert.DoesNotContain(said, line => !line.StartsWith("going on"));

        string current = Path.Combine(work.Out, "checkpoints", "ab12.h5"), previous = Path.Combine(work.Out, "checkpoints", "ab12.previous.h5");
        Flip(current);
        Assert.Equal((10, 1), checkpoint.Load(read.View, null, filled));
        Assert.Equal(0.1, read[4, 2]);
        Assert.Contains(said, line => line.Contains($"'{current}' is damaged") && line.Contains("The one before it is tried."));

        // The good one is still there after the next save, and what is cut short is no better than what is changed.
        checkpoint.Save(30, 2, readout.View, null, losses);
        File.WriteAllBytes(current, File.ReadAllBytes(current)[..500]);
        Assert.Equal((10, 1), checkpoint.Load(read.View, null, filled));
        Flip(previous);
        Assert.Null(checkpoint.Load(read.View, null, filled));
        Assert.Contains(said, line => line.Contains($"'{previous}' is damaged") && line.Contains("The task begins anew."));

        checkpoint.Save(40, 2, readout.View, null, losses);
        Assert.Null(new TaskCheckpoint(work.Out, "cd34", TimeSpan.FromHours(1), said.Add).Load(read.View, null, filled));
        CheckpointFiles.RemoveStale(work.Out, hash => hash == "cd34");
        Assert.True(File.Exists(current));
        checkpoint.Remove();
        Assert.Empty(Directory.GetFiles(Path.Combine(work.Out, "checkpoints")));
    }

    /// <summary>However short the interval is, saving waits until it has taken no more than a hundredth of the time.</summary>
    [Fact]
    public void Checkpoints_take_less_than_two_hundredths_of_the_time()
    {
        using var work = new Workspace();
        using var readout = new Matrix<double>(200, 50);
        double[][] losses = [.. Enumerable.Repeat(new double[1], 6)];
        var checkpoint = new TaskCheckpoint(work.Out, "ab12", TimeSpan.FromTicks(1), _ => { });
        var clock = Stopwatch.StartNew();
        TimeSpan saving = TimeSpan.Zero;
        for (int saved = 0; ; saved++)
        {
            Assert.True(SpinWait.SpinUntil(() => checkpoint.IsDue, TimeSpan.FromMinutes(2)), "no checkpoint is due any more");
            if (saved == 2)
            {
                break;
            }

            TimeSpan before = clock.Elapsed;
            checkpoint.Save(saved + 1, 0, readout.View, null, losses);
            saving += clock.Elapsed - before;
        }

        Assert.InRange(saving / clock.Elapsed, 1e-6, 0.02);
    }

    [Fact]
    public void What_a_device_has_beyond_double_precision_is_kept()
    {
        using var work = new Workspace();
        var checkpoint = new TaskCheckpoint(work.Out, "ab12", TimeSpan.FromHours(1), _ => { });
        using Matrix<double> readout = new(5, 3), remainder = new(5, 3), read = new(5, 3), further = new(5, 3);
        double[][] losses = [.. Enumerable.Range(0, 6).Select(i => new double[] { i })];
        (readout[4, 2], remainder[4, 2], further[0, 0]) = (0.1, 1e-18, 1);
        checkpoint.Save(10, 1, readout.View, remainder.View, losses);
        Assert.Equal((10, 1), checkpoint.Load(read.View, further.View, losses));
        Assert.Equal(readout.Span, read.Span);
        Assert.Equal(remainder.Span, further.Span);
        Assert.Equal((10, 1), checkpoint.Load(read.View, null, losses));

        // From the processor there is none: what the device had before counts no more.
        checkpoint.Save(20, 1, readout.View, null, losses);
        Assert.Equal((20, 1), checkpoint.Load(read.View, further.View, losses));
        Assert.Equal(0, further[4, 2]);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_said_and_stops_nothing()
    {
        using var work = new Workspace();
        Directory.CreateDirectory(work.Out);
        File.WriteAllText(Path.Combine(work.Out, "checkpoints"), "a file in the place of the folder");
        var said = new List<string>();
        using var readout = new Matrix<double>(2, 2);
        new TaskCheckpoint(work.Out, "ab12", TimeSpan.FromHours(1), said.Add).Save(7, 0, readout.View, null, [.. Enumerable.Repeat(new double[1], 6)]);
        Assert.StartsWith("no checkpoint at epoch 7: ", Assert.Single(said));
    }

    private static string[] Fresh(int epochs) =>
        ["descent.dynamics=fresh-noise", $"descent.epochs={epochs}", "descent.learningRate=0.001", "seeds.count=1", "spectrum=null", "--checkpoint", "0:00:00.01"];

    /// <summary>
    /// Starts the run, waits until it has written a checkpoint of its own, and stops it with a signal, or with SIGKILL for null. The run is nice,
    /// so that this process sees the checkpoint in time on a machine that is busy.
    /// </summary>
    private static void StopAtCheckpoint(Workspace work, string[] options, PosixSignal? signal)
    {
        var written = new HashSet<DateTime>(Checkpoints(work).Select(File.GetLastWriteTimeUtc));
        int before = written.Count;
        using Process process = HpcProcess.StartNice(["run", work.Spec, "--out", work.Out, .. options]);
        for (var clock = Stopwatch.StartNew(); written.Count == before; Thread.Sleep(2))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2) && !process.HasExited, "the run ended before it was stopped");
            written.UnionWith(Checkpoints(work).Where(File.Exists).Select(File.GetLastWriteTimeUtc).Where(t => t.Year > 2000));
        }

        if (signal is { } asked)
        {
            HpcProcess.Signal(process, asked);
        }
        else
        {
            process.Kill();
        }

        HpcProcess.Ended ended = HpcProcess.WaitFor(process);
        Assert.True(signal is null ? ended.ExitCode != 0 : ended.ExitCode == 3, ended.Error);
        Assert.NotEmpty(Checkpoints(work));
    }

    private static string[] Checkpoints(Workspace work) =>
        Directory.Exists(Path.Combine(work.Out, "checkpoints")) ? Directory.GetFiles(Path.Combine(work.Out, "checkpoints"), "*.h5") : [];

    private static void Flip(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 4;
        File.WriteAllBytes(path, content);
    }
}
