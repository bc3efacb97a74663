namespace Hpc.Kernels.Devices;

/// <summary>What is known of a device without opening it.</summary>
/// <param name="Name">How to ask for it.</param>
/// <param name="Description">The hardware, as its driver calls it.</param>
/// <param name="MemoryBytes">Memory of the device; 0 where there is no device.</param>
/// <param name="LargestAllocationBytes">The largest single allocation that the driver grants.</param>
/// <param name="Driver">Driver with its version; empty where there is none.</param>
/// <param name="Version">Version of CUDA or OpenCL and what the device offers of it.</param>
/// <param name="HasDoubles">Whether it computes in double precision.</param>
/// <param name="IsAccelerator">Whether it may be faster than the SIMD kernels, so that it is worth measuring.</param>
/// <param name="Limitation">What does not work, or empty.</param>
/// <param name="Problem">Why it cannot be used and what to do, or null when it can.</param>
/// <param name="Libraries">Which libraries are used, or empty where there are none for the device.</param>
public sealed record DeviceInfo(
    DeviceName Name, string Description, long MemoryBytes, long LargestAllocationBytes, string Driver, string Version, bool HasDoubles,
    bool IsAccelerator, string Limitation = "", string? Problem = null, string Libraries = "")
{
    public bool IsUsable => Problem is null;
}
