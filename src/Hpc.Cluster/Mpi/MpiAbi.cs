using System.Runtime.InteropServices;

namespace Hpc.Cluster.Mpi;

/// <summary>The constants of an MPI library that headers would give to a compiler.</summary>
internal sealed record MpiAbi
{
    public required string Name { get; init; }

    public required nint CommWorld { get; init; }

    public required nint Byte { get; init; }

    public required nint Double { get; init; }

    public required nint Float { get; init; }

    public required nint Int64 { get; init; }

    public required nint Sum { get; init; }

    public required nint Max { get; init; }

    public required nint ErrorsReturn { get; init; }

    public required nint InPlace { get; init; }

    public required nint StatusIgnore { get; init; }

    public required int AnySource { get; init; }

    /// <summary>MPI_THREAD_SERIALIZED.</summary>
    public required int ThreadSerialized { get; init; }

    /// <summary>Index of MPI_SOURCE among the ints of MPI_Status; MPI_TAG follows it.</summary>
    public required int StatusSource { get; init; }

    /// <summary>The constants of a loaded library.</summary>
    public static MpiAbi Of(MpiAbiKind kind, nint library) => kind switch
    {
        MpiAbiKind.OpenMpi => OpenMpi(library),
        MpiAbiKind.Mpich => Mpich,
        _ => Standard,
    };

    private static MpiAbi Mpich { get; } = new()
    {
        Name = "MPICH",
        CommWorld = 0x44000000,
        Byte = 0x4c00010d,
        Double = 0x4c00080b,
        Float = 0x4c00040a,
        Int64 = 0x4c00083a,
        Max = 0x58000001,
        Sum = 0x58000003,
        ErrorsReturn = 0x54000001,
        InPlace = -1,
        StatusIgnore = 1,
        AnySource = -2,
        ThreadSerialized = 2,
        StatusSource = 2,
    };

    private static MpiAbi Standard { get; } = new()
    {
        Name = "standard",
        CommWorld = 0x101,
        Byte = 0x247,
        Double = 0x214,
        Float = 0x210,
        Int64 = 0x258,
        Max = 0x23,
        Sum = 0x21,
        ErrorsReturn = 0x143,
        InPlace = 1,
        StatusIgnore = 0,
        AnySource = -1,
        ThreadSerialized = 2048,
        StatusSource = 0,
    };

    private static MpiAbi OpenMpi(nint library)
    {
        nint Address(string name) => NativeLibrary.GetExport(library, name);
        return new()
        {
            Name = "Open MPI",
            CommWorld = Address("ompi_mpi_comm_world"),
            Byte = Address("ompi_mpi_byte"),
            Double = Address("ompi_mpi_double"),
            Float = Address("ompi_mpi_float"),
            Int64 = Address("ompi_mpi_int64_t"),
            Max = Address("ompi_mpi_op_max"),
            Sum = Address("ompi_mpi_op_sum"),
            ErrorsReturn = Address("ompi_mpi_errors_return"),
            InPlace = 1,
            StatusIgnore = 0,
            AnySource = -1,
            ThreadSerialized = 2,
            StatusSource = 0,
        };
    }
}
