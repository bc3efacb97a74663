namespace Hpc.Numerics.Distribution;

/// <summary>
/// What numerical methods need of processes that share a computation: sums over all of them. Every process calls the same operations in the
/// same order with the same lengths, and all receive the same bits. Lengths therefore follow from what is the same everywhere: sizes of the
/// whole problem, <see cref="RowShare.LargestCount"/>, and the number of threads and the memory, on which the processes have agreed before.
/// </summary>
public interface IReduction
{
    /// <summary>Number of this process, 0 … <see cref="Ranks"/> − 1.</summary>
    int Rank { get; }

    /// <summary>Number of processes.</summary>
    int Ranks { get; }

    /// <summary>Replaces every element by its sum over all processes.</summary>
    void Sum(Span<double> values);

    /// <inheritdoc cref="Sum(Span{double})"/>
    void Sum(Span<float> values);

    /// <summary>
    /// Whether a sum that was begun goes on beside other work at a gain; the same in all processes. Between those of one host a sum is work of the
    /// same processors.
    /// </summary>
    bool Overlaps => false;

    /// <summary>
    /// Begins a sum that goes on beside other work: until <see cref="Complete"/> the values must not be touched, or moved (native memory), and
    /// no other sum begun.
    /// </summary>
    void Begin(Span<double> values) => Sum(values);

    /// <summary>Waits for the sum that was begun.</summary>
    void Complete()
    {
    }
}
