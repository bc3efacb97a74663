using System.Diagnostics;

namespace Hpc.Cluster;

/// <summary>
/// Rank 0's book of all tasks: which wait, who has which, which have ended. Safe for several threads; the workers of rank 0 take their
/// tasks from it directly.
/// </summary>
internal sealed class TaskLedger : ITaskSource
{
    /// <summary>Work handed out at once per worker: a request takes 2–3 ms, so that they cost at most a few per cent.</summary>
    private const double ChunkSeconds = 0.05;

    /// <summary>Tasks handed out at once: the message stays short.</summary>
    private const int MaximumChunk = 256;

    private readonly object gate = new();
    private readonly Dictionary<int, Entry> entries = [];
    private readonly SortedSet<Entry> waiting = InOrder();
    private readonly List<TaskOutcome> outcomes = [];
    private readonly Dictionary<int, Group> groups = [];
    private readonly Dictionary<(int Rank, int Worker), Group> held = [];
    private readonly int total;
    private double waitingCost;
    private double endedCost;
    private double endedSeconds;
    private int handedOut;
    private int told;
    private bool stopping;

    /// <exception cref="ArgumentException">A task is there twice, a cost is not positive and finite, or its common part is not below it.</exception>
    public TaskLedger(IReadOnlyList<ClusterTask> tasks)
    {
        total = tasks.Count;
        foreach (ClusterTask task in tasks.OrderByDescending(t => t.Cost))
        {
            if (!(task.Cost > 0 && double.IsFinite(task.Cost)))
            {
                throw new ArgumentException($"task {task.Index} has cost {task.Cost}: it must be positive and finite", nameof(tasks));
            }

            if (!(task.Common >= 0 && task.Common < task.Cost))
            {
                throw new ArgumentException($"the common part of task {task.Index} costs {task.Common} of {task.Cost}: it must be from 0 to below it", nameof(tasks));
            }

            Group? group = null;
            bool first = task.Group is { } number && !groups.TryGetValue(number, out group);
            if (first)
            {
                groups.Add(task.Group!.Value, group = new Group());
            }

            var entry = new Entry(task, position: entries.Count, group, group is null || first ? task.Cost : task.Cost - task.Common);
            if (!entries.TryAdd(task.Index, entry))
            {
                throw new ArgumentException($"task {task.Index} is there twice", nameof(tasks));
            }

            Wait(entry);
        }
    }

    /// <summary>Every task has ended, or none will be handed out and none is at work.</summary>
    public bool Complete
    {
        get
        {
            lock (gate)
            {
                return IsComplete;
            }
        }
    }

    /// <summary>Tasks are left that will not be handed out.</summary>
    public bool Stopped
    {
        get
        {
            lock (gate)
            {
                return stopping && outcomes.Count < total;
            }
        }
    }

    public IReadOnlyList<TaskOutcome> Outcomes
    {
        get
        {
            lock (gate)
            {
                return [.. outcomes];
            }
        }
    }

    private bool IsComplete => handedOut == 0 && (stopping || outcomes.Count == total);

    /// <summary>No more tasks are handed out.</summary>
    public void Stop()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Hands out the next tasks, the longest first.</summary>
    /// <param name="rank">Who gets them.</param>
    /// <param name="idle">Its workers that can start one at once.</param>
    /// <param name="workers">Its number of workers.</param>
    /// <param name="allWorkers">Number of workers of all ranks.</param>
    /// <returns>Tasks, their expected seconds (infinite when not known), and whose each is (null: anyone's); empty when none waits.</returns>
    public IReadOnlyList<(int Index, double Seconds, int? Worker)> Take(int rank, IReadOnlyList<int> idle, int workers, int allWorkers)
    {
        var taken = new List<(int, double, int?)>();
        lock (gate)
        {
            double rate = endedCost > 0 ? endedSeconds / endedCost : double.PositiveInfinity;

            // Towards the end the chunks shrink, so that no rank sits on work while others have none.
            double limit = Math.Min(workers * ChunkSeconds, workers * waitingCost * rate / (2.0 * allWorkers));
            double seconds = 0;
            foreach (int worker in idle)
            {
                if (!stopping && taken.Count < MaximumChunk && Choose((rank, worker), mayJoin: true) is { } entry)
                {
                    Give(entry, worker);
                }
            }

            // Ahead of their need, tasks that are short.
            for (int worker = 0; !stopping && taken.Count < MaximumChunk && Choose((rank, worker), mayJoin: false) is { } entry; worker = (worker + 1) % workers)
            {
                if (taken.Count >= Math.Max(1, idle.Count) && !(seconds + entry.Cost * rate <= limit))
                {
                    break;
                }

                Give(entry, worker);
            }

            void Give(Entry entry, int worker)
            {
                HandOut(entry, (rank, worker));
                taken.Add((entry.Task.Index, entry.Cost * rate, entry.Group is null ? null : worker));
                seconds += entry.Cost * rate;
            }
        }

        return taken;
    }

    public int? Next(int worker)
    {
        lock (gate)
        {
            // A task may come back from a lost rank, so waiting ends only with the last.
            Entry? entry = null;
            while (!stopping && !IsComplete && (entry = Choose((0, worker), mayJoin: true)) is null)
            {
                Monitor.Wait(gate);
            }

            if (stopping || entry is null)
            {
                return null;
            }

            HandOut(entry, (0, worker));
            entry.Started = Stopwatch.GetTimestamp();
            return entry.Task.Index;
        }
    }

    void ITaskSource.Ended(int index, TaskOutcome? outcome) => Ended(rank: 0, index, outcome);

    /// <summary>A rank tells that a task ended, or (null) that it was cancelled. The first end of a task counts; later ones are ignored.</summary>
    public void Ended(int rank, int index, TaskOutcome? outcome)
    {
        lock (gate)
        {
            Entry entry = entries[index];
            if (entry.Ended || (outcome is null && entry.Rank != rank))
            {
                return;
            }

            if (entry.Rank is null)
            {
                Forget(entry);
            }
            else
            {
                handedOut--;
                entry.Rank = null;
            }

            entry.Started = null;
            if (outcome is null)
            {
                Wait(entry);
            }
            else
            {
                entry.Ended = true;
                outcomes.Add(outcome);
                endedCost += entry.Cost;
                endedSeconds += outcome.Elapsed.TotalSeconds;
            }

            Monitor.PulseAll(gate);
        }
    }

    /// <summary>A rank tells how long its tasks have been at work.</summary>
    public void Running(int rank, int index, TimeSpan elapsed)
    {
        lock (gate)
        {
            Entry entry = entries[index];
            if (entry.Rank == rank)
            {
                entry.Started = Stopwatch.GetTimestamp() - (long)(elapsed.TotalSeconds * Stopwatch.Frequency);
            }
        }
    }

    /// <summary>The tasks of a rank that no longer answers wait again.</summary>
    public void Lost(int rank)
    {
        lock (gate)
        {
            foreach (Entry entry in entries.Values.Where(e => e.Rank == rank))
            {
                handedOut--;
                entry.Rank = null;
                entry.Started = null;
                Wait(entry);
            }

            foreach ((int Rank, int Worker) worker in held.Keys.Where(w => w.Rank == rank).ToArray())
            {
                LetGo(worker);
            }

            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Outcomes since the last call.</summary>
    public IReadOnlyList<TaskOutcome> News()
    {
        lock (gate)
        {
            var news = outcomes[told..];
            told = outcomes.Count;
            return news;
        }
    }

    /// <summary>Waits until something ends on this rank, or for the time given.</summary>
    public void Pause(TimeSpan maximum)
    {
        lock (gate)
        {
            if (told == outcomes.Count && !IsComplete)
            {
                Monitor.Wait(gate, maximum);
            }
        }
    }

    /// <param name="elapsed">Since the start.</param>
    /// <param name="allWorkers">Number of workers of all ranks.</param>
    /// <param name="lost">Ranks that no longer answer.</param>
    public ScheduleProgress Progress(TimeSpan elapsed, int allWorkers, IReadOnlyList<int> lost)
    {
        lock (gate)
        {
            RunningTask[] running =
            [
                .. from entry in entries.Values
                   where entry is { Rank: not null, Started: not null }
                   let task = new RunningTask(entry.Task.Index, entry.Rank!.Value, Stopwatch.GetElapsedTime(entry.Started!.Value))
                   orderby task.Elapsed descending
                   select task,
            ];
            TimeSpan? left = null;
            if (endedCost > 0)
            {
                double rate = endedSeconds / endedCost;
                double atWork = running.Sum(t => Math.Max(0, entries[t.Index].Cost * rate - t.Elapsed.TotalSeconds));
                left = TimeSpan.FromSeconds((waitingCost * rate + atWork) / Math.Min(allWorkers, Math.Max(1, total - outcomes.Count)));
            }

            int failed = outcomes.Count(o => o.Error is not null);
            return new ScheduleProgress(outcomes.Count - failed, failed, total, elapsed, left, running, lost);
        }
    }

    /// <summary>
    /// The next task for a worker: of the group that it is on, else the longest of those that no worker is on, else of a group that would
    /// otherwise end later.
    /// </summary>
    /// <param name="worker">Who gets it.</param>
    /// <param name="mayJoin">Whether it may be of a group that others are on.</param>
    private Entry? Choose((int Rank, int Worker) worker, bool mayJoin)
    {
        if (held.TryGetValue(worker, out Group? own) && own.Waiting.Min is { } next)
        {
            return next;
        }

        foreach (Entry entry in waiting)
        {
            if (entry.Group is not { Workers: > 0 })
            {
                return entry;
            }
        }

        return mayJoin && groups.Values.Where(g => g.Waiting.Count > 0).MaxBy(Rest) is { } longest && Rest(longest) > longest.Waiting.Min!.Task.Cost ? longest.Waiting.Min : null;

        static double Rest(Group group) => group.Waiting.Sum(e => e.Task.Cost - e.Task.Common) / group.Workers;
    }

    private void LetGo((int Rank, int Worker) worker)
    {
        if (held.Remove(worker, out Group? group))
        {
            group.Workers--;
        }
    }

    private void Wait(Entry entry)
    {
        waiting.Add(entry);
        entry.Group?.Waiting.Add(entry);
        waitingCost += entry.Cost;
    }

    private void Forget(Entry entry)
    {
        waiting.Remove(entry);
        entry.Group?.Waiting.Remove(entry);
        waitingCost -= entry.Cost;
    }

    private void HandOut(Entry entry, (int Rank, int Worker) worker)
    {
        Forget(entry);
        entry.Rank = worker.Rank;
        handedOut++;
        if (!held.TryGetValue(worker, out Group? before) || before != entry.Group)
        {
            LetGo(worker);
            if (entry.Group is { } group)
            {
                held.Add(worker, group);
                group.Workers++;
            }
        }
    }

    private static SortedSet<Entry> InOrder() => new(Comparer<Entry>.Create((a, b) => a.Position.CompareTo(b.Position)));

    /// <summary>Tasks with a part in common.</summary>
    private sealed class Group
    {
        public SortedSet<Entry> Waiting { get; } = InOrder();

        /// <summary>Number of workers that have done, or are doing, one of them last.</summary>
        public int Workers { get; set; }
    }

    private sealed class Entry(ClusterTask task, int position, Group? group, double cost)
    {
        public ClusterTask Task => task;

        public Group? Group => group;

        /// <summary>Its cost, without the common part but for the first of a group.</summary>
        public double Cost => cost;

        /// <summary>Place in the order, the longest first.</summary>
        public int Position => position;

        /// <summary>Who has it.</summary>
        public int? Rank { get; set; }

        public long? Started { get; set; }

        public bool Ended { get; set; }
    }
}
