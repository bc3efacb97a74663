using System.Reflection;
using System.Text.Json.Nodes;
using Hpc.Cluster.Tests.Launching;
using Hpc.Results;

namespace Hpc.Cluster.Tests;

/// <summary>
/// The program itself under run-cluster.sh on a real Slurm: started in every way, stopped in every way, and in the end with the results
/// of one process that nothing disturbed.
/// </summary>
[Collection("Slurm")]
public sealed class ProgramOnSlurmTests(OneNode slurm) : ClusterJobs(slurm), IClassFixture<OneNode>
{
    private const int Seeds = 2;

    private static readonly string Program =
        typeof(ProgramOnSlurmTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Program").Value!;

    /// <summary>Descent with fresh noise, long enough to be stopped on its way.</summary>
    private static readonly string Spec = $$"""
        { "schema": 1, "name": "descent",
          "model": { "dimension": 12, "features": 60, "samples": 300, "classes": [ { "weight": 1, "variance": 0.5 } ] },
          "diffusionTime": 0.05, "seeds": { "first": 0, "count": {{Seeds}} },
          "descent": { "dynamics": "fresh-noise", "learningRate": 0.002, "epochs": 100000, "records": 8, "testSamples": 200 } }
        """;

    private static readonly string Run = $"""
        if [ "$1" = run ]; then set -- "$@" --precision double --checkpoint 0:00:00.05; fi
        exec dotnet '{Program}' "$@"
        """;

    private static readonly Lazy<double[]> Undisturbed = new(() =>
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["spec.json"], Spec);
        ProcessResult run = RunningProcess.Run(
            "dotnet", [Program, "run", folder["spec.json"], "--out", folder["out"], "--precision", "double", "--threads", "2"]);
        Assert.True(run.ExitCode == 0, run.ToString());
        return Losses(folder);
    });

    [Fact]
    public void MpirunInAJobDividesTheFeatures()
    {
        using var folder = new TemporaryFolder();
        using Job job = Submit(folder, "shard=features", "--ntasks-per-node", "2", "--mpi", "mpich");
        AssertComplete(job, folder, tolerance: 1e-12);
        Assert.Contains("its features on 2 ranks", job.Text);
    }

    /// <summary>The signal that comes before the time limit, sent by hand.</summary>
    [Theory]
    [InlineData("pmix")]
    [InlineData("openmpi")]
    public void ASignalBeforeTheTimeLimitSavesAndRequeues(string mpi)
    {
        using var folder = new TemporaryFolder();
        using Job job = Submit(folder, "--ntasks-per-node", "2", "--mpi", mpi, "--requeue");
        WaitForCheckpoints(job, folder);
        Slurm.Run("scancel", [.. mpi == "pmix" ? Array.Empty<string>() : ["--batch"], "--signal=USR2", job.Id]);
        AssertGoesOn(job, folder);
    }

    [Fact]
    public void APreemptedRunGoesOnFromItsCheckpoints()
    {
        using var folder = new TemporaryFolder();
        using Job job = Submit(folder, "--ntasks-per-node", "2", "--mpi", "pmi2", "--requeue");
        WaitForCheckpoints(job, folder);
        string urgent = Slurm.Run("sbatch", "--parsable", "-p", "urgent", "-n", "2", "-o", "/dev/null", "--wrap", "true");
        Assert.Equal("COMPLETED", Slurm.WaitForEnd(urgent));
        AssertGoesOn(job, folder);
    }

    [Fact]
    public void ACancelledRunIsGoneOnWithByTheNextJob()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["--ntasks-per-node", "2", "--mpi", "pmi2"];
        Job job = Submit(folder, options);
        WaitForCheckpoints(job, folder);
        Slurm.Run("scancel", job.Id, job.Merge);
        Assert.Equal("CANCELLED", Slurm.WaitForEnd(job.Id));
        Slurm.WaitFor(() => Entries(folder, "log.jsonl").Any(e => (string?)e["event"] == "stopped"), "the end of the run");
        Assert.Empty(Directory.Exists(folder["out/shards"]) ? Directory.GetFiles(folder["out/shards"]) : []);
        Slurm.WaitFor(() => !File.Exists(folder["out/lock"]), "the lock to be given back");

        using Job next = Submit(folder, options);
        AssertComplete(next, folder, tolerance: 0);
        Assert.Contains("going on from epoch", next.Text);
    }

    /// <summary>Jobs of an array have a share of the tasks and a log of their own each; the state of all is told while they run.</summary>
    [Fact]
    public void AnArraySharesTheTasksAndTellsOfAllJobs()
    {
        using var folder = new TemporaryFolder();
        using Job job = Submit(folder, "--array", "2");
        Slurm.WaitFor(() => Enumerable.Range(0, 2).All(i => Entries(folder, $"log.{i}.jsonl").Any(e => (string?)e["event"] == "begin")), $"both jobs: {job.Text}");
        string status = Slurm.Run("dotnet", Program, "status", folder["out"]);
        Assert.Contains("; job 0 of the array: process ", status);
        Assert.Contains("; job 1 of the array: process ", status);
        Assert.Contains($"2 tasks: 0 done, 2 running", status);
        Assert.Contains("these 2 jobs: 0 of 2 tasks done", status);

        Assert.Equal("COMPLETED", Slurm.WaitForEnd(job.Merge));
        AssertResults(folder, tolerance: 0);
        Assert.False(File.Exists(folder["out/log.jsonl"]));
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(["run", "begin", "done"], Entries(folder, $"log.{i}.jsonl").Select(e => (string?)e["event"]));
        }
    }

    private static double[] Losses(TemporaryFolder folder)
    {
        ResultGroup merged = ResultFile.Read(folder["out/descent.h5"]);
        return [.. ((string[])["train_loss", "test_loss", "score_error"]).SelectMany(name => merged[name].Doubles)];
    }

    private static JsonObject[] Entries(TemporaryFolder folder, string log)
    {
        if (!File.Exists(folder[$"out/{log}"]))
        {
            return [];
        }

        // The last line may be on its way.
        string text = File.ReadAllText(folder[$"out/{log}"]);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (JsonObject)JsonNode.Parse(line)!)];
    }

    private static void AssertResults(TemporaryFolder folder, double tolerance)
    {
        double[] expected = Undisturbed.Value, actual = Losses(folder);
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, tolerance * Math.Abs(p.First)));
        Assert.Equal(Seeds, Directory.GetFiles(folder["out/shards"], "*.h5").Length);
        Assert.Empty(Directory.GetFiles(folder["out/checkpoints"]));
    }

    private Job Submit(TemporaryFolder folder, params string[] options)
    {
        Slurm.Require();
        return Submitted(folder, Call(folder, Spec, Run, options));
    }

    private void WaitForCheckpoints(Job job, TemporaryFolder folder) => Slurm.WaitFor(
        () => Directory.Exists(folder["out/checkpoints"])
            && Directory.GetFiles(folder["out/checkpoints"], "*.h5").Select(f => Path.GetFileName(f).Split('.')[0]).Distinct().Count() == Seeds,
        $"checkpoints of both ranks: {job.Text}");

    private void AssertGoesOn(Job job, TemporaryFolder folder)
    {
        Slurm.WaitFor(() => Slurm.Field(job.Id, "Restarts") == "1", $"the restart: {job.Text}");
        AssertComplete(job, folder, tolerance: 0);
        Assert.Contains("stopped; run again to go on", job.Text);
        Assert.Contains("restart 1", job.Text);
        Assert.Equal(Seeds, job.Text.Split("going on from epoch").Length - 1);
        Assert.Equal(Seeds, Entries(folder, "log.jsonl").Where(e => (string?)e["event"] == "done").Select(e => (string?)e["task"]).Distinct().Count());
    }

    private void AssertComplete(Job job, TemporaryFolder folder, double tolerance)
    {
        Assert.True(Slurm.WaitForEnd(job.Id) == "COMPLETED", job.Text);
        Assert.Equal("COMPLETED", Slurm.WaitForEnd(job.Merge));
        AssertResults(folder, tolerance);
    }
}
