namespace Hpc.Cluster;

/// <summary>What rank 0 tells a rank to do.</summary>
internal enum TaskOrder : byte
{
    GoOn,

    /// <summary>Cancel what is at work and report.</summary>
    Stop,

    /// <summary>Nothing will come any more.</summary>
    Leave,
}
