namespace Hpc.Cli;

/// <summary>Something on the command line, in the output folder or in the data that the user has to change: exit code 2, nothing was written.</summary>
public sealed class UsageException(string message) : Exception(message);
