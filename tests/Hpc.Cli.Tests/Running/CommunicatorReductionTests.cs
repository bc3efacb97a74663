using Hpc.Cli.Running;
using Hpc.Cluster;

namespace Hpc.Cli.Tests.Running;

public class CommunicatorReductionTests
{
    /// <summary>Sums go on beside other work between hosts; between the ranks of one they are made at once.</summary>
    [Theory]
    [InlineData(1, 4, true)]
    [InlineData(2, 4, true)]
    [InlineData(4, 4, false)]
    [InlineData(1, 1, false)]
    public void Sums_overlap_between_hosts_alone(int onThisHost, int ranks, bool overlaps)
    {
        var communicator = new Places(onThisHost, ranks);
        var reduction = new CommunicatorReduction(communicator);
        Assert.Equal(overlaps, reduction.Overlaps);
        double[] values = [1];
        reduction.Begin(values);
        reduction.Complete();
        reduction.Sum(values);
        Assert.Equal(["begin", "end", "sum"], communicator.Calls);
    }

    private sealed class Places(int onThisHost, int ranks) : ICommunicator
    {
        public List<string> Calls { get; } = [];

        public int Rank => 0;

        public int Size => ranks;

        public int LocalRank => 0;

        public int LocalSize => onThisHost;

        public string Description => "places";

        public void AllReduce(Span<double> data, Reduction reduction) => Record("sum", reduction);

        public void BeginAllReduce(Span<double> data, Reduction reduction) => Record("begin", reduction);

        public void EndAllReduce() => Calls.Add("end");

        public void AllReduce(Span<float> data, Reduction reduction) => throw new NotSupportedException();

        public void AllReduce(Span<long> data, Reduction reduction) => throw new NotSupportedException();

        public void Barrier() => throw new NotSupportedException();

        public void Broadcast(Span<byte> data, int root) => throw new NotSupportedException();

        public byte[][]? Gather(ReadOnlySpan<byte> data, int root) => throw new NotSupportedException();

        public void Send(ReadOnlySpan<byte> data, int destination, int tag) => throw new NotSupportedException();

        public MessageInfo? Probe(int source, int tag) => throw new NotSupportedException();

        public int Receive(Span<byte> buffer, int source, int tag) => throw new NotSupportedException();

        public void Finish() => throw new NotSupportedException();

        public void Abort(int exitCode) => throw new NotSupportedException();

        private void Record(string call, Reduction reduction)
        {
            Assert.Equal(Reduction.Sum, reduction);
            Calls.Add(call);
        }
    }
}
