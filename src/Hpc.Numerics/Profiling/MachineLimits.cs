namespace Hpc.Numerics.Profiling;

/// <summary>What a number of threads can do at most on this machine, as <see cref="MachinePeak.Measure"/> found it.</summary>
/// <param name="SingleFlops">Multiply-adds in single precision, in floating-point operations per second.</param>
/// <param name="DoubleFlops">The same in double precision.</param>
/// <param name="Bandwidth">Reading of memory, in bytes per second.</param>
public sealed record MachineLimits(double SingleFlops, double DoubleFlops, double Bandwidth)
{
    /// <summary>The peak of a precision, "single" or "double".</summary>
    public double Flops(string precision) => precision == Kernel.Single ? SingleFlops : DoubleFlops;

    /// <summary>
    /// The roof over an operation of <paramref name="flops"/> and <paramref name="bytes"/>: seconds that it takes at least, because of
    /// its arithmetic or because of its memory, whichever is longer.
    /// </summary>
    public double LeastSeconds(string precision, double flops, double bytes) => Math.Max(flops / Flops(precision), bytes / Bandwidth);
}
