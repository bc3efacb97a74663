namespace Hpc.Numerics.Profiling;

/// <summary>Sums over all calls of a kernel.</summary>
/// <param name="Name">The kernel.</param>
/// <param name="Precision">"single" or "double".</param>
/// <param name="Calls">Number of calls.</param>
/// <param name="Seconds">Time, with the kernels that it called.</param>
/// <param name="SelfSeconds">Time without them.</param>
/// <param name="Flops">Floating-point operations by definition, see <see cref="Kernel"/>.</param>
/// <param name="Bytes">Bytes by definition.</param>
public sealed record KernelTotals(string Name, string Precision, long Calls, double Seconds, double SelfSeconds, double Flops, double Bytes)
{
    /// <summary>Flops per second, including the time of the kernels that it called.</summary>
    public double FlopRate => Flops / Seconds;

    /// <summary>Bytes per second.</summary>
    public double ByteRate => Bytes / Seconds;

    /// <summary>Flops per byte.</summary>
    public double Intensity => Flops / Bytes;

    /// <summary>Whether arithmetic or memory limits it on a machine: true where its arithmetic alone takes longer than its memory.</summary>
    public bool IsComputeBound(MachineLimits limits) => Flops / limits.Flops(Precision) > Bytes / limits.Bandwidth;

    /// <summary>
    /// The part of the roof that it reaches: least time by definition through time. Above 1 where operands came out of a cache.
    /// </summary>
    public double RoofFraction(MachineLimits limits) => limits.LeastSeconds(Precision, Flops, Bytes) / Seconds;

    /// <summary>Whether it ran on a device, whose limits are not those of the machine's processor.</summary>
    public bool IsOnDevice => Name.StartsWith(Kernel.DevicePrefix, StringComparison.Ordinal);
}
