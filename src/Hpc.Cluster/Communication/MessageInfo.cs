namespace Hpc.Cluster;

/// <summary>A message that has arrived and can be received without waiting.</summary>
/// <param name="Source">Rank of the sender.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct MessageInfo(int Source, int Tag, int Length);
