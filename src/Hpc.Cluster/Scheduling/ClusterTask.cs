namespace Hpc.Cluster;

/// <summary>A task that any rank can run.</summary>
/// <param name="Index">What the task is, with the same meaning on every rank; the scheduler only passes it on.</param>
/// <param name="Cost">Predicted cost, positive, in any unit common to all tasks: the scheduler learns from the first tasks how long a unit takes.</param>
public readonly record struct ClusterTask(int Index, double Cost);
