namespace Hpc.Cluster;

/// <summary>How far all ranks are.</summary>
/// <param name="Done">Tasks that succeeded.</param>
/// <param name="Failed">Tasks that failed.</param>
/// <param name="Total">All tasks.</param>
/// <param name="Elapsed">Since the start.</param>
/// <param name="Left">Expected time to the end; null until a task has ended.</param>
/// <param name="Running">Tasks at work, the slowest first.</param>
/// <param name="LostRanks">Ranks that no longer answer.</param>
public sealed record ScheduleProgress(
    int Done,
    int Failed,
    int Total,
    TimeSpan Elapsed,
    TimeSpan? Left,
    IReadOnlyList<RunningTask> Running,
    IReadOnlyList<int> LostRanks)
{
    /// <summary>Ended tasks per second.</summary>
    public double Rate => (Done + Failed) / Elapsed.TotalSeconds;
}
