namespace Hpc.Cli.Running;

/// <summary>What a run is made of, as scheduler, log and progress know it.</summary>
public interface IRunTask
{
    /// <summary>Identity of the task: the name of its shard.</summary>
    string Hash { get; }

    /// <summary>What the seeds of the task are merged for, as text; empty where a run has one such point.</summary>
    string PointName { get; }

    /// <summary>Number of that point.</summary>
    int PointIndex { get; }

    long Seed { get; }

    /// <summary>Rough cost in floating-point operations, for the order of starting.</summary>
    double Cost { get; }

    /// <summary>Identity of what the task has in common with others of the run, so that one worker should do them one after the other; null for none.</summary>
    string? Common => null;

    /// <summary>The part of <see cref="Cost"/> that the common part takes.</summary>
    double CommonCost => 0;

    /// <summary>Name for a reader: point and seed.</summary>
    string Name { get; }
}
