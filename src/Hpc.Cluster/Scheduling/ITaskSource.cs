namespace Hpc.Cluster;

/// <summary>Where the workers of a rank get their tasks.</summary>
internal interface ITaskSource
{
    /// <summary>Waits for a task.</summary>
    /// <param name="worker">Who asks, so that it gets tasks that have a part in common.</param>
    /// <returns>Its index; null when there will be none.</returns>
    int? Next(int worker);

    /// <summary>Tells how a task that <see cref="Next"/> gave out has ended; null: it was cancelled and is not done.</summary>
    void Ended(int index, TaskOutcome? outcome);
}
