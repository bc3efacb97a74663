namespace Hpc.Cluster.Mpi;

/// <summary>MPI cannot be used as the program was started, or one of its calls failed.</summary>
public sealed class MpiException(string message) : Exception(message);
