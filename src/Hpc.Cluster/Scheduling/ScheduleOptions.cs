namespace Hpc.Cluster;

/// <summary>What rank 0 does beside handing out tasks; the other ranks use <see cref="RankTimeout"/> alone.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Called on rank 0 after each task of any rank, one call at a time. An exception stops the run.</summary>
    public Action<TaskOutcome> Ended { get; init; } = static _ => { };

    /// <summary>Called on rank 0 every <see cref="ProgressInterval"/>.</summary>
    public Action<ScheduleProgress> Progress { get; init; } = static _ => { };

    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A rank that is silent for so long is lost: its tasks go to others. Ranks report several times a second, also while all their workers
    /// compute. The same time without an answer from rank 0 ends another rank. This is for ranks that hang: launchers notice at once when
    /// one dies, and end the run.
    /// </summary>
    public TimeSpan RankTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
