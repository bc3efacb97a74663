using System.Globalization;

namespace Hpc.Cluster.Tests.Ranks;

/// <summary>
/// A run as the program makes them: the result of task i is the file <c>i.txt</c> with i², written whole or not at all, and what has no
/// result is to be done. <c>log.PID.txt</c> tells which tasks were begun (b), cancelled (c) and finished (f), so that a task done twice is seen.
/// </summary>
internal static class SquaringRun
{
    private static readonly Lock Gate = new();

    /// <param name="options">
    /// <c>fail=i</c>, <c>workers=n</c>, <c>timeout=seconds</c>, <c>gate</c>: a third of the tasks, the shortest, waits for the file <c>go</c>,
    /// so that a test can stop a run that is neither at its beginning nor at its end; <c>together</c>: no task ends before every rank has
    /// begun one, however late it comes up.
    /// </param>
    public static int Execute(
        ICommunicator communicator, StopRequest stop, string folder, int count, int milliseconds, string[] options)
    {
        int Option(string name, int otherwise) =>
            options.FirstOrDefault(o => o.StartsWith(name + "=")) is { } text ? int.Parse(text[(name.Length + 1)..]) : otherwise;

        int failing = Option("fail", -1);
        bool gated = options.Contains("gate");
        bool together = options.Contains("together");
        ArrayPart part = ArrayPart.FromEnvironment() ?? new ArrayPart(0, 1);
        ClusterTask[] tasks = communicator.Rank != 0
            ? []
            : [.. from i in Enumerable.Range(0, count)
                  where part.Contains(i) && !File.Exists(ResultPath(folder, i))
                  select new ClusterTask(i, 1 + i % 3)];
        if (Node() is { } node)
        {
            File.WriteAllText(Path.Combine(folder, $"node.{communicator.Rank}"), node);
        }

        if (communicator.Rank == 0)
        {
            Note(folder, "start");
        }

        var result = ClusterScheduler.Run(
            communicator,
            tasks,
            Option("workers", 1),
            (index, _, cancellation) =>
            {
                Note(folder, $"b {index} {communicator.Rank}");
                File.WriteAllText(Path.Combine(folder, $"working.{communicator.Rank}"), "");
                bool cancelled = cancellation.WaitHandle.WaitOne(milliseconds * (1 + index % 3));
                while (!cancelled && (GateIsShut() || together && Directory.GetFiles(folder, "working.*").Length < communicator.Size))
                {
                    cancelled = cancellation.WaitHandle.WaitOne(10);
                }

                bool GateIsShut() => gated && index % 3 == 0 && !File.Exists(Path.Combine(folder, "go"));

                if (cancelled)
                {
                    Note(folder, $"c {index} {communicator.Rank}");
                    throw new OperationCanceledException(cancellation);
                }

                if (index == failing)
                {
                    throw new InvalidOperationException($"task {index} fails on purpose");
                }

                string temporary = ResultPath(folder, index) + $".{Environment.ProcessId}.new";
                File.WriteAllText(temporary, ((long)index * index).ToString(CultureInfo.InvariantCulture));
                File.Move(temporary, ResultPath(folder, index), overwrite: true);
                Note(folder, $"f {index} {communicator.Rank}");
            },
            new ScheduleOptions
            {
                RankTimeout = TimeSpan.FromSeconds(Option("timeout", 60)),
                Ended = outcome => Note(folder, $"e {outcome.Index} {outcome.Rank} {outcome.Error?.Message}"),
            },
            stop.Token);

        if (communicator.Rank == 0)
        {
            Note(folder, $"end {result.Outcomes.Count} {result.Stopped} {stop.Reason}");
            if (result.LostRanks.Count > 0)
            {
                Note(folder, $"lost {string.Join(' ', result.LostRanks)}");
                communicator.Abort(TestRank.Wrong);
            }
        }

        return result.Stopped ? TestRank.Stopped : result.Outcomes.Any(o => o.Error is not null) ? TestRank.Wrong : TestRank.Done;
    }

    public static string ResultPath(string folder, int index) => Path.Combine(folder, $"{index}.txt");

    /// <summary>
    /// The node of Slurm that started this process, also where all are on one host. Hydra gives ranks the environment of mpirun, so that the
    /// helper that started them knows better.
    /// </summary>
    private static string? Node()
    {
        const string Variable = "SLURMD_NODENAME";
        string parent = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[1];
        return File.ReadAllText($"/proc/{parent}/environ").Split('\0').FirstOrDefault(v => v.StartsWith(Variable + "="))?[(Variable.Length + 1)..]
            ?? Environment.GetEnvironmentVariable(Variable);
    }

    private static void Note(string folder, string line)
    {
        lock (Gate)
        {
            File.AppendAllText(Path.Combine(folder, $"log.{Environment.ProcessId}.txt"), line + "\n");
        }
    }
}
