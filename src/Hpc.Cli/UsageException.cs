namespace Hpc.Cli;

/// <summary>Something on the command line or in the output folder that the user has to change: exit code 2, nothing was written.</summary>
public sealed class UsageException(string message) : Exception(message);
