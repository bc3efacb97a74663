using Hpc.Cli.Devices;
using Hpc.Cli.Planning;
using Hpc.Cli.Profiling;
using Hpc.Cli.Running;
using Hpc.Cluster;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
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
        ExperimentSpec given = SpecReader.ReadFile(options.Spec, options.Overrides);
        if (options.Device != ComputeChoice.Auto)
        {
            ComputeChoice.Parse(options.Device);
        }

        if (options.MaxTime is { } limit)
        {
            stop.After(limit > TimeSpan.Zero ? limit : throw new UsageException($"--max-time is {limit}; allowed is a time above 0, written as h:mm:ss"));
        }

        ISymmetricEigensolver eigensolver = FindEigensolver(options.Eigensolver);
        ICommunicator communicator = Communicators.Create();
        int threads = Threads(options.Threads, communicator);
        string target = options.Out ?? Path.Combine("runs", "out", given.Name);
        double available = AvailableMemory.Of(communicator.LocalSize);
        using ComputeChoice computing = ComputeChoice.Find(
            options.Device, IsSingle(given, options.Precision), given, communicator, threads, limit => FitsAny(given, options.Precision, available, limit));
        ExperimentSpec spec = Settle(given, options.Precision, target, available, threads, eigensolver, communicator, computing.Limit);
        RefuseWhatIsNotSimulated(spec);
        string precision = Precision(spec, options.Precision);
        bool shared = SharesFeatures(spec, available, precision == "single", communicator.Size, computing.IsDevice);
        if (shared && computing.IsDevice)
        {
            throw new UsageException($"--device {options.Device} with shard \"features\": a device holds a whole realization; use --device cpu, or shard=seeds");
        }

        var planner = new Planner(available, rates: null, precision == "single", computing.Limit) { Shares = shared ? communicator.Size : 1 };
        IReadOnlyList<ExperimentTask> all = ExperimentTask.Expand(spec, precision);
        double bytes = all.Select(t => t.Point).Distinct().Max(point => planner.Require(point.Spec));
        ArrayPart? part = ArrayPart.FromEnvironment();
        IReadOnlyList<ExperimentTask> tasks = part is null ? all : [.. all.Where((_, position) => part.Contains(position))];
        ThreadPlan threadPlan = shared
            ? new ThreadPlan(1, threads, $"one task at a time, its features on {communicator.Size} ranks with {threads} thread{(threads == 1 ? "" : "s")} each")
            : ThreadPlan.Choose(computing.IsDevice ? 1 : Math.Max(1, tasks.Count), bytes, available, threads, communicator.Size);
        computing.Open();
        var ranks = new Ranks(communicator, threadPlan, shared, planner, computing.Backend, eigensolver, precision, CheckpointInterval(options.Checkpoint));
        if (computing.IsDevice && communicator.Rank == 0)
        {
            Progress.Say($"device {computing.Backend.Description}");
        }

        int code = communicator.Rank == 0
            ? Lead(OutputFolder.Create(target, spec), all, tasks, part, ranks, stop.Token)
            : Follow(target, tasks, ranks, stop.Token);
        communicator.Finish();
        return code;
    }

    /// <summary>Decides on the method where the spec leaves it open: as in the folder that is there, else by memory and predicted time, on rank 0 for all.</summary>
    private static ExperimentSpec Settle(
        ExperimentSpec spec, string precision, string target, double available, int threads, ISymmetricEigensolver eigensolver, ICommunicator communicator,
        DeviceLimit? device)
    {
        if (!Planner.IsOpen(spec))
        {
            return spec;
        }

        if (spec.Shard == ShardKind.Features && communicator.Size > 1)
        {
            return Planner.With(spec, SpectrumMethod.Lanczos);
        }

        byte[] method = [0];
        if (communicator.Rank == 0)
        {
            if (OutputFolder.MethodOf(target) is { } settled)
            {
                method[0] = (byte)settled;
            }
            else
            {
                (ExperimentSpec resolved, string? reason) = Planner.Resolve(spec, available, precision == "single", threads, eigensolver, device);
                method[0] = (byte)(resolved.Method == SpectrumMethod.Lanczos ? SpectrumMethod.Lanczos : SpectrumMethod.Dense);
                if (reason is not null)
                {
                    Progress.Say(reason);
                }
            }
        }

        communicator.Broadcast(method, root: 0);
        return Planner.With(spec, (SpectrumMethod)method[0]);
    }

    /// <summary>Whether all ranks work on one task: as the spec says, else where a task fits into the memory of all ranks and not into that of one.</summary>
    private static bool SharesFeatures(ExperimentSpec spec, double available, bool single, int ranks, bool onDevice)
    {
        if (ranks == 1 || spec.Shard == ShardKind.Seeds)
        {
            return false;
        }

        if (spec.Shard == ShardKind.Features)
        {
            return Planner.WhyNotShared(spec) is { } reason ? throw new UsageException($"shard is \"features\"; {reason}") : true;
        }

        ExperimentSpec largest = Planner.Largest(spec);
        return !onDevice && Planner.WhyNotShared(spec) is null
            && new Planner(available, rates: null, single).Of(largest).MemoryBytes > available
            && new Planner(available, rates: null, single) { Shares = ranks }.Of(largest).MemoryBytes <= available;
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
        HashSet<string> done = [.. tasks.Select(t => t.Hash).Except(open.Select(i => tasks[i].Hash))];
        TaskCheckpoint.RemoveStale(folder.Folder, done.Contains);
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
        IReduction? reduction = ranks.Shared ? new CommunicatorReduction(ranks.Communicator) : null;
        return ranks.Shared
            ? SharedTasks.Run(ranks.Communicator, open, RunOne, Ended, linked.Token)
            : ClusterScheduler.Run(ranks.Communicator, open, ranks.Plan.Workers, RunOne, new ScheduleOptions { Ended = Ended, Progress = Watch }, linked.Token);

        // Rank 0 alone writes the log: appends of several processes would lock each other out.
        void Watch(ScheduleProgress schedule)
        {
            foreach (RunningTask running in schedule.Running)
            {
                Begun(running.Index, running.Rank);
            }

            if (ranks.Communicator.Size > 1)
            {
                progress?.Watch(schedule, index => Name(tasks[index]));
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

            using var team = new ThreadTeam(ranks.Plan.ThreadsPerWorker) { Cancellation = ranks.Shared ? CancellationToken.None : token };
            TaskPlan plan = ranks.Planner.Of(task.Point.Spec);
            using var span = new TaskSpan(task, stage => progress?.Stage(Name(task), stage));
            var checkpoint = new TaskCheckpoint(folder.Folder, task.Hash, ranks.CheckpointInterval, line => Progress.Say($"{Name(task)}: {line}"), reduction);
            var runner = new TaskRunner(task, plan, ranks.Backend, ranks.Eigensolver, team, span.Enter, token, checkpoint, reduction);
            IReadOnlyList<Dataset> datasets = runner.Run();
            Provenance provenance = Provenances.Create(
                SpecWriter.Write(task.Point.Spec), task.Hash, [task.Seed], ranks.Backend.Description, ranks.Precision, ranks.Communicator.Size, start,
                new Dictionary<string, string>(ranks.Backend.Versions)
                {
                    ["eigensolver"] = ranks.Eigensolver.Description,
                    ["method"] = ranks.Shared ? $"{plan.Description}, features on {ranks.Communicator.Size} ranks" : plan.Description,
                });
            if (!ranks.Shared || ranks.Communicator.Rank == 0)
            {
                folder.Shards.Write(task.Hash, new ResultGroup(datasets, provenance.ToAttributes()));
                checkpoint.Remove();
            }
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
    private sealed record Ranks(
        ICommunicator Communicator, ThreadPlan Plan, bool Shared, Planner Planner, IBackend Backend, ISymmetricEigensolver Eigensolver, string Precision, TimeSpan CheckpointInterval);

    internal static string Name(ExperimentTask task) =>
        task.Point.Values.Count == 0
            ? $"seed {task.Seed}"
            : $"{string.Join(", ", task.Point.Values.Select(v => v.Value.ToJsonString()))}, seed {task.Seed}";

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
            "single" when fresh || spec.Method == SpectrumMethod.Lanczos || spec.Covariance == CovarianceKind.Exact => "single",
            "single" => throw new UsageException("--precision single is not for spectrum.covariance = \"equivalent\" with the dense method, which is computed in double: leave the option out"),
            _ => throw new UsageException($"--precision is '{given}'; allowed is single or double"),
        };
    }

    internal static void RefuseWhatIsNotSimulated(ExperimentSpec spec)
    {
        foreach (SweepPoint point in SweepPoint.Expand(spec))
        {
            if (point.Spec is { Covariance: CovarianceKind.Sampled, Method: not SpectrumMethod.Lanczos })
            {
                throw new UsageException("spectrum.covariance is \"sampled\" with spectrum.method \"dense\"; a sampled covariance is never formed: use method \"lanczos\", or covariance \"exact\" or \"equivalent\"");
            }

            if (point.Spec is { Covariance: CovarianceKind.Sampled, Speciation.Method: SpectrumMethod.Dense })
            {
                throw new UsageException("spectrum.covariance is \"sampled\" with speciation.method \"dense\"; a sampled covariance is never formed: use speciation.method \"lanczos\" or leave it out");
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

    private static TimeSpan CheckpointInterval(TimeSpan? given) =>
        (given ?? TimeSpan.FromMinutes(2)) is var interval && interval > TimeSpan.Zero
            ? interval
            : throw new UsageException($"--checkpoint is {interval}; allowed is a time above 0, written as h:mm:ss");

    /// <summary>Whether products are in single precision, before anything is known of the method.</summary>
    internal static bool IsSingle(ExperimentSpec spec, string given) =>
        given == "single" || (given.Length == 0 && spec.Descent is { Dynamics: DescentDynamics.FreshNoise });

    /// <summary>Whether the tasks fit into the memory of a device with any method that the spec allows.</summary>
    internal static bool FitsAny(ExperimentSpec spec, string precision, double available, DeviceLimit limit)
    {
        var planner = new Planner(available, rates: null, IsSingle(spec, precision), limit);
        ExperimentSpec largest = Planner.Largest(spec);
        return planner.Fits(planner.Of(largest)) || (Planner.IsOpen(spec) && planner.Fits(planner.Lanczos(largest)));
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
