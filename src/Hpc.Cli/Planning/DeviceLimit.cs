namespace Hpc.Cli.Planning;

/// <summary>The device that tasks run on.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="Bytes">Memory that one task may take there.</param>
public sealed record DeviceLimit(string Name, double Bytes);
