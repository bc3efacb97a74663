using System.Diagnostics;
using System.Globalization;
using Hpc.Cluster;

namespace Hpc.Cli.Running;

/// <summary>
/// Progress on standard error: a line when something ends or begins, and at most one every few seconds in between; rate and time left
/// from the tasks that have ended. On a terminal the last line is redrawn, elsewhere whole lines are written.
/// </summary>
public sealed class Progress(int total)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2), WatchInterval = TimeSpan.FromSeconds(10);

    private readonly object gate = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly bool terminal = !Console.IsErrorRedirected;
    private TimeSpan lastWatch;
    private TimeSpan lastStage = TimeSpan.MinValue;
    private int done;
    private bool openLine;

    /// <summary>A whole line.</summary>
    public static void Say(string line) => Console.Error.WriteLine(line);

    /// <summary>What a task is doing now.</summary>
    public void Stage(string task, string stage)
    {
        lock (gate)
        {
            if (lastStage == TimeSpan.MinValue || clock.Elapsed - lastStage >= Interval)
            {
                lastStage = clock.Elapsed;
                Write($"{task}: {stage}", final: false);
            }
        }
    }

    /// <summary>A task has ended.</summary>
    public void Ended(string task, string? error, TimeSpan elapsed)
    {
        lock (gate)
        {
            done++;
            double rate = done / clock.Elapsed.TotalSeconds;
            string left = done < total ? $", {Times.Of((total - done) / rate)} left" : "";
            string line = $"[{done}/{total}] {task} {(error is null ? "done" : "failed")} in {Times.Of(elapsed.TotalSeconds)} ({Rate(rate)}{left})";
            Write(error is null ? line : $"{line}: {error}", final: true);
        }
    }

    /// <summary>How far all ranks are, at most every ten seconds.</summary>
    /// <param name="schedule">What rank 0 knows.</param>
    /// <param name="name">Name of a task by its index.</param>
    public void Watch(ScheduleProgress schedule, Func<int, string> name)
    {
        lock (gate)
        {
            if (clock.Elapsed - lastWatch >= WatchInterval && schedule.Running.Count > 0)
            {
                lastWatch = clock.Elapsed;
                RunningTask slowest = schedule.Running[0];
                Write(
                    $"[{schedule.Done + schedule.Failed}/{schedule.Total}] {schedule.Running.Count} at work{(schedule.Left is { } left ? $", {Rate(schedule.Rate)}, {Times.Of(left.TotalSeconds)} left" : "")}; slowest: {name(slowest.Index)} for {Times.Of(slowest.Elapsed.TotalSeconds)} on rank {slowest.Rank}",
                    final: false);
            }
        }
    }

    internal static string Rate(double perSecond) => perSecond >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{perSecond:G3} tasks/s")
        : string.Create(CultureInfo.InvariantCulture, $"{60 * perSecond:G3} tasks/min");

    private void Write(string line, bool final)
    {
        if (!terminal)
        {
            Console.Error.WriteLine(line);
            return;
        }

        Console.Error.Write($"{(openLine ? "\r\u001b[K" : "")}{line}{(final ? "\n" : "")}");
        openLine = !final;
    }
}
