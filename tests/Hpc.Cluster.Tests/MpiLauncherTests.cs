using Hpc.Cluster.Mpi;

namespace Hpc.Cluster.Tests;

public sealed class MpiLauncherTests
{
    [Theory]
    [InlineData("", LauncherKind.None, null)]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=1", LauncherKind.OpenMpi, 4)]
    [InlineData("PMI_RANK=0 PMI_SIZE=3 PMI_FD=7", LauncherKind.Pmi, 3)]
    [InlineData("PMIX_RANK=0 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2", LauncherKind.Pmix, 2)]
    [InlineData("PMI_RANK=0 PMI_SIZE=2 PMI_FD=7 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2", LauncherKind.Pmi, 2)]
    [InlineData("PMIX_RANK=3", LauncherKind.Pmix, null)]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2", LauncherKind.SlurmWithoutMpi, 2)]
    [InlineData("SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1", LauncherKind.None, 1)]
    // mpirun inside a job of one Slurm step.
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1", LauncherKind.OpenMpi, 2)]
    // The script of a batch job.
    [InlineData("SLURM_JOB_ID=5 SLURM_NTASKS=4 SLURM_PROCID=0", LauncherKind.None, null)]
    internal void TheEnvironmentTellsTheLauncher(string environment, LauncherKind kind, int? size)
    {
        Dictionary<string, string> variables = environment
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        Assert.Equal(new MpiLauncher(kind, size), MpiLauncher.Detect(name => variables.GetValueOrDefault(name)));
    }
}
