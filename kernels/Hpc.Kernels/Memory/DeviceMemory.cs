namespace Hpc.Kernels.Memory;

/// <summary>Memory of a device that something takes, in bytes.</summary>
/// <param name="Total">All of it.</param>
/// <param name="Largest">The largest single allocation, for which drivers have a limit of their own.</param>
public readonly record struct DeviceMemory(long Total, long Largest)
{
    /// <summary>A number of matrices of so many bytes each.</summary>
    public static DeviceMemory Of(long bytes, int count = 1) => new(count * bytes, count > 0 ? bytes : 0);

    /// <summary>Both at a time.</summary>
    public static DeviceMemory operator +(DeviceMemory a, DeviceMemory b) => new(a.Total + b.Total, Math.Max(a.Largest, b.Largest));

    /// <summary>One after the other.</summary>
    public static DeviceMemory Max(DeviceMemory a, DeviceMemory b) => new(Math.Max(a.Total, b.Total), Math.Max(a.Largest, b.Largest));
}
