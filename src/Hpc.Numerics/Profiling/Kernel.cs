using System.Runtime.CompilerServices;

namespace Hpc.Numerics.Profiling;

/// <summary>An operation whose calls are measured, one object each for the whole program.</summary>
/// <remarks>
/// Flops and bytes are those of the operation's definition, not of an implementation: 2mnk for a product of m×k and k×n matrices, every
/// operand read once and every result written once, by which the least time on a machine is known (the roofline model of Williams,
/// Waterman and Patterson, Comm. ACM 52, 2009). Of a product only the multiply-adds count, not the function that it
/// applies on the way; elsewhere an evaluation of φ, an exponential or a random number counts as one operation.
/// </remarks>
public sealed class Kernel
{
    /// <summary>Values of the tag <c>precision</c>.</summary>
    public const string Single = "single", Double = "double";

    /// <summary>Begins the names of kernels that run on a device.</summary>
    public const string DevicePrefix = "device ";

    internal const string NameTag = "kernel", PrecisionTag = "precision", FlopsTag = "flops", BytesTag = "bytes";

    private readonly KeyValuePair<string, object?>[] tags;

    private Kernel(string name, string precision)
    {
        (Name, Precision) = (name, precision);
        tags = [new(NameTag, name), new(PrecisionTag, precision)];
    }

    /// <summary>What it is, for example "gemm".</summary>
    public string Name { get; }

    /// <summary>Precision of the arithmetic, "single" or "double", and so the peak that it is held against.</summary>
    public string Precision { get; }

    /// <summary>Whether anybody listens, so that it is worth waiting for a device in order to measure it.</summary>
    public static bool IsObserved => Instrumentation.Listening;

    internal ReadOnlySpan<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>Names an operation.</summary>
    /// <typeparam name="T">Type of the arithmetic: <see cref="float"/>, or anything else for double precision.</typeparam>
    public static Kernel Of<T>(string name) => new(name, typeof(T) == typeof(float) ? Single : Double);

    /// <summary>
    /// Begins a call, which ends when the scope is disposed, on the same thread. It costs a few nanoseconds and allocates nothing while
    /// nobody listens.
    /// </summary>
    /// <param name="flops">Floating-point operations of this call.</param>
    /// <param name="bytes">Bytes of its operands and results.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public KernelScope Enter(double flops, double bytes) => Instrumentation.Listening ? new KernelScope(this, flops, bytes) : default;
}
