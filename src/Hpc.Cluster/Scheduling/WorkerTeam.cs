using System.Diagnostics;

namespace Hpc.Cluster;

/// <summary>The threads of a rank that run tasks.</summary>
internal sealed class WorkerTeam
{
    private readonly Thread[] threads;

    /// <summary>Starts the threads; they end when the source has no more tasks or the tasks are cancelled.</summary>
    public WorkerTeam(ITaskSource source, int rank, int workers, Action<int, int, CancellationToken> run, CancellationToken cancellation)
    {
        threads = new Thread[workers];
        for (int worker = 0; worker < workers; worker++)
        {
            int number = worker;
            threads[worker] = new Thread(() => Work(source, rank, number, run, cancellation)) { IsBackground = true, Name = $"worker {worker}" };
            threads[worker].Start();
        }
    }

    public void Join() => Array.ForEach(threads, thread => thread.Join());

    private static void Work(ITaskSource source, int rank, int worker, Action<int, int, CancellationToken> run, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested && source.Next(worker) is { } index)
        {
            var clock = Stopwatch.StartNew();
            Exception? error = null;
            try
            {
                run(index, worker, cancellation);
            }
            catch (Exception e) when (IsCancellation(e) && cancellation.IsCancellationRequested)
            {
                source.Ended(index, null);
                continue;
            }
            catch (Exception e)
            {
                error = e is AggregateException { InnerExceptions.Count: 1 } one ? one.InnerException : e;
            }

            source.Ended(index, new TaskOutcome(index, error, clock.Elapsed, rank));
        }
    }

    private static bool IsCancellation(Exception e) =>
        e is OperationCanceledException || (e is AggregateException many && many.InnerExceptions.All(IsCancellation));
}
