namespace Hpc.Results;

/// <param name="Status">Missing, done or damaged.</param>
/// <param name="Reason">What is wrong with a damaged shard; otherwise empty.</param>
public readonly record struct ShardState(ShardStatus Status, string Reason);
