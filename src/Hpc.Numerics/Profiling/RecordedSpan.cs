namespace Hpc.Numerics.Profiling;

/// <summary>An activity that has ended: a call of a kernel, a stage of a task or a task.</summary>
/// <param name="Name">What ran.</param>
/// <param name="Thread">Managed identifier of the thread that it ran on.</param>
/// <param name="Start">When it began, since the recorder was made.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Precision">"single" or "double" for a kernel, null for stages and tasks.</param>
/// <param name="Flops">Floating-point operations of a kernel.</param>
/// <param name="Bytes">Bytes of a kernel.</param>
public readonly record struct RecordedSpan(
    string Name, int Thread, TimeSpan Start, TimeSpan Duration, string? Precision, double Flops, double Bytes);
