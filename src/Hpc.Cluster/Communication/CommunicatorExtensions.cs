namespace Hpc.Cluster;

/// <summary>Agreements between ranks, made of the collective operations.</summary>
public static class CommunicatorExtensions
{
    /// <summary>Whether the answer is yes on any rank; collective, so that all ranks go the same way.</summary>
    public static bool Any(this ICommunicator communicator, bool value)
    {
        Span<long> flag = [value ? 1 : 0];
        communicator.AllReduce(flag, Reduction.Max);
        return flag[0] != 0;
    }

    /// <summary>The least of the values of all ranks; collective.</summary>
    public static double Least(this ICommunicator communicator, double value)
    {
        Span<double> least = [-value];
        communicator.AllReduce(least, Reduction.Max);
        return -least[0];
    }
}
