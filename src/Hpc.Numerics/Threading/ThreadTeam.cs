namespace Hpc.Numerics.Threading;

/// <summary>
/// A fixed number of threads that run the parts of one parallel region after another; the caller is thread 0.
/// Work is never nested: a region started from inside a region runs on the calling thread alone.
/// </summary>
public sealed class ThreadTeam : IDisposable
{
    public ThreadTeam(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
    }

    /// <summary>Number of threads, the caller included.</summary>
    public int Count { get; }

    /// <summary>Runs <paramref name="body"/> once for each thread index 0…Count−1 and returns when all have ended.</summary>
    /// <exception cref="AggregateException">One or more bodies failed.</exception>
    public void Run(Action<int> body) => Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = Count }, body);

    /// <summary>Runs <paramref name="body"/> for 0…<paramref name="count"/>−1, each index handed to the next free thread.</summary>
    /// <exception cref="AggregateException">One or more bodies failed.</exception>
    public void For(int count, Action<int> body)
    {
        int next = 0;
        Run(_ =>
        {
            for (int i = Interlocked.Increment(ref next) - 1; i < count; i = Interlocked.Increment(ref next) - 1)
            {
                body(i);
            }
        });
    }

    public void Dispose()
    {
    }
}
