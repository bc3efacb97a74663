namespace Hpc.Cluster;

/// <summary>Another run works on the folder: the message says which, and what to do when it does not exist any more.</summary>
public sealed class FolderInUseException(string message) : Exception(message);
