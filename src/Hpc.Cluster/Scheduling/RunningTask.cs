namespace Hpc.Cluster;

/// <summary>A task at work.</summary>
/// <param name="Index">The task.</param>
/// <param name="Rank">Where it runs.</param>
/// <param name="Elapsed">Since when.</param>
public readonly record struct RunningTask(int Index, int Rank, TimeSpan Elapsed);
