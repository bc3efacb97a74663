using System.Runtime.InteropServices;
using System.Text;

namespace Hpc.Cluster.Mpi;

/// <summary>
/// An MPI library bound at run time: its functions and constants. One set of function pointers serves all binary interfaces, because a
/// handle (a pointer in Open MPI and the standard interface, an int in MPICH) is passed in the same register either way.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    private const int MaximumVersionString = 8192;
    private const int MaximumErrorString = 512;

    private static readonly string[] OpenMpiNames = ["libmpi.so.40"];
    private static readonly string[] MpichNames = ["libmpich.so.12", "libmpi.so.12", "libmpi_cray.so.12"];
    private static readonly string[] StandardNames = ["libmpi_abi.so.0"];

    private readonly delegate* unmanaged[Cdecl]<int, byte*, int*, int> errorString;

    private MpiLibrary(string name, nint handle, MpiAbiKind? abi)
    {
        Name = name;
        delegate* unmanaged[Cdecl]<byte*, int*, int> libraryVersion =
            (delegate* unmanaged[Cdecl]<byte*, int*, int>)Function("MPI_Get_library_version");
        errorString = (delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Function("MPI_Error_string");
        InitThread = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Function("MPI_Init_thread");
        Finish = (delegate* unmanaged[Cdecl]<int>)Function("MPI_Finalize");
        Abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Function("MPI_Abort");
        SetErrorHandler = (delegate* unmanaged[Cdecl]<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        Rank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_rank");
        Size = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_size");
        StartBarrier = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Function("MPI_Ibarrier");
        Test = (delegate* unmanaged[Cdecl]<nint*, int*, nint, int>)Function("MPI_Test");
        Broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)Function("MPI_Bcast");
        AllReduce = (delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, int>)Function("MPI_Allreduce");
        StartAllReduce = (delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, nint*, int>)Function("MPI_Iallreduce");
        Wait = (delegate* unmanaged[Cdecl]<nint*, nint, int>)Function("MPI_Wait");
        Gather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, int, nint, int>)Function("MPI_Gather");
        GatherVarying = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, int, nint, int>)Function("MPI_Gatherv");
        Send = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, int>)Function("MPI_Send");
        Receive = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, void*, int>)Function("MPI_Recv");
        Probe = (delegate* unmanaged[Cdecl]<int, int, nint, int*, void*, int>)Function("MPI_Iprobe");
        GetCount = (delegate* unmanaged[Cdecl]<void*, nint, int*, int>)Function("MPI_Get_count");

        Abi = MpiAbi.Of(abi ?? DetectAbi(handle), handle);
        Span<byte> text = stackalloc byte[MaximumVersionString];
        text.Clear();
        fixed (byte* pointer = text)
        {
            int length;
            Check(libraryVersion(pointer, &length), "MPI_Get_library_version");
        }

        Version = Text(text).Split('\n', 2)[0].Trim();

        nint Function(string function) => NativeLibrary.TryGetExport(handle, function, out nint address)
            ? address
            : throw new MpiException($"'{name}' is no MPI library: it has no function {function}");
    }

    /// <summary>Name by which the library was loaded.</summary>
    public string Name { get; }

    /// <summary>What the library calls itself, first line.</summary>
    public string Version { get; }

    public MpiAbi Abi { get; }

    public delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int> InitThread { get; }

    public delegate* unmanaged[Cdecl]<int> Finish { get; }

    public delegate* unmanaged[Cdecl]<nint, int, int> Abort { get; }

    public delegate* unmanaged[Cdecl]<nint, nint, int> SetErrorHandler { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> Rank { get; }

    public delegate* unmanaged[Cdecl]<nint, int*, int> Size { get; }

    public delegate* unmanaged[Cdecl]<nint, nint*, int> StartBarrier { get; }

    public delegate* unmanaged[Cdecl]<nint*, int*, nint, int> Test { get; }

    public delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> Broadcast { get; }

    public delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, int> AllReduce { get; }

    public delegate* unmanaged[Cdecl]<nint, void*, int, nint, nint, nint, nint*, int> StartAllReduce { get; }

    public delegate* unmanaged[Cdecl]<nint*, nint, int> Wait { get; }

    public delegate* unmanaged[Cdecl]<void*, int, nint, void*, int, nint, int, nint, int> Gather { get; }

    public delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, int, nint, int> GatherVarying { get; }

    public delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, int> Send { get; }

    public delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, void*, int> Receive { get; }

    public delegate* unmanaged[Cdecl]<int, int, nint, int*, void*, int> Probe { get; }

    public delegate* unmanaged[Cdecl]<void*, nint, int*, int> GetCount { get; }

    /// <summary>Loads the library that belongs to a launcher, or the one that is named.</summary>
    /// <param name="launcher">Decides which names are tried first.</param>
    /// <param name="name">Path or soname of the only library to try; null or empty: the usual names.</param>
    /// <param name="abi">openmpi, mpich or standard; null or empty: found out from what the library exports.</param>
    /// <exception cref="MpiException">None can be loaded, or the name of the binary interface is not known.</exception>
    public static MpiLibrary Load(MpiLauncher launcher, string? name, string? abi)
    {
        MpiAbiKind? kind = string.IsNullOrEmpty(abi) ? null : abi switch
        {
            "openmpi" => MpiAbiKind.OpenMpi,
            "mpich" => MpiAbiKind.Mpich,
            "standard" => MpiAbiKind.Standard,
            _ => throw new MpiException($"{Communicators.AbiVariable} is '{abi}': it must be openmpi, mpich or standard"),
        };
        string[] names = !string.IsNullOrEmpty(name) ? [name]
            : launcher.Kind == LauncherKind.Pmi ? [.. MpichNames, .. OpenMpiNames, .. StandardNames]
            : [.. OpenMpiNames, .. MpichNames, .. StandardNames];
        foreach (string candidate in names)
        {
            nint handle = NativeMethods.DlOpen(candidate, NativeMethods.LoadNow | NativeMethods.LoadGlobal);
            if (handle != 0)
            {
                return new MpiLibrary(candidate, handle, kind);
            }
        }

        throw new MpiException(
            $"started by {launcher.Name}, but there is no MPI library (tried {string.Join(", ", names)}): " +
            $"load the MPI module, or set {Communicators.LibraryVariable} to the path of libmpi");
    }

    /// <summary>Turns the return code of a call into an exception.</summary>
    public void Check(int code, string call)
    {
        if (code != 0)
        {
            Throw(code, call);
        }
    }

    private static MpiAbiKind DetectAbi(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out _))
        {
            return MpiAbiKind.OpenMpi;
        }

        // A library that has the function but not the standard interface answers −1.
        if (NativeLibrary.TryGetExport(library, "MPI_Abi_get_version", out nint version))
        {
            int major = -1, minor = -1;
            if (((delegate* unmanaged[Cdecl]<int*, int*, int>)version)(&major, &minor) == 0 && major >= 1)
            {
                return MpiAbiKind.Standard;
            }
        }

        return MpiAbiKind.Mpich;
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..text.IndexOf((byte)0)]);

    private void Throw(int code, string call)
    {
        Span<byte> text = stackalloc byte[MaximumErrorString + 1];
        text.Clear();
        fixed (byte* pointer = text)
        {
            int length;
            errorString(code, pointer, &length);
        }

        throw new MpiException($"{call} failed: {Text(text)} (code {code}, {Version})");
    }
}
