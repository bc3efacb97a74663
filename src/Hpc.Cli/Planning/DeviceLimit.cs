using Hpc.Kernels.Memory;

namespace Hpc.Cli.Planning;

/// <summary>The device that tasks run on.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="Bytes">Memory that one task may take there.</param>
/// <param name="LargestBytes">The largest matrix that its driver allocates.</param>
public sealed record DeviceLimit(string Name, double Bytes, double LargestBytes)
{
    /// <summary>The other devices of the machine, for messages.</summary>
    public IReadOnlyList<DeviceLimit> Others { get; init; } = [];

    /// <summary>Whether something fits into the memory.</summary>
    public bool Holds(DeviceMemory memory) => memory.Total <= Bytes && memory.Largest <= LargestBytes;
}
