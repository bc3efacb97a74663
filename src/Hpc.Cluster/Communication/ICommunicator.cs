namespace Hpc.Cluster;

/// <summary>
/// The ranks of a run and what they say to each other. Collective operations are called by all ranks in the same order. Calls may come
/// from any thread, but only from one at a time. A process that ends without <see cref="Finish"/> ends the whole run, so that no rank
/// waits for ever for one that failed: with the exit code of the process, or 70 after an unhandled exception, or 71 when it was 0.
/// </summary>
public interface ICommunicator
{
    /// <summary>Source of <see cref="Probe"/> that stands for all ranks.</summary>
    const int AnySource = -1;

    /// <summary>Number of this process, 0 … <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>Number of processes.</summary>
    int Size { get; }

    /// <summary>Number of this process among those on the same host, for the choice of an accelerator.</summary>
    int LocalRank { get; }

    /// <summary>Number of processes on the same host, for the share of its memory and processors.</summary>
    int LocalSize { get; }

    /// <summary>What carries the messages, for the record of a run.</summary>
    string Description { get; }

    /// <summary>Waits, without keeping a processor busy, until every rank has come here.</summary>
    void Barrier();

    /// <summary>Copies the bytes of rank <paramref name="root"/> to all.</summary>
    /// <param name="data">The same length on every rank.</param>
    void Broadcast(Span<byte> data, int root);

    /// <summary>Combines the elements of all ranks; every rank holds the result in place of its own values.</summary>
    /// <param name="data">The same length on every rank.</param>
    void AllReduce(Span<double> data, Reduction reduction);

    /// <inheritdoc cref="AllReduce(Span{double}, Reduction)"/>
    void AllReduce(Span<float> data, Reduction reduction);

    /// <inheritdoc cref="AllReduce(Span{double}, Reduction)"/>
    void AllReduce(Span<long> data, Reduction reduction);

    /// <summary>
    /// Begins <see cref="AllReduce(Span{double}, Reduction)"/>, which goes on beside other work. Until <see cref="EndAllReduce"/> the data must not
    /// be touched, or moved (native memory), and no other collective operation begun.
    /// </summary>
    /// <param name="data">The same length on every rank, at most 2³⁰.</param>
    void BeginAllReduce(Span<double> data, Reduction reduction);

    /// <summary>Waits for the result of <see cref="BeginAllReduce"/>.</summary>
    void EndAllReduce();

    /// <summary>Collects the bytes of all ranks, which may differ in length.</summary>
    /// <returns>One array per rank on rank <paramref name="root"/>; null on the others.</returns>
    byte[][]? Gather(ReadOnlySpan<byte> data, int root);

    /// <summary>Sends bytes to another rank; may return before they are received.</summary>
    /// <param name="tag">0 … 32767.</param>
    void Send(ReadOnlySpan<byte> data, int destination, int tag);

    /// <summary>Whether a message with this tag has arrived from <paramref name="source"/> (or <see cref="AnySource"/>); does not wait.</summary>
    MessageInfo? Probe(int source, int tag);

    /// <summary>Waits for a message with this tag from a given rank.</summary>
    /// <param name="buffer">At least as long as the message.</param>
    /// <returns>Length of the message.</returns>
    int Receive(Span<byte> buffer, int source, int tag);

    /// <summary>
    /// The good end: waits, without keeping a processor busy, until every rank has come here, and takes leave of the launcher.
    /// Launchers report the worst exit code of all ranks and may end a run at the first that is not 0: let rank 0 alone return one.
    /// </summary>
    void Finish();

    /// <summary>Ends every rank of the run at once.</summary>
    /// <param name="exitCode">Exit code of the run, 1 … 255.</param>
    void Abort(int exitCode);
}
