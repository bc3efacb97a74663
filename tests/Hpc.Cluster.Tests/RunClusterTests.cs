using Hpc.Cluster.Tests.Launching;

namespace Hpc.Cluster.Tests;

/// <summary>run-cluster.sh on a real Slurm; the program that it starts is a rank of these tests.</summary>
[Collection("Slurm")]
public sealed class RunClusterTests(OneNode slurm) : ClusterJobs(slurm), IClassFixture<OneNode>
{
    [Theory]
    [InlineData("pmix")]
    [InlineData("pmi2")]
    [InlineData("openmpi")]
    [InlineData("mpich")]
    public void RanksStartInEveryWay(string mpi)
    {
        MpiInstallation.Require(mpi is "pmix" or "openmpi" ? MpiInstallation.OpenMpi.Launcher : MpiInstallation.Mpich.Launcher);
        using Job job = Submit(tasks: 20, milliseconds: 20, "", "--ntasks-per-node", "2", "--mpi", mpi);
        Assert.True(Slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        job.AssertResults(20);
        Assert.Equal(["0", "1"], job.Log.Where(l => l[0] == "b").Select(l => l[2]).Distinct().Order());
        Assert.Equal("COMPLETED", Slurm.WaitForEnd(job.Merge));
    }

    [Fact]
    public void AnArraySharesTheTasks()
    {
        using Job job = Submit(tasks: 20, milliseconds: 1, "", "--array", "3");
        Slurm.WaitForEnd(job.Merge);
        job.AssertResults(20);
        Assert.Equal(20, job.Log.Count(l => l[0] == "b"));
        Assert.Equal(3, job.Log.Count(l => l[0] == "start"));

        // What the script says to watch is there.
        Assert.Equal(3, RunningProcess.Run("bash", ["-c", job.Advice("tail").Replace("tail -F", "ls")]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    /// <summary>The signal that Slurm sends before the time limit, here by hand, as the script advises: saved, requeued, gone on, done.</summary>
    [Theory]
    [InlineData("pmi2")]
    [InlineData("openmpi")]
    [InlineData("mpich")]
    public void TheTimeLimitSavesAndRequeues(string mpi)
    {
        using Job job = SubmitGated("--mpi", mpi);
        string[] words = job.Advice("scancel").Split(' ');
        Slurm.Run(words[0], words[1..(Array.IndexOf(words, job.Id) + 1)]);
        Slurm.WaitFor(() => Slurm.Field(job.Id, "Restarts") == "1", "the restart");
        job.OpenGate();
        Assert.True(Slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        job.AssertResults(GatedTasks);
        Assert.Contains("restart 1", job.Text);
        Assert.Equal(GatedTasks, job.Log.Count(l => l[0] == "f"));
    }

    /// <summary>The signal comes from Slurm itself, which takes a minute: only at night.</summary>
    [Fact(Explicit = true)]
    public void TheTimeLimitOfSlurmSavesAndRequeues()
    {
        using Job job = SubmitGated("--mpi", "pmi2", "--time", "3");
        Slurm.WaitFor(() => Slurm.Field(job.Id, "Restarts") == "1", "the restart");
        job.OpenGate();
        Assert.True(Slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        job.AssertResults(GatedTasks);
        Assert.Equal(GatedTasks, job.Log.Count(l => l[0] == "f"));
    }

    [Fact]
    public void ACancelledJobSavesAndIsNotStartedAgain()
    {
        using Job job = SubmitGated("--mpi", "pmi2");
        Slurm.Run("scancel", job.Id);
        Assert.Equal("CANCELLED", Slurm.WaitForEnd(job.Id));
        Slurm.WaitFor(() => job.Log.Any(l => l[0] == "end"), "the end of the run");
        Assert.Contains(job.Log, l => l[0] == "end" && l[2] == "True");
        Assert.Equal("0", Slurm.Field(job.Id, "Restarts"));
    }

    [Fact]
    public void APreemptedJobGoesOnLater()
    {
        using Job job = SubmitGated("--mpi", "pmi2");
        string urgent = Slurm.Run("sbatch", "--parsable", "-p", "urgent", "-n", "2", "-o", "/dev/null", "--wrap", "sleep 0.5");
        Assert.Equal("COMPLETED", Slurm.WaitForEnd(urgent));
        job.OpenGate();
        Assert.True(Slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        Assert.Equal("1", Slurm.Field(job.Id, "Restarts"));
        job.AssertResults(GatedTasks);
        Assert.Equal(GatedTasks, job.Log.Count(l => l[0] == "f"));
    }

    /// <summary>A lock that a job of another host left, of the whole run or of its share, holds as long as Slurm says that the job is there.</summary>
    [Theory]
    [InlineData("lock")]
    [InlineData("lock.3")]
    public void TheLockOfAJobIsStaleWhenTheJobIsOver(string name)
    {
        Slurm.Require();
        using var folder = new TemporaryFolder();
        string job = Slurm.Run("sbatch", "--parsable", "-o", "/dev/null", "--hold", "--wrap", "true");
        File.WriteAllText(folder[name], $$"""{"host":"elsewhere","pid":7,"job":"{{job}}"}""");
        ProcessResult held = RunningProcess.Run(Environment.ProcessPath!, ["--rank", "lock", folder.Path], Slurm.Environment);
        Assert.True(held.ExitCode == Ranks.TestRank.Refused, held.ToString());
        Assert.Contains($"process 7 on elsewhere, Slurm job {job}", held.Error);
        Assert.Contains($"delete '{folder[name]}'", held.Error);

        Slurm.Run("scontrol", "release", job);
        Slurm.WaitForEnd(job);
        ProcessResult over = RunningProcess.Run(Environment.ProcessPath!, ["--rank", "lock", folder.Path], Slurm.Environment);
        Assert.True(over.ExitCode == Ranks.TestRank.Done, over.ToString());
    }

    [Fact]
    public void LocalRunsUseWhatIsThere()
    {
        MpiInstallation.Require(MpiInstallation.OpenMpi.Launcher);
        using var folder = new TemporaryFolder();
        ProcessResult result = Cluster(folder, 12, 10, "", "--local", "2");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(12, Directory.GetFiles(folder["out"], "log.*.txt").SelectMany(File.ReadAllLines).Count(l => l.StartsWith("f ")));
    }

    [Theory]
    [InlineData("--nodes 0", "at least 1")]
    [InlineData("--nodes", "needs a value")]
    [InlineData("--mpi lam", "must be pmix, pmi2, openmpi or mpich")]
    [InlineData("--node 3", "unknown option --node")]
    [InlineData("other.json", "two specs")]
    public void WrongOptionsAreExplained(string options, string message)
    {
        using var folder = new TemporaryFolder();
        ProcessResult result = Cluster(folder, 1, 1, "", options.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error);
    }

    [Fact]
    public void DryRunPrintsTheScriptAndDoesNothing()
    {
        using var folder = new TemporaryFolder();
        ProcessResult result = Cluster(
            folder, 1, 1, "", "model.dimension=20", "--nodes", "3", "--ntasks-per-node", "4", "--cpus-per-task", "5", "--gpus-per-task", "1",
            "--time", "2:00:00", "--partition", "gpu", "--requeue", "--mpi", "pmix", "--dry-run");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.All(
            [
                "#SBATCH --nodes=3", "#SBATCH --ntasks-per-node=4", "#SBATCH --cpus-per-task=5", "#SBATCH --gpus-per-task=1",
                "#SBATCH --time=2:00:00", "#SBATCH --partition=gpu", "#SBATCH --requeue", "#SBATCH --signal=USR2@120",
                "srun -K --mpi=pmix", "model.dimension=20 --out", "--threads 5",
            ],
            line => Assert.Contains(line, result.Output));
        Assert.False(Directory.Exists(folder["out"]));
    }
}
