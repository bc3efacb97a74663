using System.Globalization;
using System.Text;
using Hpc.Numerics.Profiling;

namespace Hpc.Cli.Profiling;

/// <summary>The kernels of a run against the limits of the machine, as text.</summary>
public static class RooflineTable
{
    /// <summary>
    /// A line for each kernel: calls, time with and without the kernels that it called, share of the run of the latter, rates and
    /// flops per byte by definition, what limits it, and which part of that roof it reaches; kernels of a device are not held against the processor. The last line is the rest of the run.
    /// </summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="limits">The machine.</param>
    /// <param name="wallSeconds">Time of the whole run.</param>
    public static string Format(IReadOnlyList<KernelTotals> kernels, MachineLimits limits, double wallSeconds)
    {
        int width = kernels.Select(kernel => Label(kernel).Length).Append("outside kernels".Length).Max();
        var text = new StringBuilder();
        Line("kernel", "calls", "total s", "self s", "% of wall", "GFLOP/s", "GB/s", "flops/byte", "limit", "of roof");
        foreach (KernelTotals kernel in kernels)
        {
            Line(
                Label(kernel), kernel.Calls.ToString(CultureInfo.InvariantCulture), Number(kernel.Seconds, "F4"), Number(kernel.SelfSeconds, "F4"),
                Number(100 * kernel.SelfSeconds / wallSeconds, "F1"), Number(kernel.FlopRate / 1e9, "F2"), Number(kernel.ByteRate / 1e9, "F2"),
                Number(kernel.Intensity, "F2"), kernel.IsOnDevice ? "device" : kernel.IsComputeBound(limits) ? "compute" : "memory",
                kernel.IsOnDevice ? "" : Number(kernel.RoofFraction(limits), "F3"));
        }

        double outside = wallSeconds - kernels.Sum(kernel => kernel.SelfSeconds);
        Line("outside kernels", "", "", Number(outside, "F4"), Number(100 * outside / wallSeconds, "F1"), "", "", "", "", "");
        return text.ToString();

        void Line(string name, params string[] cells)
        {
            int[] widths = [9, 10, 10, 10, 9, 8, 11, 8, 8];
            text.Append(name.PadRight(width));
            text.AppendLine(string.Concat(cells.Select((cell, column) => cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    /// <summary>Name and precision of a kernel, for example "gemm (double)".</summary>
    public static string Label(KernelTotals kernel) => $"{kernel.Name} ({kernel.Precision})";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
