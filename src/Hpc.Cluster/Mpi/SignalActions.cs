namespace Hpc.Cluster.Mpi;

/// <summary>
/// The signal handlers of this process at a moment. MPI libraries and what they load replace some (UCX takes SIGSEGV, which the runtime
/// needs to turn a null reference into an exception): save before loading them, restore after their initialization.
/// </summary>
internal sealed unsafe class SignalActions
{
    private const int Count = 64;

    /// <summary>Bytes kept per signal: more than <c>struct sigaction</c> has anywhere (152 with glibc).</summary>
    private const int Bytes = 256;

    private readonly byte[]?[] saved = new byte[]?[Count + 1];

    private SignalActions()
    {
        for (int signal = 1; signal <= Count; signal++)
        {
            saved[signal] = Read(signal);
        }
    }

    public static SignalActions Save() => new();

    /// <summary>Puts back every handler that is not the saved one any more.</summary>
    /// <returns>The signals whose handlers had been replaced.</returns>
    public IReadOnlyList<int> Restore()
    {
        var replaced = new List<int>();
        for (int signal = 1; signal <= Count; signal++)
        {
            if (saved[signal] is { } action && !action.AsSpan().SequenceEqual(Read(signal)))
            {
                fixed (byte* pointer = action)
                {
                    if (NativeMethods.SigAction(signal, pointer, null) == 0)
                    {
                        replaced.Add(signal);
                    }
                }
            }
        }

        return replaced;
    }

    /// <summary>Null for signals that the C library keeps to itself.</summary>
    private static byte[]? Read(int signal)
    {
        byte[] action = new byte[Bytes];
        fixed (byte* pointer = action)
        {
            return NativeMethods.SigAction(signal, null, pointer) == 0 ? action : null;
        }
    }
}
