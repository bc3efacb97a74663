namespace Hpc.Cli.Running;

/// <summary>How many tasks run at a time, and how many threads each has.</summary>
/// <param name="Workers">Tasks at a time.</param>
/// <param name="ThreadsPerWorker">Threads of each.</param>
/// <param name="Reason">Why, for the user.</param>
public sealed record ThreadPlan(int Workers, int ThreadsPerWorker, string Reason)
{
    /// <summary>Share of the ideal speed that threads inside one task reach; tasks side by side reach all of it.</summary>
    private const double InsideEfficiency = 0.85;

    /// <summary>Chooses between tasks side by side and threads inside a task, whichever ends sooner and fits.</summary>
    /// <param name="tasks">Number of tasks of the run.</param>
    /// <param name="bytes">Memory of the largest.</param>
    /// <param name="available">Memory that this rank may take.</param>
    /// <param name="threads">Threads of this rank.</param>
    /// <param name="ranks">Ranks that share the tasks.</param>
    public static ThreadPlan Choose(int tasks, double bytes, double available, int threads, int ranks)
    {
        int share = (tasks + ranks - 1) / ranks;
        int fit = Math.Max(1, (int)Math.Min(available / bytes, threads));
        int workers = Math.Max(1, Math.Min(fit, share));
        double sideBySide = Math.Ceiling((double)share / workers) / (1 + (threads / workers - 1) * InsideEfficiency);
        double inside = share / (threads == 1 ? 1 : threads * InsideEfficiency);
        return workers > 1 && sideBySide <= inside
            ? new ThreadPlan(workers, Math.Max(1, threads / workers), $"{workers} tasks side by side with {Count(Math.Max(1, threads / workers), "thread")} each")
            : new ThreadPlan(1, threads, $"one task at a time with {Count(threads, "thread")}");
    }

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
