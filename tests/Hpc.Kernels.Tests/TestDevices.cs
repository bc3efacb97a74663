using System.Collections.Concurrent;
using Hpc.Kernels.Devices;

namespace Hpc.Kernels.Tests;

/// <summary>Devices that the tests share; each is opened once.</summary>
internal static class TestDevices
{
    private static readonly ConcurrentDictionary<string, Lazy<ComputeDevice>> Opened = new();

    /// <summary>
    /// Opens a device. A missing CUDA device skips the test and says why; OpenCL (PoCL where there is no GPU) and ILGPU's emulation must
    /// be there.
    /// </summary>
    public static ComputeDevice Open(string name)
    {
        DeviceName parsed = DeviceName.Parse(name);
        if (parsed.Kind == DeviceKind.Cuda)
        {
            DeviceInfo info = DeviceCatalog.List().First(d => d.Name.Kind == DeviceKind.Cuda);
            Assert.SkipUnless(info.IsUsable, $"no CUDA device: {info.Problem}");
        }

        return Opened.GetOrAdd(name, _ => new Lazy<ComputeDevice>(() => ComputeDevice.Open(parsed))).Value;
    }
}
