using System.Collections.Concurrent;
using System.Numerics;
using Hpc.Numerics.Distribution;

namespace Hpc.Diffusion.Tests.Distribution;

/// <summary>Ranks that are threads of the test.</summary>
internal sealed unsafe class ThreadReduction : IReduction
{
    private readonly ThreadReduction[] all;
    private readonly Barrier barrier;
    private Array values = Array.Empty<double>();
    private double* begun;
    private int begunLength;

    private ThreadReduction(ThreadReduction[] all, Barrier barrier, int rank) => (this.all, this.barrier, Rank) = (all, barrier, rank);

    public int Rank { get; }

    public int Ranks => all.Length;

    public bool Overlaps { get; private init; }

    /// <summary>Largest number of elements of one sum.</summary>
    public int Largest { get; private set; }

    /// <summary>Number of sums that were begun and went on.</summary>
    public int Begun { get; private set; }

    /// <summary>Runs the same on every rank; a rank that fails takes the others with it.</summary>
    /// <param name="overlaps">Whether sums go on beside other work, as between hosts, or are made at once, as on one.</param>
    public static TResult[] Run<TResult>(int ranks, Func<ThreadReduction, TResult> rank, bool overlaps = true)
    {
        var all = new ThreadReduction[ranks];
        using var barrier = new Barrier(ranks);
        for (int i = 0; i < ranks; i++)
        {
            all[i] = new ThreadReduction(all, barrier, i) { Overlaps = overlaps };
        }

        var results = new TResult[ranks];
        var errors = new ConcurrentQueue<Exception>();
        Thread[] threads = [.. all.Select(reduction => new Thread(() =>
        {
            try
            {
                results[reduction.Rank] = rank(reduction);
            }
            catch (Exception e)
            {
                errors.Enqueue(e);
                barrier.RemoveParticipant();
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return errors.IsEmpty ? results : throw new AggregateException(errors);
    }

    public void Sum(Span<double> values) => Sum<double>(values);

    public void Sum(Span<float> values) => Sum<float>(values);

    /// <summary>The sum is made by <see cref="Complete"/> alone: who does not wait for it has the numbers of one rank.</summary>
    public void Begin(Span<double> values)
    {
        RequireNoneBegun();
        Begun++;
        fixed (double* pointer = values)
        {
            begun = pointer;
            begunLength = values.Length;
        }
    }

    public void Complete()
    {
        Span<double> own = new(begun, begunLength);
        begun = null;
        Sum(own);
    }

    private void RequireNoneBegun()
    {
        if (begun is not null)
        {
            throw new InvalidOperationException("a sum that was begun is not complete");
        }
    }

    private void Sum<T>(Span<T> own)
        where T : struct, INumber<T>
    {
        RequireNoneBegun();
        Largest = Math.Max(Largest, own.Length);
        values = own.ToArray();
        Meet();
        T[][] parts = Array.ConvertAll(all, other => (T[])other.values);
        if (parts.Any(part => part.Length != values.Length))
        {
            throw new InvalidOperationException($"ranks add up blocks of different lengths: {string.Join(", ", parts.Select(part => part.Length))}");
        }

        for (int i = 0; i < own.Length; i++)
        {
            own[i] = parts[0][i];
            for (int r = 1; r < parts.Length; r++)
            {
                own[i] += parts[r][i];
            }
        }

        Meet();
    }

    private void Meet()
    {
        if (!barrier.SignalAndWait(TimeSpan.FromSeconds(60)) || barrier.ParticipantCount != all.Length)
        {
            throw new InvalidOperationException("the other ranks do not come: they failed, or call other operations");
        }
    }
}
