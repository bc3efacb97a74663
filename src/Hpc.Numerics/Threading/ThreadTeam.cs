using System.Diagnostics;

namespace Hpc.Numerics.Threading;

/// <summary>
/// A fixed number of threads that run the parts of one parallel region after another; the caller is thread 0.
/// Work is never nested: a region started from inside a region (of this or any other team) runs on the calling thread alone.
/// </summary>
/// <remarks>
/// One thread at a time may use a team; teams of different threads are independent. Between regions the team spins for two
/// milliseconds and then sleeps, so that regions in close succession start fast and an idle team costs nothing. Running
/// a cached delegate allocates nothing. The threads are background threads and end when the team is disposed.
/// </remarks>
public sealed class ThreadTeam : IDisposable
{
    // About the cost of waking a sleeping thread.
    private static readonly long BusyTicks = Stopwatch.Frequency / 20_000;

    // Up to 2 ms a thread only gives way to others: a scheduler may put a thread that wakes on the core of the one that wakes it and take
    // milliseconds to move it away (seen: two threads at the speed of one), so it is better not to sleep through short pauses.
    private static readonly long WaitTicks = Stopwatch.Frequency / 500;

    [ThreadStatic]
    private static bool insideRegion;

    private readonly object gate = new();
    private readonly Thread[] workers;
    private readonly Exception?[] failures;
    private readonly Action<int> loop;
    private readonly bool crowded;
    private Action<int>? body;
    private Action<int>? loopBody;
    private int loopCount;
    private int loopNext;
    private int generation;
    private int pending;
    private int sleeping;
    private int running;
    private volatile bool disposed;

    /// <param name="count">Number of threads, the caller included.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public ThreadTeam(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        failures = new Exception?[count];
        loop = RunLoop;
        crowded = count > Environment.ProcessorCount;
        workers = new Thread[count - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int index = i + 1;
            workers[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"ThreadTeam {index}/{count}" };
            workers[i].Start();
        }
    }

    /// <summary>Number of threads, the caller included.</summary>
    public int Count { get; }

    /// <summary>
    /// Looked at when a region begins: what computes on the team stops at the next one with an <see cref="OperationCanceledException"/>, and
    /// never in the middle of a region.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Runs <paramref name="body"/> once for each thread index 0…Count−1 and returns when all have ended.</summary>
    /// <remarks>Inside another region the calling thread runs all indices in order, so bodies must not wait for each other.</remarks>
    /// <exception cref="AggregateException">One or more bodies failed; the others ran to their end.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the team.</exception>
    /// <exception cref="ObjectDisposedException">The team was disposed.</exception>
    public void Run(Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (insideRegion)
        {
            RunAlone(body, nested: true);
            return;
        }

        Cancellation.ThrowIfCancellationRequested();
        Enter();
        try
        {
            if (workers.Length == 0)
            {
                RunAlone(body, nested: false);
            }
            else
            {
                RunTogether(body);
            }
        }
        finally
        {
            Volatile.Write(ref running, 0);
        }
    }

    /// <summary>Runs <paramref name="body"/> for 0…<paramref name="count"/>−1, each index handed to the next free thread.</summary>
    /// <exception cref="AggregateException">One or more bodies failed; a thread whose body fails takes no further index.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the team.</exception>
    /// <exception cref="ObjectDisposedException">The team was disposed.</exception>
    public void For(int count, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        ObjectDisposedException.ThrowIf(disposed, this);
        if (insideRegion)
        {
            // The fields of the loop may belong to the region that encloses this one.
            try
            {
                for (int i = 0; i < count; i++)
                {
                    body(i);
                }
            }
            catch (Exception exception)
            {
                throw new AggregateException(exception);
            }

            return;
        }

        Cancellation.ThrowIfCancellationRequested();
        Enter();
        loopBody = body;
        loopCount = count;
        loopNext = 0;
        try
        {
            if (workers.Length == 0)
            {
                RunAlone(loop, nested: false);
            }
            else
            {
                RunTogether(loop);
            }
        }
        finally
        {
            loopBody = null;
            Volatile.Write(ref running, 0);
        }
    }

    /// <summary>Ends the threads. A region must not be running.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        Interlocked.Increment(ref generation);
        Wake();
        foreach (Thread worker in workers)
        {
            worker.Join();
        }
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref running, 1) != 0)
        {
            throw new InvalidOperationException(
                "The team is running a region for another thread: give each thread that starts regions its own team.");
        }
    }

    private void RunLoop(int thread)
    {
        Action<int> each = loopBody!;
        for (int i = Interlocked.Increment(ref loopNext) - 1; i < loopCount; i = Interlocked.Increment(ref loopNext) - 1)
        {
            each(i);
        }
    }

    private void RunAlone(Action<int> region, bool nested)
    {
        List<Exception>? failed = null;
        insideRegion = true;
        for (int i = 0; i < Count; i++)
        {
            try
            {
                region(i);
            }
            catch (Exception exception)
            {
                (failed ??= []).Add(exception);
            }
        }

        insideRegion = nested;
        if (failed is not null)
        {
            throw new AggregateException(failed);
        }
    }

    private void RunTogether(Action<int> region)
    {
        body = region;
        Volatile.Write(ref pending, workers.Length);
        Interlocked.Increment(ref generation);
        Wake();
        insideRegion = true;
        Execute(region, 0);
        insideRegion = false;
        if (!SpinUntilFinished())
        {
            lock (gate)
            {
                Interlocked.Increment(ref sleeping);
                while (Volatile.Read(ref pending) != 0)
                {
                    Monitor.Wait(gate);
                }

                Interlocked.Decrement(ref sleeping);
            }
        }

        body = null;
        ThrowFailures();
    }

    private void ThrowFailures()
    {
        List<Exception>? failed = null;
        for (int i = 0; i < failures.Length; i++)
        {
            if (failures[i] is { } failure)
            {
                (failed ??= []).Add(failure);
                failures[i] = null;
            }
        }

        if (failed is not null)
        {
            throw new AggregateException(failed);
        }
    }

    private void Execute(Action<int> region, int index)
    {
        try
        {
            region(index);
        }
        catch (Exception exception)
        {
            failures[index] = exception;
        }
    }

    private void Work(int index)
    {
        insideRegion = true;
        int seen = 0;
        while (true)
        {
            if (!SpinUntilStarted(seen))
            {
                lock (gate)
                {
                    // Counted before the generation is read, while the starter counts the generation before it reads this: one of
                    // the two sees the other.
                    Interlocked.Increment(ref sleeping);
                    while (Volatile.Read(ref generation) == seen)
                    {
                        Monitor.Wait(gate);
                    }

                    Interlocked.Decrement(ref sleeping);
                }
            }

            if (disposed)
            {
                return;
            }

            seen++;
            Execute(body!, index);
            if (Interlocked.Decrement(ref pending) == 0)
            {
                Wake();
            }
        }
    }

    private void Wake()
    {
        if (Volatile.Read(ref sleeping) != 0)
        {
            lock (gate)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    private bool SpinUntilStarted(int seen)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            if (Volatile.Read(ref generation) != seen)
            {
                return true;
            }
        }
        while (Pause(start));
        return false;
    }

    private bool SpinUntilFinished()
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            if (Volatile.Read(ref pending) == 0)
            {
                return true;
            }
        }
        while (Pause(start));
        return false;
    }

    /// <summary>A step of waiting since a time stamp; false when it is time to sleep.</summary>
    private bool Pause(long start)
    {
        long waited = Stopwatch.GetTimestamp() - start;

        // With more threads than processors, the one that is waited for may need this one's.
        if (waited < BusyTicks && !crowded)
        {
            Thread.SpinWait(4);
        }
        else
        {
            Thread.Yield();
        }

        return waited < (crowded ? BusyTicks : WaitTicks);
    }
}
