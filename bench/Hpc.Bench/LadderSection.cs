using System.Numerics;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Ladder;

namespace Hpc.Bench;

/// <summary>The ladder of the accelerator's product kernel on every accelerator of this machine, PoCL included.</summary>
internal static class LadderSection
{
    public static void Run()
    {
        foreach (DeviceInfo info in DeviceCatalog.List().Where(d => d.IsUsable && d.Name.Kind is (DeviceKind.Cuda or DeviceKind.OpenCl)))
        {
            using ComputeDevice device = ComputeDevice.Open(info.Name);
            int size = info.IsAccelerator ? 4096 : 512;
            Print<float>(device, size, "single");
            if (info.HasDoubles)
            {
                Print<double>(device, size, "double");
            }
        }
    }

    private static void Print<T>(ComputeDevice device, int size, string precision)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Console.WriteLine();
        Console.WriteLine($"Ladder of the product kernel, {precision} precision, {size}³, {device.Info.Name}: {device.Info.Description}");
        Console.WriteLine();
        IReadOnlyList<Rung> rungs = ProductLadder.Run<T>(device, size, size, size);
        Rung? library = rungs.FirstOrDefault(rung => rung.Name == ProductLadder.CuBlas);
        Console.WriteLine($"| rung | ms | GFLOP/s | {(library is null ? "" : "of cuBLAS | ")}error, in k·ε |");
        Console.WriteLine($"|---|---|---|{(library is null ? "" : "---|")}---|");
        foreach (Rung rung in rungs)
        {
            string share = library is null ? "" : $" {100 * library.Seconds / rung.Seconds:F0} % |";
            Console.WriteLine($"| {rung.Name} | {1e3 * rung.Seconds:F2} | {rung.Gflops:F1} |{share} {rung.Error:F4} |");
        }
    }
}
