using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Hpc.Numerics.Profiling;

/// <summary>
/// What the engine tells the standard tools of .NET: the meter and the activity source "Hpc", which dotnet-counters, dotnet-trace,
/// OpenTelemetry and <c>hpc profile</c> listen to.
/// </summary>
/// <remarks>
/// Every measurement of the instruments has the tags <c>kernel</c> and <c>precision</c>. Kernels, the stages of a task and the task
/// itself are activities, nested as they call each other; those of kernels have the tags <c>precision</c>, <c>flops</c> and <c>bytes</c>.
/// </remarks>
public static class Instrumentation
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Hpc";

    public static Meter Meter { get; } = new(Name);

    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Time of each call in seconds, with the kernels that it calls.</summary>
    internal static readonly Histogram<double> Duration =
        Meter.CreateHistogram<double>("hpc.kernel.duration", "s", "Time of a call, with the kernels that it calls.");

    /// <summary>Time of all calls in seconds, without the kernels that they call.</summary>
    internal static readonly Counter<double> SelfTime =
        Meter.CreateCounter<double>("hpc.kernel.self_time", "s", "Time of all calls, without the kernels that they call.");

    internal static readonly Counter<long> Calls = Meter.CreateCounter<long>("hpc.kernel.calls", "{call}", "Number of calls.");

    internal static readonly Counter<double> Flops =
        Meter.CreateCounter<double>("hpc.kernel.flops", "{flop}", "Floating-point operations by the definition of the operation.");

    internal static readonly Counter<double> Bytes =
        Meter.CreateCounter<double>("hpc.kernel.bytes", "By", "Operands read once and results written once.");

    /// <summary>Whether anybody listens to any of it.</summary>
    internal static bool Listening =>
        Duration.Enabled || Calls.Enabled || SelfTime.Enabled || Flops.Enabled || Bytes.Enabled || Source.HasListeners();
}
