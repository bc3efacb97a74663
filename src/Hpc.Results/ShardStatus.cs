namespace Hpc.Results;

/// <summary>What is known of a task by its shard.</summary>
public enum ShardStatus
{
    /// <summary>There is no shard: the task is still to be run.</summary>
    Missing,

    /// <summary>The shard is whole and belongs to the task.</summary>
    Done,

    /// <summary>There is a file, but it is not what was written or belongs to another task.</summary>
    Damaged,
}
