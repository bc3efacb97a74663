using System.Diagnostics;

namespace Hpc.Cluster;

/// <summary>
/// A rank other than 0: gets tasks from rank 0 for its workers and reports. Each report is answered once, so that no message is ever
/// sent to a rank that does not wait for it.
/// </summary>
internal sealed class TaskClient(ICommunicator communicator, int workers, TimeSpan timeout) : ITaskSource
{
    public const int ReportTag = 4711;
    public const int ReplyTag = 4712;

    /// <summary>New tasks are asked for when those here last no longer than this: several times as long as the answer takes.</summary>
    private const double AheadSeconds = 0.02;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    private readonly object gate = new();
    private readonly List<(int Index, double Seconds, int? Worker)> queue = [];
    private readonly Dictionary<int, (long Started, double Seconds)> running = [];
    private readonly List<TaskOutcome> outcomes = [];
    private List<(int Index, TaskOutcome? Outcome)> unreported = [];
    private readonly SortedSet<int> waitingWorkers = [];
    private bool closed;

    /// <summary>Works until rank 0 says that all is done.</summary>
    /// <param name="stop">Cancels the tasks at work.</param>
    /// <param name="stopRequested">Asks rank 0 to stop all ranks.</param>
    /// <exception cref="TimeoutException">Rank 0 does not answer.</exception>
    public ScheduleResult Run(CancellationTokenSource stop, CancellationToken stopRequested)
    {
        // With many ranks each asks more rarely, which keeps rank 0 below about 10⁴ reports a second.
        TimeSpan heartbeat = Heartbeat + communicator.Size * TimeSpan.FromMilliseconds(0.1);
        TimeSpan retry = Retry + communicator.Size * TimeSpan.FromMilliseconds(0.1);
        bool none = false;
        while (true)
        {
            TaskReport report = Wait(none ? retry : heartbeat, ask: !none, stopRequested);
            communicator.Send(report.Write(), destination: 0, ReportTag);
            TaskReply reply = Answer();
            lock (gate)
            {
                queue.AddRange(reply.Tasks);
                none = report.Idle is not null && reply.Tasks.Count == 0;
                if (reply.Order != TaskOrder.GoOn)
                {
                    // Tasks that were not begun go back.
                    unreported.AddRange(queue.Select(task => (task.Index, (TaskOutcome?)null)));
                    queue.Clear();
                    closed = true;
                }

                Monitor.PulseAll(gate);
            }

            if (reply.Order != TaskOrder.GoOn)
            {
                stop.Cancel();
            }

            if (reply.Order == TaskOrder.Leave)
            {
                return new ScheduleResult(outcomes, reply.Incomplete, []);
            }
        }
    }

    public int? Next(int worker)
    {
        lock (gate)
        {
            waitingWorkers.Add(worker);
            Monitor.PulseAll(gate);
            int position;
            while ((position = Position(worker)) < 0 && !closed)
            {
                Monitor.Wait(gate);
            }

            waitingWorkers.Remove(worker);
            if (closed)
            {
                return null;
            }

            (int index, double seconds, _) = queue[position];
            queue.RemoveAt(position);
            running[index] = (Stopwatch.GetTimestamp(), seconds);
            Monitor.PulseAll(gate);
            return index;
        }
    }

    public void Ended(int index, TaskOutcome? outcome)
    {
        lock (gate)
        {
            running.Remove(index);
            unreported.Add((index, outcome));
            if (outcome is not null)
            {
                outcomes.Add(outcome);
            }
        }
    }

    /// <summary>Makes the next report when tasks run short (if <paramref name="ask"/>) or the time is over.</summary>
    private TaskReport Wait(TimeSpan maximum, bool ask, CancellationToken stopRequested)
    {
        long start = Stopwatch.GetTimestamp();
        lock (gate)
        {
            bool asked = stopRequested.IsCancellationRequested;
            while (true)
            {
                TimeSpan left = maximum - Stopwatch.GetElapsedTime(start);
                double ahead = queue.Sum(t => t.Seconds)
                    + running.Values.Sum(t => Math.Max(0, t.Seconds - Stopwatch.GetElapsedTime(t.Started).TotalSeconds));
                int[] idle = [.. Idle()];
                bool wants = !closed && (idle.Length > 0 || ahead < workers * AheadSeconds);
                if (left <= TimeSpan.Zero || (wants && ask) || stopRequested.IsCancellationRequested != asked
                    || (closed && running.Count == 0 && unreported.Count > 0))
                {
                    var report = new TaskReport(
                        workers,
                        wants ? idle : null,
                        stopRequested.IsCancellationRequested,
                        [.. running.Select(t => (t.Key, Stopwatch.GetElapsedTime(t.Value.Started)))],
                        unreported);
                    unreported = [];
                    return report;
                }

                Monitor.Wait(gate, left < Retry ? left : Retry);
            }
        }
    }

    /// <summary>Place in the queue of the first task that a worker may take; −1 for none.</summary>
    private int Position(int worker) => queue.FindIndex(t => t.Worker is null || t.Worker == worker);

    /// <summary>Workers that wait and will find nothing in the queue.</summary>
    private IEnumerable<int> Idle() => waitingWorkers.Where(w => queue.All(t => t.Worker != w)).Skip(queue.Count(t => t.Worker is null));

    private TaskReply Answer()
    {
        var waited = new ActiveClock();
        while (true)
        {
            if (communicator.Probe(0, ReplyTag) is { } message)
            {
                byte[] data = new byte[message.Length];
                communicator.Receive(data, 0, ReplyTag);
                return TaskReply.Read(data);
            }

            waited.Look();
            if (waited.Elapsed > timeout)
            {
                throw new TimeoutException($"rank 0 has not answered rank {communicator.Rank} on {Environment.MachineName} for {timeout}");
            }

            Thread.Sleep(Poll);
        }
    }
}
