using System.Globalization;
using System.Runtime.InteropServices;
using Hpc.Kernels.Devices;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Simd;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc devices</c>: what the engine can compute with here.</summary>
public static class DevicesVerb
{
    public static int Execute()
    {
        string width = SimdSupport.Widest switch
        {
            SimdWidth.Vector512 => "512-bit registers (AVX-512)",
            SimdWidth.Vector256 => "256-bit registers (AVX2, FMA)",
            _ => "scalar code: the processor has neither AVX-512 nor AVX2 with FMA, or they are turned off",
        };
        foreach (DeviceInfo device in DeviceCatalog.List())
        {
            string what = device.Name.Kind == DeviceKind.Cpu
                ? $"{Environment.ProcessorCount} processors, {RuntimeInformation.ProcessArchitecture}, {width}"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Description}, {device.MemoryBytes / 1e9:F1} GB (largest matrix {device.LargestAllocationBytes / 1e9:F1} GB); {device.Driver}; {device.Version}");
            foreach (string line in Lines(device, what))
            {
                Console.WriteLine(line);
            }
        }

        Console.WriteLine("auto measures cpu and what may be faster: GPUs under CUDA or OpenCL; all others are chosen only by name");
        Console.WriteLine();
        Console.WriteLine("eigensolvers, in the order that auto tries them:");
        string chosen = SymmetricEigensolvers.Find("auto").Description;
        foreach (EigensolverCandidate candidate in SymmetricEigensolvers.Candidates())
        {
            Console.WriteLine($"{candidate.Name,-14} {(candidate.Usable ? "usable" : "not usable"),-11} {candidate.Reason}");
        }

        Console.WriteLine($"auto takes {chosen}");
        return ExitCode.Done;
    }

    /// <summary>What is said of a device: whether it can be used, or why not, its limits, and the libraries that are used on it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="what">Its description where it can be used.</param>
    internal static IEnumerable<string> Lines(DeviceInfo device, string what)
    {
        yield return $"{device.Name,-14} {(device.IsUsable ? "usable" : "not usable"),-11} {device.Problem ?? what}";
        foreach (string further in device.IsUsable ? [device.Limitation, device.Libraries] : Array.Empty<string>())
        {
            if (further.Length > 0)
            {
                yield return $"{"",-26} {further}";
            }
        }
    }
}
