using Hpc.Cli.Profiling;
using Hpc.Cli.Running;
using Hpc.Cluster;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;
using Hpc.Results;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc run</c>: every task that is not done yet, then merge, figures and report.</summary>
public static class RunVerb
{
    public static int Execute(RunOptions options, StopRequest stop)
    {
        ExperimentSpec spec = SpecReader.ReadFile(options.Spec, options.Overrides);
        RefuseWhatIsNotSimulated(spec);
        RefuseUnknownDevice(options.Device);
        string precision = Precision(spec, options.Precision);
        if (options.MaxTime is { } limit)
        {
            stop.After(limit > TimeSpan.Zero ? limit : throw new UsageException($"--max-time is {limit}; allowed is a time above 0, written as h:mm:ss"));
        }

        IReadOnlyList<ExperimentTask> all = ExperimentTask.Expand(spec, precision);
        ArrayPart? part = ArrayPart.FromEnvironment();
        IReadOnlyList<ExperimentTask> tasks = part is null ? all : [.. all.Where((_, position) => part.Contains(position))];
        ISymmetricEigensolver eigensolver = FindEigensolver(options.Eigensolver);
        ICommunicator communicator = Communicators.Create();
        int threads = Threads(options.Threads, communicator);
        ThreadPlan plan = ThreadPlan.Choose(tasks.Count > 0 ? tasks : all, threads, communicator);
        string target = options.Out ?? Path.Combine("runs", "out", spec.Name);
        int code = communicator.Rank == 0
            ? Lead(OutputFolder.Create(target, spec), all, tasks, part, new Ranks(communicator, plan, eigensolver, precision), stop.Token)
            : Follow(target, tasks, new Ranks(communicator, plan, eigensolver, precision), stop.Token);
        communicator.Finish();
        return code;
    }

    /// <summary>Rank 0: the folder, its share of the tasks, and what follows them.</summary>
    private static int Lead(
        OutputFolder folder, IReadOnlyList<ExperimentTask> all, IReadOnlyList<ExperimentTask> tasks, ArrayPart? part, Ranks ranks, CancellationToken cancellation)
    {
        using RunLock runLock = RunLock.Acquire(folder.Folder, part);
        string where = ranks.Communicator.Size == 1 ? "" : $" on {ranks.Communicator.Size} ranks ({ranks.Communicator.Description})";
        Progress.Say($"{folder.Spec.Name}: {tasks.Count} task{(tasks.Count == 1 ? "" : "s")}{where}, {ranks.Plan.Reason}; {SimdSupport.Widest}, eigensolver {ranks.Eigensolver.Description}");
        folder.WriteSpec();
        folder.Shards.RemoveStaleTemporaries();
        int[] open = [.. Enumerable.Range(0, tasks.Count).Where(i => !IsDone(folder, tasks[i]))];
        if (open.Length < tasks.Count)
        {
            Progress.Say($"{tasks.Count - open.Length} of {tasks.Count} tasks were done before");
        }

        folder.Log("run", ("tasks", tasks.Count), ("open", open.Length), ("ranks", ranks.Communicator.Size), ("workers", ranks.Plan.Workers), ("threads", ranks.Plan.ThreadsPerWorker));
        ranks.Communicator.Barrier();
        var progress = new Progress(open.Length);
        ScheduleResult result = RunTasks(folder, tasks, [.. open.Select(i => new ClusterTask(i, tasks[i].Cost))], ranks, progress, cancellation);
        TaskOutcome[] failed = [.. result.Outcomes.Where(o => o.Error is not null)];
        if (failed.FirstOrDefault(f => IsRefusal(f.Error)) is { } refusal)
        {
            folder.Log("refused", ("reason", refusal.Error!.Message));
            throw new UsageException(refusal.Error.Message);
        }

        if (result.Stopped)
        {
            folder.Log("stopped", ("done", tasks.Count - open.Length + result.Outcomes.Count - failed.Length));
            Console.Error.WriteLine("hpc: stopped; run again to go on");
            return ExitCode.Stopped;
        }

        if (all.Any(t => folder.Shards.Classify(t.Hash).Status == ShardStatus.Done) && part is null)
        {
            Summary.Print(Finishing.Complete(folder, all, cancellation), folder);
        }

        if (result.LostRanks.Count > 0)
        {
            // Their tasks went to others; but no rank may wait for them at the end.
            Console.Error.WriteLine($"hpc: ranks {string.Join(", ", result.LostRanks)} no longer answered; their tasks were done by others");
            runLock.Dispose();
            ranks.Communicator.Abort(ExitCode.TaskFailed);
        }

        if (failed.Length > 0)
        {
            Console.Error.WriteLine($"hpc: {failed.Length} of {tasks.Count} tasks failed; the others are saved. Run again to repeat the failed ones");
            return ExitCode.TaskFailed;
        }

        return ExitCode.Done;
    }

    /// <summary>Every other rank: tasks that rank 0 hands out, in the folder that it has made.</summary>
    private static int Follow(string target, IReadOnlyList<ExperimentTask> tasks, Ranks ranks, CancellationToken cancellation)
    {
        ranks.Communicator.Barrier();
        RunTasks(OutputFolder.Open(target), tasks, [], ranks, progress: null, cancellation);
        return ExitCode.Done;
    }

    private static ScheduleResult RunTasks(
        OutputFolder folder, IReadOnlyList<ExperimentTask> tasks, IReadOnlyList<ClusterTask> open, Ranks ranks, Progress? progress, CancellationToken cancellation)
    {
        var begun = new HashSet<int>();
        using var refused = new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, refused.Token);
        return ClusterScheduler.Run(ranks.Communicator, open, ranks.Plan.Workers, RunOne, new ScheduleOptions { Ended = Ended, Progress = Watch }, linked.Token);

        // Rank 0 alone writes the log: appends of several processes would lock each other out.
        void Watch(ScheduleProgress schedule)
        {
            foreach (RunningTask running in schedule.Running)
            {
                Begun(running.Index, running.Rank);
            }
        }

        void Begun(int index, int rank)
        {
            lock (begun)
            {
                if (begun.Add(index))
                {
                    folder.Log("begin", ("task", tasks[index].Hash), ("point", tasks[index].Point.Index), ("seed", tasks[index].Seed), ("rank", rank));
                }
            }
        }

        void RunOne(int index, int worker, CancellationToken token)
        {
            ExperimentTask task = tasks[index];
            DateTime start = DateTime.UtcNow;
            if (ranks.Communicator.Rank == 0)
            {
                Begun(index, rank: 0);
            }

            using var team = new ThreadTeam(ranks.Plan.ThreadsPerWorker);
            using var span = new TaskSpan(task, stage => progress?.Stage(Name(task), stage));
            var runner = new TaskRunner(task, ranks.Eigensolver, team, span.Enter, token);
            IReadOnlyList<Dataset> datasets = runner.Run();
            Provenance provenance = Provenances.Create(
                SpecWriter.Write(task.Point.Spec), task.Hash, [task.Seed], $"cpu ({SimdSupport.Widest})", ranks.Precision, ranks.Communicator.Size, start,
                new Dictionary<string, string> { ["eigensolver"] = ranks.Eigensolver.Description });
            folder.Shards.Write(task.Hash, new ResultGroup(datasets, provenance.ToAttributes()));
        }

        void Ended(TaskOutcome outcome)
        {
            ExperimentTask task = tasks[outcome.Index];
            progress?.Ended(Name(task), outcome.Error?.Message, outcome.Elapsed);
            folder.Log(
                outcome.Error is null ? "done" : "failed", ("task", task.Hash), ("seconds", outcome.Elapsed.TotalSeconds), ("rank", outcome.Rank), ("error", outcome.Error?.ToString()));
            if (IsRefusal(outcome.Error))
            {
                refused.Cancel();
            }
        }
    }

    /// <summary>Whether a task found that the spec cannot be run; an error of another rank arrives as text.</summary>
    private static bool IsRefusal(Exception? error) =>
        error is SpecException || (error is RemoteTaskException remote && remote.ToString().Contains(nameof(SpecException), StringComparison.Ordinal));

    /// <summary>What the ranks have in common.</summary>
    private sealed record Ranks(ICommunicator Communicator, ThreadPlan Plan, ISymmetricEigensolver Eigensolver, string Precision);

    internal static string Name(ExperimentTask task) =>
        task.Point.Values.Count == 0
            ? $"seed {task.Seed}"
            : $"{string.Join(", ", task.Point.Values.Select(v => v.ToJsonString()))}, seed {task.Seed}";

    private static bool IsDone(OutputFolder folder, ExperimentTask task)
    {
        ShardState state = folder.Shards.Classify(task.Hash);
        if (state.Status == ShardStatus.Damaged)
        {
            string aside = folder.Shards.SetAside(task.Hash);
            Progress.Say($"the result of {Name(task)} is damaged ({state.Reason}); it is kept as '{aside}' and computed again");
            folder.Log("damaged", ("task", task.Hash), ("reason", state.Reason));
        }

        return state.Status == ShardStatus.Done;
    }

    internal static string Precision(ExperimentSpec spec, string given)
    {
        bool fresh = spec.Descent is { Dynamics: DescentDynamics.FreshNoise };
        return given switch
        {
            "" => fresh ? "single" : "double",
            "double" => "double",
            "single" when fresh || spec.Covariance == CovarianceKind.Exact => "single",
            "single" => throw new UsageException("--precision single is not for spectrum.covariance = \"equivalent\", which is computed in double: leave the option out"),
            _ => throw new UsageException($"--precision is '{given}'; allowed is single or double"),
        };
    }

    internal static void RefuseWhatIsNotSimulated(ExperimentSpec spec)
    {
        foreach (SweepPoint point in SweepPoint.Expand(spec))
        {
            if (point.Spec.Spectrum is { Method: not SpectrumMethod.Dense } spectrum)
            {
                throw new UsageException($"spectrum.method is \"{SpecText.Kebab(spectrum.Method.ToString())}\", which 'hpc run' does not have; allowed is \"dense\"");
            }

            if (point.Spec.Covariance == CovarianceKind.Sampled)
            {
                throw new UsageException("spectrum.covariance is \"sampled\", which 'hpc run' does not have; allowed is \"exact\" or \"equivalent\"");
            }

            if (point.Spec.Spectrum is null && point.Spec.Descent is null)
            {
                throw new UsageException("the spec has only a speciation block, which 'hpc theory' computes; 'hpc run' simulates a \"spectrum\" or a \"descent\" block: add one");
            }
        }
    }

    /// <summary>The threads of this rank: those asked for, or for 0 its share of the processors.</summary>
    internal static int Threads(int given, ICommunicator communicator) => given switch
    {
        0 => Math.Max(1, Environment.ProcessorCount / communicator.LocalSize),
        > 0 => given,
        _ => throw new UsageException($"--threads is {given}; allowed is 1 or more"),
    };

    private static void RefuseUnknownDevice(string device)
    {
        if (device is not ("auto" or "cpu"))
        {
            throw new UsageException($"--device is '{device}', which is not here; allowed is auto or cpu (see 'hpc devices')");
        }
    }

    internal static ISymmetricEigensolver FindEigensolver(string preference)
    {
        try
        {
            return SymmetricEigensolvers.Find(preference);
        }
        catch (Exception e) when (e is ArgumentException or DllNotFoundException)
        {
            throw new UsageException($"--eigensolver: {e.Message}");
        }
    }
}
