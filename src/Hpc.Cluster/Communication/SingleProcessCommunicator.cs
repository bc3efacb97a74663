namespace Hpc.Cluster;

/// <summary>A run of one process: collective operations have nothing to do, and there is nobody to send to.</summary>
public sealed class SingleProcessCommunicator : ICommunicator
{
    public int Rank => 0;

    public int Size => 1;

    public int LocalRank => 0;

    public int LocalSize => 1;

    public string Description => "one process";

    public void Barrier()
    {
    }

    public void Broadcast(Span<byte> data, int root) => ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);

    public void AllReduce(Span<double> data, Reduction reduction)
    {
    }

    public void AllReduce(Span<float> data, Reduction reduction)
    {
    }

    public void AllReduce(Span<long> data, Reduction reduction)
    {
    }

    public void BeginAllReduce(Span<double> data, Reduction reduction)
    {
    }

    public void EndAllReduce()
    {
    }

    public byte[][] Gather(ReadOnlySpan<byte> data, int root)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);
        return [data.ToArray()];
    }

    public void Send(ReadOnlySpan<byte> data, int destination, int tag) => throw Alone();

    public MessageInfo? Probe(int source, int tag) => null;

    public int Receive(Span<byte> buffer, int source, int tag) => throw Alone();

    public void Finish()
    {
    }

    public void Abort(int exitCode) => Environment.Exit(exitCode);

    private static InvalidOperationException Alone() => new("a run of one process has no other rank to exchange messages with");
}
