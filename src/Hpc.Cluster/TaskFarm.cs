using System.Diagnostics;

namespace Hpc.Cluster;

/// <summary>How one task ended.</summary>
/// <param name="Index">Position of the task in the list that was given.</param>
/// <param name="Error">Why it failed; null when it succeeded.</param>
/// <param name="Elapsed">Time it took.</param>
public sealed record TaskOutcome(int Index, Exception? Error, TimeSpan Elapsed);

/// <summary>
/// Runs independent tasks on a number of workers of this process; each worker takes the next task when it is free, so the order of the
/// list is the order of starting (put the longest first).
/// </summary>
public static class TaskFarm
{
    /// <summary>Runs every task; a failed one does not stop the others, a cancellation stops all.</summary>
    /// <param name="count">Number of tasks.</param>
    /// <param name="workers">Number of tasks that run at a time.</param>
    /// <param name="run">Runs task <c>index</c> on worker <c>worker</c>.</param>
    /// <param name="ended">Called after each task, one call at a time.</param>
    /// <param name="cancellation">Stops the start of further tasks and is passed on to running ones.</param>
    /// <returns>Outcomes of the tasks that ended, in the order of ending; cancelled ones are missing.</returns>
    public static IReadOnlyList<TaskOutcome> Run(
        int count, int workers, Action<int, int, CancellationToken> run, Action<TaskOutcome> ended, CancellationToken cancellation)
    {
        var outcomes = new List<TaskOutcome>();
        int next = -1;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(workers, count)).Select(worker => new Thread(() => Work(worker)) { IsBackground = true, Name = $"worker {worker}" })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return outcomes;

        void Work(int worker)
        {
            while (!cancellation.IsCancellationRequested && Interlocked.Increment(ref next) is var index && index < count)
            {
                var clock = Stopwatch.StartNew();
                Exception? error = null;
                try
                {
                    run(index, worker, cancellation);
                }
                catch (Exception e) when (IsCancellation(e) && cancellation.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception e)
                {
                    error = e is AggregateException { InnerExceptions.Count: 1 } one ? one.InnerException : e;
                }

                lock (outcomes)
                {
                    var outcome = new TaskOutcome(index, error, clock.Elapsed);
                    outcomes.Add(outcome);
                    ended(outcome);
                }
            }
        }
    }

    private static bool IsCancellation(Exception e) =>
        e is OperationCanceledException || (e is AggregateException many && many.InnerExceptions.All(IsCancellation));
}
