using System.Runtime.InteropServices;
using System.Text;

namespace Hpc.Cluster.Mpi;

/// <summary>
/// The ranks of MPI_COMM_WORLD. Initialization keeps the signal handlers of the runtime, refuses a library that does not belong to the
/// launcher (each process would be a run of its own), and makes sure that a rank that fails ends the whole run.
/// </summary>
internal sealed unsafe class MpiCommunicator : ICommunicator
{
    private const int UnhandledException = 70;
    private const int ExitWithoutFinish = 71;

    /// <summary>Elements of one call: MPI counts are 32-bit.</summary>
    private const int MaximumCount = 1 << 30;

    private const int StatusInts = 16;

    /// <summary>A launcher that learns of an abort drops what ranks wrote and it has not read yet: it is given the time to.</summary>
    private static readonly TimeSpan Reading = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Spin = TimeSpan.FromMilliseconds(1);

    private readonly MpiLibrary mpi;
    private readonly MpiAbi abi;
    private nint pending;
    private bool finished;

    private MpiCommunicator(MpiLibrary library, MpiLauncher launcher)
    {
        (mpi, abi) = (library, library.Abi);
        int rank, size;
        mpi.Check(mpi.Rank(abi.CommWorld, &rank), "MPI_Comm_rank");
        mpi.Check(mpi.Size(abi.CommWorld, &size), "MPI_Comm_size");
        (Rank, Size) = (rank, size);
        if (launcher.Size is { } expected && expected != size)
        {
            _ = mpi.Finish();
            throw new MpiException(
                $"{launcher.Name} started {expected} processes, but {mpi.Name} ({mpi.Version}) sees {size}: the launcher belongs to another " +
                $"MPI library; use its own mpirun (srun: --mpi=pmix for Open MPI, --mpi=pmi2 for MPICH) or set {Communicators.LibraryVariable}");
        }

        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        (LocalRank, LocalSize) = Locate();
    }

    public int Rank { get; }

    public int Size { get; }

    public int LocalRank { get; }

    public int LocalSize { get; }

    public string Description => $"{mpi.Version} ({mpi.Name}, {abi.Name} ABI), {Size} ranks";

    /// <summary>Loads and initializes the library.</summary>
    /// <exception cref="MpiException">There is none, it does not belong to the launcher, or it cannot be called from more than one thread.</exception>
    public static MpiCommunicator Start(MpiLauncher launcher, string? libraryName, string? abiName)
    {
        // UCX (inside MPICH) would take SIGSEGV; hwloc's OpenCL and GL plugins start drivers only to look for devices.
        _ = NativeMethods.SetEnv("UCX_ERROR_SIGNALS", "", 0);
        _ = NativeMethods.SetEnv("HWLOC_COMPONENTS", "-opencl,-gl", 0);
        var actions = SignalActions.Save();
        var library = MpiLibrary.Load(launcher, libraryName, abiName);
        int provided;
        library.Check(library.InitThread(null, null, library.Abi.ThreadSerialized, &provided), "MPI_Init_thread");
        _ = actions.Restore();
        library.Check(library.SetErrorHandler(library.Abi.CommWorld, library.Abi.ErrorsReturn), "MPI_Comm_set_errhandler");
        if (provided < library.Abi.ThreadSerialized)
        {
            _ = library.Finish();
            throw new MpiException($"{library.Version} offers thread level {provided}, MPI_THREAD_SERIALIZED is needed: use a build with threads");
        }

        return new MpiCommunicator(library, launcher);
    }

    public void Barrier()
    {
        nint request = 0;
        mpi.Check(mpi.StartBarrier(abi.CommWorld, &request), "MPI_Ibarrier");
        long start = Environment.TickCount64;
        for (int done = 0; ;)
        {
            mpi.Check(mpi.Test(&request, &done, abi.StatusIgnore), "MPI_Test");
            if (done != 0)
            {
                return;
            }

            if (Environment.TickCount64 - start > Spin.TotalMilliseconds)
            {
                Thread.Sleep(1);
            }
        }
    }

    public void Broadcast(Span<byte> data, int root)
    {
        CheckRank(root);
        for (int start = 0; start < data.Length; start += MaximumCount)
        {
            Span<byte> part = data.Slice(start, Math.Min(MaximumCount, data.Length - start));
            fixed (byte* pointer = part)
            {
                mpi.Check(mpi.Broadcast(pointer, part.Length, abi.Byte, root, abi.CommWorld), "MPI_Bcast");
            }
        }
    }

    public void AllReduce(Span<double> data, Reduction reduction) => AllReduce(data, abi.Double, reduction);

    public void AllReduce(Span<float> data, Reduction reduction) => AllReduce(data, abi.Float, reduction);

    public void AllReduce(Span<long> data, Reduction reduction) => AllReduce(data, abi.Int64, reduction);

    public void BeginAllReduce(Span<double> data, Reduction reduction)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, MaximumCount, nameof(data));
        nint request = 0;
        fixed (double* pointer = data)
        {
            mpi.Check(
                mpi.StartAllReduce(abi.InPlace, pointer, data.Length, abi.Double, reduction == Reduction.Sum ? abi.Sum : abi.Max, abi.CommWorld, &request),
                "MPI_Iallreduce");
        }

        pending = request;
    }

    public void EndAllReduce()
    {
        nint request = pending;
        mpi.Check(mpi.Wait(&request, abi.StatusIgnore), "MPI_Wait");
    }

    public byte[][]? Gather(ReadOnlySpan<byte> data, int root)
    {
        CheckRank(root);
        long length = data.Length;
        long[] lengths = Rank == root ? new long[Size] : [];
        fixed (long* pointer = lengths)
        {
            mpi.Check(mpi.Gather(&length, 1, abi.Int64, pointer, 1, abi.Int64, root, abi.CommWorld), "MPI_Gather");
        }

        int[] counts = Array.ConvertAll(lengths, l => (int)l);
        int[] offsets = new int[counts.Length];
        long total = 0;
        for (int rank = 0; rank < counts.Length; rank++)
        {
            offsets[rank] = (int)total;
            total += counts[rank];
        }

        if (total > Array.MaxLength)
        {
            throw new ArgumentException($"{total} bytes from {Size} ranks are more than one rank can collect: gather in parts", nameof(data));
        }

        byte[] all = new byte[total];
        fixed (byte* from = data, to = all)
        fixed (int* countsPointer = counts, offsetsPointer = offsets)
        {
            mpi.Check(
                mpi.GatherVarying(from, data.Length, abi.Byte, to, countsPointer, offsetsPointer, abi.Byte, root, abi.CommWorld), "MPI_Gatherv");
        }

        return Rank == root ? [.. counts.Zip(offsets, (count, offset) => all.AsSpan(offset, count).ToArray())] : null;
    }

    public void Send(ReadOnlySpan<byte> data, int destination, int tag)
    {
        CheckRank(destination);
        fixed (byte* pointer = data)
        {
            mpi.Check(mpi.Send(pointer, data.Length, abi.Byte, destination, tag, abi.CommWorld), "MPI_Send");
        }
    }

    public MessageInfo? Probe(int source, int tag)
    {
        if (source != ICommunicator.AnySource)
        {
            CheckRank(source);
        }

        int arrived, length;
        int* status = stackalloc int[StatusInts];
        mpi.Check(
            mpi.Probe(source == ICommunicator.AnySource ? abi.AnySource : source, tag, abi.CommWorld, &arrived, status), "MPI_Iprobe");
        if (arrived == 0)
        {
            return null;
        }

        mpi.Check(mpi.GetCount(status, abi.Byte, &length), "MPI_Get_count");
        return new MessageInfo(status[abi.StatusSource], status[abi.StatusSource + 1], length);
    }

    public int Receive(Span<byte> buffer, int source, int tag)
    {
        CheckRank(source);
        int length;
        int* status = stackalloc int[StatusInts];
        fixed (byte* pointer = buffer)
        {
            mpi.Check(mpi.Receive(pointer, buffer.Length, abi.Byte, source, tag, abi.CommWorld, status), "MPI_Recv");
        }

        mpi.Check(mpi.GetCount(status, abi.Byte, &length), "MPI_Get_count");
        return length;
    }

    public void Abort(int exitCode)
    {
        finished = true;
        Console.Out.Flush();
        Thread.Sleep(Reading);
        _ = mpi.Abort(abi.CommWorld, exitCode);
    }

    public void Finish()
    {
        // MPI_Finalize keeps a processor busy while it waits; the barrier does not.
        Barrier();
        finished = true;
        mpi.Check(mpi.Finish(), "MPI_Finalize");
    }

    private void AllReduce<T>(Span<T> data, nint type, Reduction reduction)
        where T : unmanaged
    {
        nint operation = reduction == Reduction.Sum ? abi.Sum : abi.Max;
        for (int start = 0; start < data.Length; start += MaximumCount)
        {
            Span<T> part = data.Slice(start, Math.Min(MaximumCount, data.Length - start));
            fixed (T* pointer = part)
            {
                mpi.Check(mpi.AllReduce(abi.InPlace, pointer, part.Length, type, operation, abi.CommWorld), "MPI_Allreduce");
            }
        }
    }

    private (int Rank, int Size) Locate()
    {
        long[] places = new long[2 * Size];
        if (Gather(Encoding.UTF8.GetBytes(Environment.MachineName), root: 0) is { } names)
        {
            string[] hosts = Array.ConvertAll(names, Encoding.UTF8.GetString);
            var sizes = new Dictionary<string, int>();
            for (int rank = 0; rank < Size; rank++)
            {
                places[2 * rank] = sizes.GetValueOrDefault(hosts[rank]);
                sizes[hosts[rank]] = (int)places[2 * rank] + 1;
            }

            for (int rank = 0; rank < Size; rank++)
            {
                places[2 * rank + 1] = sizes[hosts[rank]];
            }
        }

        Broadcast(MemoryMarshal.AsBytes(places.AsSpan()), root: 0);
        return ((int)places[2 * Rank], (int)places[2 * Rank + 1]);
    }

    private void CheckRank(int rank)
    {
        if ((uint)rank >= (uint)Size)
        {
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"there are ranks 0 … {Size - 1}");
        }
    }

    private void OnUnhandledException(object sender, UnhandledExceptionEventArgs e)
    {
        Console.Error.WriteLine($"rank {Rank} on {Environment.MachineName}: {e.ExceptionObject}");
        Abort(UnhandledException);
    }

    private void OnExit(object? sender, EventArgs e)
    {
        if (!finished)
        {
            Console.Error.WriteLine($"rank {Rank} on {Environment.MachineName} ends before the others: the run is aborted");
            Abort(Environment.ExitCode != 0 ? Environment.ExitCode : ExitWithoutFinish);
        }
    }
}
