using Hpc.Cluster.Mpi;

namespace Hpc.Cluster;

/// <summary>Makes the communicator that fits how the program was started.</summary>
public static class Communicators
{
    /// <summary>Environment variable: path or soname of the MPI library, when the usual names do not find the right one.</summary>
    public const string LibraryVariable = "HPC_MPI_LIBRARY";

    /// <summary>Environment variable: <c>openmpi</c>, <c>mpich</c> or <c>standard</c>, when the library does not tell.</summary>
    public const string AbiVariable = "HPC_MPI_ABI";

    /// <summary>
    /// One process when there is no launcher, or it started one; otherwise MPI. Make the <see cref="StopRequest"/> before, so that its
    /// signal handlers survive those of the MPI library.
    /// </summary>
    /// <exception cref="MpiException">
    /// There is no MPI library, it does not belong to the launcher, or srun was not told which MPI to start.
    /// </exception>
    public static ICommunicator Create()
    {
        var launcher = MpiLauncher.Detect(Environment.GetEnvironmentVariable);
        if (launcher.Kind == LauncherKind.None || launcher.Size == 1)
        {
            return new SingleProcessCommunicator();
        }

        return launcher.Kind == LauncherKind.SlurmWithoutMpi
            ? throw new MpiException(
                $"srun started {launcher.Size} tasks that know nothing of each other: use srun --mpi=pmix (Open MPI) or srun --mpi=pmi2 (MPICH)")
            : MpiCommunicator.Start(
                launcher, Environment.GetEnvironmentVariable(LibraryVariable), Environment.GetEnvironmentVariable(AbiVariable));
    }
}
