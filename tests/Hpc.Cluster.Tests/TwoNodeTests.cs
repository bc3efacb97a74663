using Hpc.Cluster.Tests.Launching;

namespace Hpc.Cluster.Tests;

/// <summary>run-cluster.sh on a Slurm of two nodes: one run across both.</summary>
[Collection("Slurm")]
public sealed class TwoNodeTests(TwoNodes slurm) : ClusterJobs(slurm), IClassFixture<TwoNodes>
{
    [Theory]
    [InlineData("pmix")]
    [InlineData("pmi2")]
    [InlineData("openmpi")]
    [InlineData("mpich")]
    public void RanksOfBothNodesShareTheTasks(string mpi)
    {
        MpiInstallation.Require(mpi is "pmix" or "openmpi" ? MpiInstallation.OpenMpi.Launcher : MpiInstallation.Mpich.Launcher);
        using Job job = Submit(tasks: 20, milliseconds: 10, "together", "--nodes", "2", "--ntasks-per-node", "1", "--mpi", mpi);
        Assert.True(Slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        Assert.Equal("n[1-2]", Slurm.Field(job.Id, "NodeList"));
        job.AssertResults(20);
        Assert.Equal(20, job.Log.Count(l => l[0] == "f"));
        Assert.Equal(["0", "1"], job.Log.Where(l => l[0] == "b").Select(l => l[2]).Distinct().Order());

        // Ranks note the node that Slurm started them on.
        Assert.Equal(["n1", "n2"], job.Nodes.Distinct().Order());
    }
}
