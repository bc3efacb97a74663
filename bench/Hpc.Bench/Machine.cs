using System.Runtime.InteropServices;
using Hpc.Numerics.Simd;

namespace Hpc.Bench;

/// <summary>What the measurements were made on.</summary>
internal static class Machine
{
    public static void Describe(OpenBlas? blas)
    {
        string model = CpuInfo("model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        string family = CpuInfo("cpu family") is { } f ? $" (family {f}, model {CpuInfo("model")})" : string.Empty;
        string clock = CpuInfo("cpu MHz") is { } mhz ? $", {mhz} MHz reported" : string.Empty;
        Report.Info($"{model}{family}, {Environment.ProcessorCount} cores{clock}, {SimdSupport.Widest}");
        Report.Info($".NET {Environment.Version}, {RuntimeInformation.OSDescription}, load {LoadAverage()}");
        Report.Info(blas is null ? "OpenBLAS: libopenblas.so.0 not found, no comparison" : blas.Description);
        Report.Info(string.Empty);
    }

    private static string LoadAverage()
        => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "unknown";

    private static string? CpuInfo(string key)
        => File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.Split(':')[0].Trim() == key)?.Split(':')[1].Trim()
            : null;
}
