using Hpc.Cluster.Tests.Launching;
using Hpc.Cluster.Tests.Ranks;

namespace Hpc.Cluster.Tests;

/// <summary>The scheduler on real ranks that are killed, stopped and made to hang.</summary>
[Collection("launchers")]
public sealed class MpiSchedulerTests
{
    private const int Count = 40;

    public static TheoryData<MpiInstallation> Installations => MpiCommunicatorTests.Installations;

    /// <summary>Random moments that are tried per MPI: as many as HPC_TEST_KILLS says, else 100 for both in continuous integration and a few elsewhere.</summary>
    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("HPC_TEST_KILLS"), out int kills) ? kills
        : Environment.GetEnvironmentVariable("CI") == "true" ? 50 : 3;

    [Theory]
    [MemberData(nameof(Installations))]
    public void AllRanksWorkAndAFailedTaskCostsOnlyItself(MpiInstallation mpi)
    {
        using var folder = new TemporaryFolder();
        ProcessResult result = mpi.Run(4, ["tasks", folder.Path, $"{Count}", "10", "fail=17", "together"]);
        Assert.True(result.ExitCode == TestRank.Wrong, result.ToString());
        List<string[]> log = Log(folder);
        Assert.Equal(Enumerable.Range(0, Count), log.Where(l => l[0] == "b").Select(l => int.Parse(l[1])).Order());
        Assert.Equal(["0", "1", "2", "3"], log.Where(l => l[0] == "b").Select(l => l[2]).Distinct().Order());
        Assert.Equal(Count, log.Count(l => l[0] == "e"));
        Assert.Equal("task 17 fails on purpose", string.Join(' ', log.Single(l => l[0] == "e" && l[1] == "17")[3..]));

        ProcessResult again = mpi.Run(2, ["tasks", folder.Path, $"{Count}", "10"]);
        Assert.True(again.ExitCode == TestRank.Done, again.ToString());
        AssertResults(folder);
        Assert.Equal(Count + 1, Log(folder).Count(l => l[0] == "b"));
    }

    /// <summary>
    /// A random rank is killed at a random moment, the run is started again on what it left, and so on. Launchers must end the other
    /// ranks; what has a result is never begun again; in the end every result is there. The gate keeps the run from ending by itself.
    /// </summary>
    [Theory]
    [MemberData(nameof(Installations))]
    public void KilledRanksCostOnlyWhatWasAtWork(MpiInstallation mpi)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        using var folder = new TemporaryFolder();
        int count = 10 * Kills;
        for (int kill = 0; kill < Kills; kill++)
        {
            int starts = Log(folder).Count(l => l[0] == "start");
            using RunningProcess running = mpi.Start(kill % 10 == 9 ? 4 : 2, ["tasks", folder.Path, $"{count}", "30", "gate"]);
            running.WaitFor(() => Log(folder).Count(l => l[0] == "start") > starts);
            Thread.Sleep(random.Next(300));
            int[] ranks = Ranks(folder);
            RunningProcess.Run("kill", ["-KILL", $"{ranks[random.Next(ranks.Length)]}"]);
            ProcessResult result = running.Wait();
            Assert.True(result.ExitCode != 0, result.ToString());
            Assert.True(SpinWait.SpinUntil(() => Ranks(folder).Length == 0, TimeSpan.FromSeconds(60)), "ranks are left");
        }

        ProcessResult last = mpi.Run(4, ["tasks", folder.Path, $"{count}", "1"]);
        Assert.True(last.ExitCode == TestRank.Done, last.ToString());
        AssertResults(folder, count);

        // Noted as finished after the result is in place: at most once each. A task that was killed between the two has no such note.
        List<string[]> log = Log(folder);
        Assert.True(log.Where(l => l[0] == "f").GroupBy(l => l[1]).All(g => g.Count() == 1));
        Assert.InRange(log.Count(l => l[0] == "b"), count, count + 4 * Kills);
    }

    [Theory]
    [MemberData(nameof(Installations))]
    public void ASignalStopsAndTheNextRunGoesOn(MpiInstallation mpi)
    {
        using var folder = new TemporaryFolder();
        int open = Enumerable.Range(0, Count).Count(i => i % 3 != 0);
        using (RunningProcess running = mpi.Start(2, ["tasks", folder.Path, $"{Count}", "5", "gate"]))
        {
            running.WaitFor(() => Log(folder).Count(l => l[0] == "f") == open);
            RunningProcess.Run("kill", ["-USR1", $"{Ranks(folder)[^1]}"]);
            ProcessResult result = running.Wait();
            Assert.True(result.ExitCode == TestRank.Stopped, result.ToString());
        }

        List<string[]> log = Log(folder);
        Assert.Equal(log.Count(l => l[0] == "b"), open + log.Count(l => l[0] == "c"));
        Assert.Equal([$"{open}", "True"], log.Single(l => l[0] == "end")[1..3]);

        File.WriteAllText(folder["go"], "");
        ProcessResult next = mpi.Run(2, ["tasks", folder.Path, $"{Count}", "1"]);
        Assert.True(next.ExitCode == TestRank.Done, next.ToString());
        AssertResults(folder);
        Assert.Equal(Count, Log(folder).Count(l => l[0] == "f"));
    }

    [Theory]
    [MemberData(nameof(Installations))]
    public void AHangingRankCostsOnlyItsTasks(MpiInstallation mpi)
    {
        using var folder = new TemporaryFolder();
        using RunningProcess running = mpi.Start(3, ["tasks", folder.Path, $"{Count}", "20", "timeout=5", "gate"]);
        running.WaitFor(() => Log(folder).Any(l => l[0] == "b" && l[2] == "2"));
        int hanging = PidOf(folder, rank: "2");
        RunningProcess.Run("kill", ["-STOP", $"{hanging}"]);
        File.WriteAllText(folder["go"], "");
        ProcessResult result = running.Wait();
        Assert.True(result.ExitCode != 0, result.ToString());
        AssertResults(folder);
        Assert.Contains(Log(folder), l => l[0] == "lost" && l[1..].Contains("2"));
    }

    private static void AssertResults(TemporaryFolder folder, int count = Count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Equal($"{(long)i * i}", File.ReadAllText(SquaringRun.ResultPath(folder.Path, i)));
        }
    }

    /// <summary>The lines of all ranks, in words.</summary>
    private static List<string[]> Log(TemporaryFolder folder) =>
        [.. Directory.GetFiles(folder.Path, "log.*.txt").SelectMany(File.ReadAllLines).Select(line => line.Split(' '))];

    /// <summary>The ranks that live and work on the folder.</summary>
    private static int[] Ranks(TemporaryFolder folder) =>
        [.. from path in Directory.GetDirectories("/proc")
            let name = Path.GetFileName(path)
            where int.TryParse(name, out _) && IsRank(name, folder.Path)
            select int.Parse(name)];

    private static bool IsRank(string pid, string folder)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0') is [var program, "--rank", "tasks", var path, ..]
                && program == Environment.ProcessPath && path == folder
                && File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1][0] != 'Z';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static int PidOf(TemporaryFolder folder, string rank) =>
        int.Parse(Path.GetFileName(Directory.GetFiles(folder.Path, "log.*.txt")
            .First(path => File.ReadAllLines(path).Any(line => line.StartsWith("b ") && line.EndsWith($" {rank}")))).Split('.')[1]);
}
