namespace Hpc.Cluster;

/// <summary>A task that any rank can run.</summary>
/// <param name="Index">What the task is, with the same meaning on every rank; the scheduler only passes it on.</param>
/// <param name="Cost">Predicted cost, positive, in any unit common to all tasks: the scheduler learns from the first tasks how long a unit takes.</param>
/// <param name="Group">Tasks of one group have a part in common, which a worker that does one after the other does once; null for none.</param>
/// <param name="Common">The part of the cost that this takes, from 0 to below <paramref name="Cost"/>.</param>
public readonly record struct ClusterTask(int Index, double Cost, int? Group = null, double Common = 0);
