namespace Hpc.Cluster.Mpi;

/// <summary>Who started this process.</summary>
internal enum LauncherKind
{
    None,

    /// <summary>mpirun of Open MPI.</summary>
    OpenMpi,

    /// <summary>mpirun of MPICH (Hydra), or srun --mpi=pmi2.</summary>
    Pmi,

    /// <summary>srun --mpi=pmix.</summary>
    Pmix,

    /// <summary>srun without MPI.</summary>
    SlurmWithoutMpi,
}
