namespace Hpc.Cluster.Mpi;

/// <summary>Binary interfaces of MPI libraries.</summary>
internal enum MpiAbiKind
{
    /// <summary>Open MPI: handles are addresses of exported variables.</summary>
    OpenMpi,

    /// <summary>MPICH and those compatible with it (Intel MPI, MVAPICH, Cray MPICH): handles are 32-bit numbers.</summary>
    Mpich,

    /// <summary>The standard interface of MPI 5.</summary>
    Standard,
}
