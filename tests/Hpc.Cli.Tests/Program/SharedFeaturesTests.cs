using System.Diagnostics;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

/// <summary>The program under real launchers, all ranks on one task: results are those of one process to 10⁻¹².</summary>
public class SharedFeaturesTests
{
    private static readonly string[] Fresh =
        ["descent.dynamics=fresh-noise", "descent.epochs=200", "descent.records=8", "descent.learningRate=0.002", "seeds.count=2", "spectrum=null", "--precision", "double"];

    private static readonly string[] Sampled =
        ["spectrum.method=lanczos", "spectrum.covariance=sampled", "spectrum.probes=3", "spectrum.steps=10", "spectrum.largest=3", "spectrum.block=2", "descent.epochs=2000", "descent.records=6", "seeds.count=1"];

    /// <summary>Shares of 1344 and 1345, or 896 and 897 features: tiles of M samples must be of one size all the same.</summary>
    private static readonly string[] Uneven = ["model.features=2689", "model.samples=500", "descent=null", "seeds.count=1", .. Sampled[..6]];

    private static readonly string[] Exact = [.. Sampled[..1], "spectrum.covariance=exact", .. Sampled[2..]];

    // Without centroids the mean features of tanh vanish, and there is no overlap.
    private static readonly string[] Equivalent =
        ["model.centroidGram=[[1,0.3],[0.3,1]]", .. Sampled[..1], "spectrum.covariance=equivalent", .. Sampled[2..], "speciation={\"times\":{\"from\":0.2,\"to\":0.8,\"count\":2},\"method\":\"lanczos\",\"lossSamples\":100}"];

    [Theory]
    [InlineData("openmpi", 2, "fresh")]
    [InlineData("openmpi", 3, "sampled")]
    [InlineData("mpich", 2, "exact")]
    [InlineData("mpich", 3, "fresh")]
    [InlineData("openmpi", 2, "equivalent")]
    [InlineData("openmpi", 2, "uneven")]
    public void Results_are_those_of_one_process(string name, int ranks, string what)
    {
        (string[] options, string[] datasets) = what == "fresh"
            ? (Fresh, (string[])["train_loss", "test_loss", "score_error"])
            : what == "uneven" ? (Uneven, ["largest_eigenvalues"])
            : (what == "sampled" ? Sampled : what == "equivalent" ? Equivalent : Exact, ["train_loss", "test_loss", "test_loss_sampled", "largest_eigenvalues", .. what == "equivalent" ? (string[])["rms_overlap"] : []]);
        using var work = new Workspace();
        string other = Path.Combine(work.Folder, "ranks");
        HpcProcess.Ended alone = HpcProcess.Run(["run", work.Spec, "--out", work.Out, "--threads", "1", .. options]);
        Assert.True(alone.ExitCode == 0, alone.Error);
        HpcProcess.Ended run = Launch(name, ranks, ["run", work.Spec, "shard=features", "--out", other, "--threads", "1", .. options]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"its features on {ranks} ranks", run.Error);

        // The same tasks by the same names: how ranks divide the work is no physics.
        Assert.Equal(Shards(work.Out), Shards(other));
        ResultGroup one = ResultFile.Read(work.Merged), many = ResultFile.Read(Path.Combine(other, "small.h5"));
        foreach (string dataset in datasets)
        {
            Assert.All(one[dataset].Doubles.Zip(many[dataset].Doubles), p => Assert.Equal(p.First, p.Second, 1e-12 * Math.Abs(p.First)));
        }
    }

    /// <summary>A rank is killed; the next run goes on from the last epoch that all ranks have, and ends with the bits of an undisturbed one.</summary>
    [Fact]
    public void A_run_whose_rank_is_killed_goes_on_from_the_checkpoints_of_all()
    {
        using var work = new Workspace();
        string whole = Path.Combine(work.Folder, "whole"), checkpoints = Path.Combine(work.Out, "checkpoints");
        string[] options = ["shard=features", "--threads", "1", .. Fresh[..1], "descent.epochs=20000", .. Fresh[2..4], "seeds.count=1", .. Fresh[5..], "--checkpoint", "0:00:00.01"];
        HpcProcess.Ended undisturbed = Launch("openmpi", 2, ["run", work.Spec, "--out", whole, .. options]);
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);
        // Nice, so that this process sees the checkpoint in time on a machine that is busy.
        using (Process process = HpcProcess.StartUnder("nice", ["-n", "19", "/usr/bin/mpirun.openmpi", .. LauncherArguments("openmpi", 2)], ["run", work.Spec, "--out", work.Out, .. options]))
        {
            for (var clock = Stopwatch.StartNew(); !Directory.Exists(checkpoints) || Directory.GetFiles(checkpoints, "*of2.h5").Length < 2; Thread.Sleep(2))
            {
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2) && !process.HasExited, "no checkpoint while it ran");
            }

            HpcProcess.KillOneRank(work.Out);
            Assert.NotEqual(0, HpcProcess.WaitFor(process).ExitCode);
        }

        HpcProcess.Ended next = Launch("openmpi", 2, ["run", work.Spec, "--out", work.Out, .. options]);
        Assert.True(next.ExitCode == 0, next.Error);
        Assert.True(next.Error.Contains("going on from epoch"), next.Error);
        Assert.Empty(Directory.GetFiles(checkpoints));
        Assert.Equal(ResultFile.Read(Path.Combine(whole, "small.h5"))["train_loss"].Doubles, ResultFile.Read(work.Merged)["train_loss"].Doubles);
    }

    [Fact]
    public void What_cannot_be_shared_is_refused()
    {
        using var work = new Workspace();
        HpcProcess.Ended dense = Launch("openmpi", 2, ["run", work.Spec, "shard=features", "--out", work.Out]);
        Assert.Equal(2, dense.ExitCode);
        Assert.Contains("the dense method keeps its matrices in one process", dense.Error);
        HpcProcess.Ended speciation = Launch(
            "openmpi", 2, ["run", work.Spec, "shard=features", "spectrum=null", "descent=null", "speciation={\"times\":{\"from\":0.2,\"to\":0.8,\"count\":2}}", "--out", work.Out]);
        Assert.Equal(2, speciation.ExitCode);
        Assert.Contains("use speciation.method=lanczos", speciation.Error);
        HpcProcess.Ended unknown = HpcProcess.Run("run", work.Spec, "shard=samples", "--out", work.Out);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("auto, seeds, features", unknown.Error);
    }

    [Fact]
    public void The_plan_shows_the_memory_of_each_rank()
    {
        using var work = new Workspace();
        string[] large = ["model.features=100000", "model.dimension=1000", "model.samples=100000", "descent.dynamics=fresh-noise", "spectrum=null"];
        HpcProcess.Ended plan = HpcProcess.Run(["plan", work.Spec, .. large, "--ranks", "10"]);
        Assert.True(plan.ExitCode == 0, plan.Error);
        string[] lines = plan.Output.Split('\n');
        double Memory(int from) => double.Parse(lines.Skip(from).First(l => l.Contains(" GB") && l.StartsWith("dense")).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        int shared = Array.FindIndex(lines, l => l.StartsWith("shard=features, each of 10 ranks"));
        Assert.True(shared > 0, plan.Output);
        Assert.InRange(Memory(0) / Memory(shared), 2, 10);
    }

    private static string[] Shards(string folder) => [.. Directory.GetFiles(Path.Combine(folder, "shards"), "*.h5").Select(f => Path.GetFileName(f)).Order()];

    private static string[] LauncherArguments(string name, int ranks) => [.. name == "openmpi" ? (string[])["--oversubscribe", "--bind-to", "none"] : [], "-n", $"{ranks}"];

    private static HpcProcess.Ended Launch(string name, int ranks, string[] arguments)
    {
        string launcher = $"/usr/bin/mpirun.{name}";
        Assert.SkipUnless(File.Exists(launcher) || Environment.GetEnvironmentVariable("CI") == "true", $"{launcher} is not installed");
        return HpcProcess.RunUnder(launcher, LauncherArguments(name, ranks), arguments);
    }
}
