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
                : device.IsUsable ? string.Create(
                    CultureInfo.InvariantCulture, $"{device.Description}, {device.MemoryBytes / 1e9:F1} GB; {device.Driver}; {device.Version}")
                : device.Problem!;
            Console.WriteLine($"{device.Name,-14} {(device.IsUsable ? "usable" : "not usable"),-11} {what}");
            if (device.IsUsable && device.Limitation.Length > 0)
            {
                Console.WriteLine($"{"",-26} {device.Limitation}");
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
}
