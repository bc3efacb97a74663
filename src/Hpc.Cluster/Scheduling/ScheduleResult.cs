namespace Hpc.Cluster;

/// <summary>How the run ended.</summary>
/// <param name="Outcomes">Tasks that ended, in the order of ending: of all ranks on rank 0, its own on another.</param>
/// <param name="Stopped">Some rank was asked to stop and not every task was done; the same on all ranks.</param>
/// <param name="LostRanks">On rank 0: ranks that no longer answer. The communicator cannot finish then, only abort.</param>
public sealed record ScheduleResult(IReadOnlyList<TaskOutcome> Outcomes, bool Stopped, IReadOnlyList<int> LostRanks);
