namespace Hpc.Cluster;

/// <summary>A task failed on another rank: the message of its exception, and in <see cref="ToString"/> all of it.</summary>
public sealed class RemoteTaskException(string message, string details) : Exception(message)
{
    public override string ToString() => details;
}
