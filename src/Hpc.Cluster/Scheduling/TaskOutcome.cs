namespace Hpc.Cluster;

/// <summary>How one task ended.</summary>
/// <param name="Index">The task.</param>
/// <param name="Error">Why it failed; null when it succeeded. From another rank: a <see cref="RemoteTaskException"/>.</param>
/// <param name="Elapsed">Time it took.</param>
/// <param name="Rank">Rank that ran it.</param>
public sealed record TaskOutcome(int Index, Exception? Error, TimeSpan Elapsed, int Rank);
