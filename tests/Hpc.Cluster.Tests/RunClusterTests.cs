using Hpc.Cluster.Tests.Launching;

namespace Hpc.Cluster.Tests;

/// <summary>run-cluster.sh on a real Slurm; the program that it starts is a rank of these tests.</summary>
[Collection("Slurm")]
public sealed class RunClusterTests(SlurmCluster slurm) : IClassFixture<SlurmCluster>
{
    private const int GatedTasks = 30;

    private static readonly string Script = Path.Combine(Root(), "run-cluster.sh");

    [Theory]
    [InlineData("pmix")]
    [InlineData("pmi2")]
    [InlineData("openmpi")]
    [InlineData("mpich")]
    public void RanksStartInEveryWay(string mpi)
    {
        MpiInstallation.Require(mpi is "pmix" or "openmpi" ? MpiInstallation.OpenMpi.Launcher : MpiInstallation.Mpich.Launcher);
        using Job job = Submit(tasks: 20, milliseconds: 20, "", "--ntasks-per-node", "2", "--mpi", mpi);
        Assert.True(slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        job.AssertResults(20);
        Assert.Equal(["0", "1"], job.Log.Where(l => l[0] == "b").Select(l => l[2]).Distinct().Order());
        Assert.Equal("COMPLETED", slurm.WaitForEnd(job.Merge));
    }

    [Fact]
    public void AnArraySharesTheTasks()
    {
        using Job job = Submit(tasks: 20, milliseconds: 1, "", "--array", "3");
        slurm.WaitForEnd(job.Merge);
        job.AssertResults(20);
        Assert.Equal(20, job.Log.Count(l => l[0] == "b"));
        Assert.Equal(3, job.Log.Count(l => l[0] == "start"));
    }

    /// <summary>The signal that Slurm sends before the time limit, here by hand: saved, requeued, gone on, done.</summary>
    [Theory]
    [InlineData("pmi2")]
    [InlineData("openmpi")]
    [InlineData("mpich")]
    public void TheTimeLimitSavesAndRequeues(string mpi)
    {
        using Job job = SubmitGated("--mpi", mpi);
        slurm.Run("scancel", [.. mpi == "pmi2" ? Array.Empty<string>() : ["--batch"], "--signal=USR2", job.Id]);
        slurm.WaitFor(() => slurm.Field(job.Id, "Restarts") == "1", "the restart");
        job.OpenGate();
        Assert.True(slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        job.AssertResults(GatedTasks);
        Assert.Contains("restart 1", job.Text);
        Assert.Equal(GatedTasks, job.Log.Count(l => l[0] == "f"));
    }

    [Fact]
    public void ACancelledJobSavesAndIsNotStartedAgain()
    {
        using Job job = SubmitGated("--mpi", "pmi2");
        slurm.Run("scancel", job.Id);
        Assert.Equal("CANCELLED", slurm.WaitForEnd(job.Id));
        slurm.WaitFor(() => job.Log.Any(l => l[0] == "end"), "the end of the run");
        Assert.Contains(job.Log, l => l[0] == "end" && l[2] == "True");
        Assert.Equal("0", slurm.Field(job.Id, "Restarts"));
    }

    [Fact]
    public void APreemptedJobGoesOnLater()
    {
        using Job job = SubmitGated("--mpi", "pmi2");
        string urgent = slurm.Run("sbatch", "--parsable", "-p", "urgent", "-n", "2", "-o", "/dev/null", "--wrap", "sleep 0.5");
        Assert.Equal("COMPLETED", slurm.WaitForEnd(urgent));
        job.OpenGate();
        Assert.True(slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        Assert.Equal("1", slurm.Field(job.Id, "Restarts"));
        job.AssertResults(GatedTasks);
        Assert.Equal(GatedTasks, job.Log.Count(l => l[0] == "f"));
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

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "run-cluster.sh")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    /// <summary>Calls the script with a program that takes the place of hpc.</summary>
    private ProcessResult Cluster(TemporaryFolder folder, int tasks, int milliseconds, string rank, params string[] options)
    {
        File.WriteAllText(folder["spec.json"], "{}");
        File.WriteAllText(folder["hpc"], $"""
            #!/usr/bin/env bash
            verb=$1
            case $verb in
              run)
                while [ "$1" != --out ]; do shift; done
                mkdir -p "$2"
                exec '{Environment.ProcessPath}' --rank tasks "$2" {tasks} {milliseconds} {rank}
                ;;
              *) echo "$verb" ;;
            esac

            """);
        File.SetUnixFileMode(folder["hpc"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return RunningProcess.Run(
            Script, [folder["spec.json"], "--out", folder["out"], .. options], new Dictionary<string, string>(slurm.Environment) { ["HPC"] = folder["hpc"] });
    }

    /// <summary>A run on two ranks that stands still when two thirds of its tasks are done.</summary>
    private Job SubmitGated(params string[] options)
    {
        Job job = Submit(GatedTasks, 5, "gate", [.. options, "--ntasks-per-node", "2", "--requeue"]);
        slurm.WaitFor(() => job.Log.Count(l => l[0] == "f") == 2 * GatedTasks / 3, $"results: {job.Text}");
        return job;
    }

    private Job Submit(int tasks, int milliseconds, string rank, params string[] options)
    {
        slurm.Require();
        var folder = new TemporaryFolder();
        ProcessResult result = Cluster(folder, tasks, milliseconds, rank, options);
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] words = result.Output.Split('\n')[0].Split(' ', ',');
        return new Job(folder, words[1], words[^1]);
    }

    /// <param name="folder">Of the spec and the results.</param>
    /// <param name="id">Its number.</param>
    /// <param name="merge">Number of the job that merges.</param>
    private sealed class Job(TemporaryFolder folder, string id, string merge) : IDisposable
    {
        public string Id => id;

        public string Merge => merge;

        public string Text => string.Join('\n', Directory.GetFiles(folder["out"], "slurm-*.log").Select(File.ReadAllText));

        public List<string[]> Log => !Directory.Exists(folder["out"])
            ? []
            : [.. Directory.GetFiles(folder["out"], "log.*.txt").SelectMany(File.ReadAllLines).Select(line => line.Split(' '))];

        public void OpenGate() => File.WriteAllText(folder["out/go"], "");

        public void AssertResults(int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.True(File.Exists(folder[$"out/{i}.txt"]), $"no result {i}\n{Text}");
                Assert.Equal($"{(long)i * i}", File.ReadAllText(folder[$"out/{i}.txt"]));
            }
        }

        public void Dispose() => folder.Dispose();
    }
}
