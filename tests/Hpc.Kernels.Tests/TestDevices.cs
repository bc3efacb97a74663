using System.Collections.Concurrent;
using Hpc.Kernels.Devices;

namespace Hpc.Kernels.Tests;

/// <summary>Devices that the tests share; each is opened once.</summary>
internal static class TestDevices
{
    private static readonly ConcurrentDictionary<string, Lazy<ComputeDevice>> Opened = new();

    /// <summary>
    /// Skips the test where no device of that kind can be used, and says why. ILGPU's emulation is everywhere; in continuous integration OpenCL
    /// is, too: PoCL is installed there.
    /// </summary>
    public static DeviceName Require(string name)
    {
        DeviceName parsed = DeviceName.Parse(name);
        DeviceInfo[] found = [.. DeviceCatalog.List().Where(d => d.Name.Kind == parsed.Kind)];
        if (!found.Any(d => d.IsUsable))
        {
            string reason = $"no {parsed.Kind} device: {found.FirstOrDefault()?.Problem ?? "there is none"}";
            Assert.False(parsed.Kind != DeviceKind.Cuda && Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Skip(reason);
        }

        return parsed;
    }

    /// <summary>Opens a device, or skips the test as <see cref="Require"/> does.</summary>
    public static ComputeDevice Open(string name)
    {
        DeviceName parsed = Require(name);
        return Opened.GetOrAdd(name, _ => new Lazy<ComputeDevice>(() => ComputeDevice.Open(parsed))).Value;
    }
}
