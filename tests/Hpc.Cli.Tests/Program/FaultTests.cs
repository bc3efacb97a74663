using System.Diagnostics;
using System.Text.Json.Nodes;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

/// <summary>What goes wrong on clusters, done to the real program on purpose.</summary>
public class FaultTests
{
    private const int Seeds = 40;

    private static readonly string[] Tasks =
        ["model.features=150", "model.samples=200", $"seeds.count={Seeds}", "descent.testSamples=500", "descent.records=10", "--threads", "1", "--eigensolver", "managed"];

    /// <summary>HPC_TEST_KILLS sets how many random moments are tried.</summary>
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("HPC_TEST_KILLS"), out int kills) ? kills : 2;

    /// <summary>
    /// A random rank is killed at a random moment, from before it is up until it merges; another run goes on with what is left. What has a
    /// result keeps it, byte by byte, nothing is done twice, every file that is there can be read, and in the end all is as if nothing had happened.
    /// </summary>
    [Fact]
    public void Killed_ranks_lose_double_and_damage_nothing()
    {
        const string Launcher = "/usr/bin/mpirun.openmpi";
        Assert.SkipUnless(File.Exists(Launcher) || Environment.GetEnvironmentVariable("CI") == "true", $"{Launcher} is not installed");
        int seed = Environment.TickCount;
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        using var work = new Workspace();
        string whole = Path.Combine(work.Folder, "whole"), shards = Path.Combine(work.Out, "shards");
        Assert.Equal(0, HpcProcess.Run(["run", work.Spec, "--out", whole, .. Tasks]).ExitCode);
        Dictionary<string, byte[]> seen = [];
        for (int kill = 0, runs = 0; kill < Kills; runs++)
        {
            Assert.True(runs < 10 * Kills + 10, "most runs end before they are killed");
            int ranks = 2 + kill % 2;
            using Process process = HpcProcess.StartUnder(
                Launcher, ["--oversubscribe", "--bind-to", "none", "-n", $"{ranks}"], ["run", work.Spec, "--out", work.Out, .. Tasks]);
            for (var clock = Stopwatch.StartNew(); HpcProcess.Ranks(work.Out).Length < ranks && !process.HasExited; Thread.Sleep(5))
            {
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "the ranks do not come up");
            }

            Thread.Sleep(random.Next(2500));
            int[] alive = HpcProcess.Ranks(work.Out);
            if (alive.Length > 0)
            {
                HpcProcess.Kill(alive[random.Next(alive.Length)]);
            }

            HpcProcess.Ended ended = HpcProcess.WaitFor(process);
            Assert.True(SpinWait.SpinUntil(() => HpcProcess.Ranks(work.Out).Length == 0, TimeSpan.FromMinutes(1)), "ranks are left");
            kill += ended.ExitCode == 0 ? 0 : 1;
            foreach (string file in Directory.Exists(shards) ? Directory.GetFiles(shards, "*.h5") : [])
            {
                byte[] content = File.ReadAllBytes(file);
                Assert.True(seen.TryAdd(file, content) || content.AsSpan().SequenceEqual(seen[file]), $"{file} was written twice");
                ResultFile.Read(file);
            }

            Assert.All(seen.Keys, file => Assert.True(File.Exists(file), $"{file} was lost"));
            if (File.Exists(work.Merged))
            {
                ResultFile.Read(work.Merged);
                AssertSame(whole, work.Out);
                Directory.Delete(work.Out, recursive: true);
                seen.Clear();
            }
        }

        HpcProcess.Ended last = HpcProcess.Run(["run", work.Spec, "--out", work.Out, .. Tasks]);
        Assert.True(last.ExitCode == 0, last.Error);
        AssertSame(whole, work.Out);
        Assert.All(seen, pair => Assert.Equal(pair.Value, File.ReadAllBytes(pair.Key)));
        Assert.Equal(Seeds, Directory.GetFiles(shards, "*.h5").Length);
        Assert.All(Done(work.Out).GroupBy(task => task), group => Assert.Single(group));
    }

    [Fact]
    public void A_full_disk_is_said_and_with_more_room_the_next_run_completes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small file system needs root");
        using var work = new Workspace();
        string disk = Path.Combine(work.Folder, "disk"), output = Path.Combine(disk, "out");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(Shell("mount", "-t", "tmpfs", "-o", "size=260k", "tmpfs", disk), "a tmpfs cannot be mounted here");
        try
        {
            string[] tasks = ["seeds.count=20", "--threads", "1"];
            HpcProcess.Ended full = HpcProcess.Run(["run", work.Spec, "--out", output, .. tasks]);
            Assert.True(full.ExitCode == 1, full.ToString());
            Assert.Contains("No space left on device", full.Error);
            int done = Directory.GetFiles(Path.Combine(output, "shards"), "*.h5").Length;
            Assert.InRange(done, 1, 19);
            Assert.All(Directory.GetFiles(Path.Combine(output, "shards"), "*.h5"), file => ResultFile.Read(file));

            Assert.True(Shell("mount", "-o", "remount,size=64m", disk));
            HpcProcess.Ended next = HpcProcess.Run(["run", work.Spec, "--out", output, .. tasks]);
            Assert.True(next.ExitCode == 0, next.ToString());
            Assert.Contains($"{done} of 20 tasks were done before", next.Error);
            Assert.Equal(20, ResultFile.Read(Path.Combine(output, "small.h5"))["seed"].Shape[0]);
        }
        finally
        {
            Shell("umount", disk);
        }
    }

    /// <summary>While one run holds the folder another is refused, names it and touches nothing; afterwards it may.</summary>
    [Fact]
    public void Two_runs_in_one_folder_are_one_too_many()
    {
        using var work = new Workspace();
        string[] tasks = ["model.features=400", "model.samples=400", "seeds.count=30", "--threads", "1"];
        using Process first = HpcProcess.StartNice(["run", work.Spec, "--out", work.Out, .. tasks]);
        string log = Path.Combine(work.Out, "log.jsonl");
        for (var clock = Stopwatch.StartNew(); !File.Exists(log); Thread.Sleep(5))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2) && !first.HasExited, "the first run does not begin");
        }

        HpcProcess.Ended second = HpcProcess.Run(["run", work.Spec, "--out", work.Out, .. tasks]);
        Assert.False(first.HasExited, "the first run ended too soon");
        Assert.Equal(2, second.ExitCode);
        Assert.Contains($"is in use by process {first.Id} on {Environment.MachineName}", second.Error);
        HpcProcess.Kill(first.Id);
        first.WaitForExit();
        Assert.Single(File.ReadLines(log), line => line.Contains("\"event\":\"run\""));
        Assert.Equal(0, HpcProcess.Run("status", work.Out).ExitCode);
    }

    [Fact]
    public void A_shard_that_is_cut_short_is_computed_again()
    {
        using var work = new Workspace();
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        double[] losses = ResultFile.Read(work.Merged)["test_loss"].Doubles;
        string[] shards = Directory.GetFiles(Path.Combine(work.Out, "shards"), "*.h5");
        File.WriteAllBytes(shards[0], File.ReadAllBytes(shards[0])[..1000]);
        File.WriteAllBytes(shards[1], []);
        HpcProcess.Ended again = HpcProcess.Run("run", work.Spec, "--out", work.Out);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Contains("1 of 3 tasks were done before", again.Error);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(work.Out, "shards"), "*.damaged").Length);
        Assert.All(losses.Zip(ResultFile.Read(work.Merged)["test_loss"].Doubles), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    /// <summary>Each process would be a run of its own: refused with the reason, before anything is written.</summary>
    [Fact]
    public void A_library_of_another_launcher_is_refused()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mpirun.openmpi") && File.Exists("/usr/bin/mpirun.mpich"), "needs Open MPI and MPICH");
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.RunUnder(
            "/usr/bin/mpirun.mpich", ["-genv", "HPC_MPI_LIBRARY", "libmpi.so.40", "-n", "2"], "run", work.Spec, "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("started 2 processes", run.Error);
        Assert.False(Directory.Exists(work.Out));
    }

    private static List<string> Done(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "log.jsonl")).Select(line => JsonNode.Parse(line)!).Where(e => (string)e["event"]! == "done").Select(e => (string)e["task"]!)];

    private static void AssertSame(string expected, string actual)
    {
        ResultGroup one = ResultFile.Read(Path.Combine(expected, "small.h5")), other = ResultFile.Read(Path.Combine(actual, "small.h5"));
        Assert.All((string[])["eigenvalues", "train_loss", "test_loss", "score_error"], name => Assert.Equal(one[name].Doubles, other[name].Doubles));
    }

    private static bool Shell(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
