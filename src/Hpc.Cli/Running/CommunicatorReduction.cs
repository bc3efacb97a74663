using Hpc.Cluster;
using Hpc.Numerics.Distribution;

namespace Hpc.Cli.Running;

/// <summary>The sums of numerical methods over the ranks of a communicator.</summary>
internal sealed class CommunicatorReduction(ICommunicator communicator) : IReduction
{
    public int Rank => communicator.Rank;

    public int Ranks => communicator.Size;

    public bool Overlaps => communicator.LocalSize < communicator.Size;

    public void Sum(Span<double> values) => communicator.AllReduce(values, Reduction.Sum);

    public void Sum(Span<float> values) => communicator.AllReduce(values, Reduction.Sum);

    public void Begin(Span<double> values) => communicator.BeginAllReduce(values, Reduction.Sum);

    public void Complete() => communicator.EndAllReduce();
}
