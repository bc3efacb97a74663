using System.Globalization;

namespace Hpc.Cluster.Mpi;

/// <summary>What the environment of this process says about who started it.</summary>
/// <param name="Kind">The launcher.</param>
/// <param name="Size">Number of processes it started; null when it does not say.</param>
internal sealed record MpiLauncher(LauncherKind Kind, int? Size)
{
    /// <summary>Name for messages.</summary>
    public string Name => Kind switch
    {
        LauncherKind.OpenMpi => "mpirun of Open MPI",
        LauncherKind.Pmi => "mpirun of MPICH or srun --mpi=pmi2",
        LauncherKind.Pmix => "srun --mpi=pmix",
        LauncherKind.SlurmWithoutMpi => "srun without MPI",
        _ => "no launcher",
    };

    /// <summary>Reads the variables that launchers set; mpirun inside a Slurm job sets its own besides those of Slurm, so the order matters.</summary>
    public static MpiLauncher Detect(Func<string, string?> variable)
    {
        bool Has(params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                if (string.IsNullOrEmpty(variable(name)))
                {
                    return false;
                }
            }

            return true;
        }

        int? size = Number("OMPI_COMM_WORLD_SIZE") ?? Number("PMI_SIZE") ?? Number("SLURM_STEP_NUM_TASKS");
        LauncherKind kind =
            Has("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE") ? LauncherKind.OpenMpi
            : Has("PMI_RANK", "PMI_SIZE") ? LauncherKind.Pmi
            : Has("PMIX_RANK") ? LauncherKind.Pmix
            : Has("SLURM_STEP_ID", "SLURM_PROCID") && size > 1 ? LauncherKind.SlurmWithoutMpi
            : LauncherKind.None;
        return new MpiLauncher(kind, size);

        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}
