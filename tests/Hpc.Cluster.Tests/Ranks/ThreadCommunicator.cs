using System.Collections.Concurrent;

namespace Hpc.Cluster.Tests.Ranks;

/// <summary>Ranks that are threads of the test: only the point-to-point messages that the scheduler uses.</summary>
internal sealed class ThreadCommunicator : ICommunicator
{
    private readonly ThreadCommunicator[] all;
    private readonly List<(int Source, int Tag, byte[] Data)> mail = [];
    private bool hangs;

    private ThreadCommunicator(ThreadCommunicator[] all, int rank) => (this.all, Rank) = (all, rank);

    public int Rank { get; }

    public int Size => all.Length;

    public int LocalRank => Rank;

    public int LocalSize => Size;

    public string Description => "threads";

    /// <summary>Set by a test: the rank does not get a word out.</summary>
    public bool Hangs
    {
        get => Volatile.Read(ref hangs);
        set => Volatile.Write(ref hangs, value);
    }

    /// <summary>Messages sent to rank 0.</summary>
    public int Reports { get; private set; }

    /// <summary>Runs the same on every rank.</summary>
    public static T[] Run<T>(int size, Func<ThreadCommunicator, T> rank)
    {
        var all = new ThreadCommunicator[size];
        for (int i = 0; i < size; i++)
        {
            all[i] = new ThreadCommunicator(all, i);
        }

        var results = new T[size];
        var errors = new ConcurrentQueue<Exception>();
        Thread[] threads = [.. all.Select(communicator => new Thread(() =>
        {
            try
            {
                results[communicator.Rank] = rank(communicator);
            }
            catch (Exception e)
            {
                errors.Enqueue(e);
            }
        }))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return errors.IsEmpty ? results : throw new AggregateException(errors);
    }

    public void Send(ReadOnlySpan<byte> data, int destination, int tag)
    {
        while (Hangs)
        {
            Thread.Sleep(1);
        }

        Reports += destination == 0 ? 1 : 0;
        lock (all[destination].mail)
        {
            all[destination].mail.Add((Rank, tag, data.ToArray()));
        }
    }

    public MessageInfo? Probe(int source, int tag)
    {
        lock (mail)
        {
            int i = Find(source, tag);
            return i < 0 ? null : new MessageInfo(mail[i].Source, tag, mail[i].Data.Length);
        }
    }

    public int Receive(Span<byte> buffer, int source, int tag)
    {
        lock (mail)
        {
            int i = Find(source, tag);
            byte[] data = mail[i].Data;
            mail.RemoveAt(i);
            data.CopyTo(buffer);
            return data.Length;
        }
    }

    public void Barrier() => throw new NotSupportedException();

    public void Broadcast(Span<byte> data, int root) => throw new NotSupportedException();

    public void AllReduce(Span<double> data, Reduction reduction) => throw new NotSupportedException();

    public void AllReduce(Span<float> data, Reduction reduction) => throw new NotSupportedException();

    public void AllReduce(Span<long> data, Reduction reduction) => throw new NotSupportedException();

    public void BeginAllReduce(Span<double> data, Reduction reduction) => throw new NotSupportedException();

    public void EndAllReduce() => throw new NotSupportedException();

    public byte[][] Gather(ReadOnlySpan<byte> data, int root) => throw new NotSupportedException();

    public void Finish() => throw new NotSupportedException();

    public void Abort(int exitCode) => throw new NotSupportedException();

    private int Find(int source, int tag) =>
        mail.FindIndex(m => m.Tag == tag && (source == ICommunicator.AnySource || m.Source == source));
}
