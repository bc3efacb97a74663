using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Hpc.Numerics.Profiling;

/// <summary>A call of a kernel, from <see cref="Kernel.Enter"/> to <see cref="Dispose"/>; the default value measures nothing.</summary>
/// <remarks>
/// The scopes of a thread are its stack: each keeps what the one around it has spent in kernels so far, so that every time is known with
/// and without the kernels that were called. What a region of a team does on other threads is time of the kernel that started the region.
/// </remarks>
public readonly ref struct KernelScope
{
    [ThreadStatic]
    private static long insideTicks;

    private readonly Kernel? kernel;
    private readonly Activity? activity;
    private readonly double flops;
    private readonly double bytes;
    private readonly long outerTicks;
    private readonly long start;

    internal KernelScope(Kernel kernel, double flops, double bytes)
    {
        (this.kernel, this.flops, this.bytes) = (kernel, flops, bytes);
        activity = Instrumentation.Source.StartActivity(kernel.Name);
        outerTicks = insideTicks;
        insideTicks = 0;
        start = Stopwatch.GetTimestamp();
        activity?.SetStartTime(Instrumentation.At(start));
    }

    /// <summary>Ends the call and tells the listeners.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (kernel is not null)
        {
            End();
        }
    }

    /// <summary>Ends a call that started a device and waited for it, in place of <see cref="Dispose"/>.</summary>
    /// <param name="duration">Time that the device itself took, below the time since <see cref="Kernel.Enter"/>; the rest counts for the caller.</param>
    public void End(TimeSpan duration)
    {
        if (kernel is not null)
        {
            End(Math.Min((long)(duration.TotalSeconds * Stopwatch.Frequency), Stopwatch.GetTimestamp() - start));
        }
    }

    private void End() => End(Stopwatch.GetTimestamp() - start);

    private void End(long ticks)
    {
        long end = start + ticks;
        long self = ticks - insideTicks;
        insideTicks = outerTicks + ticks;
        if (activity is not null)
        {
            activity.SetEndTime(Instrumentation.At(end)).SetTag(Kernel.PrecisionTag, kernel!.Precision).SetTag(Kernel.FlopsTag, flops).SetTag(Kernel.BytesTag, bytes);
            activity.Dispose();
        }

        ReadOnlySpan<KeyValuePair<string, object?>> tags = kernel!.Tags;
        Instrumentation.Duration.Record((double)ticks / Stopwatch.Frequency, tags);
        Instrumentation.SelfTime.Add((double)self / Stopwatch.Frequency, tags);
        Instrumentation.Calls.Add(1, tags);
        Instrumentation.Flops.Add(flops, tags);
        Instrumentation.Bytes.Add(bytes, tags);
    }
}
