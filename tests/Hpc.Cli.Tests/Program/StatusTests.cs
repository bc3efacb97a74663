using System.Diagnostics;
using Hpc.Cli.Running;

namespace Hpc.Cli.Tests.Program;

public class StatusTests
{
    [Fact]
    public void The_log_tells_rate_time_left_and_the_slowest_of_the_last_run()
    {
        using var work = new Workspace();
        Assert.Null(RunLog.Read(work.Folder, [null]).Summary(DateTime.UtcNow, hash => hash));
        File.WriteAllLines(Path.Combine(work.Folder, "log.jsonl"),
        [
            """{"time":"2026-01-01T00:00:00Z","event":"run","tasks":9,"open":9,"ranks":1,"workers":1,"threads":1}""",
            """{"time":"2026-01-01T00:00:01Z","event":"begin","task":"old","point":0,"seed":0,"rank":0}""",
            """{"time":"2026-01-01T01:00:00Z","event":"run","tasks":9,"open":8,"ranks":4,"workers":1,"threads":1}""",
            """{"time":"2026-01-01T01:00:00Z","event":"begin","task":"a","point":0,"seed":0,"rank":1}""",
            """{"time":"2026-01-01T01:00:10Z","event":"begin","task":"b","point":0,"seed":1,"rank":3}""",
            """{"time":"2026-01-01T01:00:20Z","event":"done","task":"a","seconds":20,"rank":1,"error":null}""",
            """{"time":"2026-01-01T01:00:30Z","event":"failed","task":"c","seconds":9,"rank":2,"error":"x"}""",
            """{"time":"2026-01-01T01:00:31Z","event":"begin","ta""",
        ]);
        var log = RunLog.Read(work.Folder, [null]);
        Assert.Equal((8, 4, 1, 1), (log.Open, log.Ranks, log.Done, log.Failed));
        Assert.Equal(["b"], log.Running.Keys);
        string summary = log.Summary(new DateTime(2026, 1, 1, 1, 0, 40, DateTimeKind.Utc), hash => $"task {hash}")!;
        Assert.Contains("1 of 8 tasks done, 1 failed in 40.0 s on 4 ranks, 3 tasks/min, 2.0 min left", summary);
        Assert.Contains("slowest at work: task b for 30.0 s on rank 3", summary);
    }

    /// <summary>Jobs of an array have a log each; one that works no more, and the log of an earlier run of the whole, do not count.</summary>
    [Fact]
    public void The_logs_of_the_jobs_of_an_array_add_up()
    {
        using var work = new Workspace();
        void Write(string name, params string[] lines) => File.WriteAllLines(Path.Combine(work.Folder, name), lines);
        Write("log.jsonl", Run("2026-01-01T00:00:00Z", open: 100));
        Write("log.0.jsonl", Run("2026-01-01T01:00:00Z", open: 5), Done("a", 30));
        Write("log.1.jsonl", Run("2026-01-01T01:00:10Z", open: 4), Done("b", 40), Begin("2026-01-01T01:00:50Z", "c"));
        Write("log.2.jsonl", Run("2026-01-01T01:00:00Z", open: 4), Done("d", 50), Done("e", 50));
        var log = RunLog.Read(work.Folder, [0, 1, 7]);
        Assert.Equal((9, 2, 2), (log.Open, log.Ranks, log.Done));
        string summary = log.Summary(new DateTime(2026, 1, 1, 1, 1, 0, DateTimeKind.Utc), hash => $"task {hash}")!;
        Assert.Contains("these 2 jobs: 2 of 9 tasks done in 60.0 s on 2 ranks, 2 tasks/min, 3.5 min left; slowest at work: task c for 10.0 s", summary);
        Assert.Equal("b", log.Slowest?.Task);

        static string Run(string time, int open) => $$"""{"time":"{{time}}","event":"run","tasks":9,"open":{{open}},"ranks":1,"workers":1,"threads":1}""";
        static string Begin(string time, string task) => $$"""{"time":"{{time}}","event":"begin","task":"{{task}}","point":0,"seed":0,"rank":0}""";
        static string Done(string task, int seconds) => $$"""{"time":"2026-01-01T01:00:50Z","event":"done","task":"{{task}}","seconds":{{seconds}},"rank":0,"error":null}""";
    }

    [Fact]
    public void The_status_of_a_run_is_told_while_it_runs()
    {
        using var work = new Workspace();
        using Process process = HpcProcess.StartNice(
            "run", work.Spec, "--out", work.Out, "model.features=400", "model.samples=400", "seeds.count=40", "--threads", "1");
        string shards = Path.Combine(work.Out, "shards");
        for (var clock = Stopwatch.StartNew(); !Directory.Exists(shards) || Directory.GetFiles(shards, "*.h5").Length < 2; Thread.Sleep(10))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2) && !process.HasExited, "the run does not get on");
        }

        HpcProcess.Ended status = HpcProcess.Run("status", work.Out);
        Assert.False(process.HasExited, "the run ended too soon");
        HpcProcess.Kill(process.Id);
        process.WaitForExit();
        Assert.Equal(0, status.ExitCode);
        Assert.Contains($"process {process.Id} on {Environment.MachineName} is running", status.Output);
        Assert.Matches(@"this run: \d+ of 40 tasks done in .* on 1 rank, .* tasks/(s|min), .* left; slowest(: | at work: )seed \d+ ", status.Output);
        Assert.DoesNotContain("this run:", HpcProcess.Run("status", work.Out).Output);
    }
}
