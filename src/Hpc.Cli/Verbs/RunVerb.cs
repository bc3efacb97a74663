using Hpc.Cli.Devices;
using Hpc.Cli.Planning;
using Hpc.Cli.Profiling;
using Hpc.Cli.Running;
using Hpc.Cluster;
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

        // Method, storage and workspace follow from it: the same on all ranks.
        double own = AvailableMemory.Of(communicator.LocalSize), available = communicator.Least(own);
        using ComputeChoice computing = ComputeChoice.Find(
            options.Device, IsSingle(given, options.Precision), given, communicator, threads, limit => FitsAny(given, options.Precision, available, limit));
        ExperimentSpec spec = Settle(given, options.Precision, target, available, threads, eigensolver, communicator, computing.Limit);
        RefuseWhatIsNotSimulated(spec);
        string precision = Precision(spec, options.Precision);
        bool shared = SharesFeatures(spec, available, precision == "single", communicator.Size, communicator.Any(computing.IsDevice));
        if (shared)
        {
            if (computing.IsDevice)
            {
                throw new UsageException($"--device {options.Device} with shard \"features\": a device holds a whole realization; use --device cpu, or shard=seeds");
            }

            // Sizes of shared blocks follow from both.
            threads = (int)communicator.Least(threads);
            RequireOneWidth(communicator);
        }

        IReadOnlyList<ExperimentTask> all = ExperimentTask.Expand(spec, precision);
        Planner planner = PlannerOf(keepsCovariance: Planner.HaveCommonCovariances(all));
        if (planner.KeepsCovariance && all.Any(t => !planner.Fits(planner.Of(t.Point.Spec))))
        {
            Progress.Say("no memory to keep eigensystems for the points of the sweep that have them in common: each computes its own");
            planner = PlannerOf(keepsCovariance: false);
        }

        double bytes = all.Select(t => t.Point).Distinct().Max(point => planner.Require(point.Spec));
        ArrayPart? part = ArrayPart.FromEnvironment();
        IReadOnlyList<ExperimentTask> tasks = part is null ? all : [.. all.Where((_, position) => part.Contains(position))];
        ThreadPlan threadPlan = shared
            ? new ThreadPlan(1, threads, $"one task at a time, its features on {communicator.Size} ranks with {threads} thread{(threads == 1 ? "" : "s")} each")
            : ThreadPlan.Choose(computing.IsDevice ? 1 : Math.Max(1, tasks.Count), bytes, own, threads, communicator.Size);
        computing.Open();
        TimeSpan checkpointInterval = CheckpointInterval(options.Checkpoint);
        if (computing.IsDevice && communicator.Rank == 0)
        {
            Progress.Say($"device {computing.Backend.Description}");
        }

        var run = new TaskRun(communicator, tasks, threadPlan) { Part = part, Shared = shared, KeepsCommon = planner.KeepsCovariance, Engine = $"{SimdSupport.Widest}, eigensolver {eigensolver.Description}" };
        IReduction? reduction = shared ? new CommunicatorReduction(communicator) : null;
        var workspaces = new TaskWorkspace?[threadPlan.Workers];
        int code;
        if (communicator.Rank == 0)
        {
            OutputFolder folder = OutputFolder.Create(target, spec);
            code = run.Lead(folder, Work, Complete, stop.Token);

            void Complete()
            {
                ReleaseWorkspaces();
                Summary.Print(Finishing.Complete(folder, all, stop.Token), folder);
            }
        }
        else
        {
            code = run.Follow(() => OutputFolder.Open(target), Work, stop.Token);
        }

        ReleaseWorkspaces();
        communicator.Finish();
        return code;

        Planner PlannerOf(bool keepsCovariance) => new(available, rates: null, precision == "single", computing.Limit)
        {
            Shares = shared ? communicator.Size : 1,
            KeepsCovariance = keepsCovariance,
        };

        void ReleaseWorkspaces()
        {
            for (int worker = 0; worker < workspaces.Length; worker++)
            {
                Release(worker);
            }
        }

        void Release(int worker)
        {
            workspaces[worker]?.Dispose();
            workspaces[worker] = null;
        }

        void Work(RunFolder folder, int index, int worker, Action<string> stage, CancellationToken cancellation)
        {
            workspaces[worker] ??= new TaskWorkspace(new ThreadTeam(threadPlan.ThreadsPerWorker) { Cancellation = shared ? CancellationToken.None : cancellation });
            try
            {
                RunTask(folder, tasks[index], workspaces[worker]!, stage, cancellation);
            }
            catch
            {
                // Nothing of a task that failed half-way reaches the next one.
                Release(worker);
                throw;
            }
        }

        void RunTask(RunFolder folder, ExperimentTask task, TaskWorkspace workspace, Action<string> stage, CancellationToken cancellation)
        {
            DateTime start = DateTime.UtcNow;
            TaskPlan plan = planner.Of(task.Point.Spec);
            using var span = new TaskSpan(task, stage);
            var checkpoint = new TaskCheckpoint(folder.Folder, task.Hash, checkpointInterval, line => Progress.Say($"{task.Name}: {line}"), reduction);
            var runner = new TaskRunner(task, plan, computing.Backend, eigensolver, workspace, span.Enter, cancellation, checkpoint, reduction);
            IReadOnlyList<Dataset> datasets = runner.Run();
            Provenance provenance = Provenances.Create(
                SpecWriter.Write(task.Point.Spec), task.Hash, [task.Seed], computing.Backend.Description, precision, communicator.Size, start,
                new Dictionary<string, string>(computing.Backend.Versions)
                {
                    ["eigensolver"] = eigensolver.Description,
                    ["method"] = shared ? $"{plan.Description}, features on {communicator.Size} ranks" : plan.Description,
                });
            if (!shared || communicator.Rank == 0)
            {
                folder.Shards.Write(task.Hash, new ResultGroup(datasets, provenance.ToAttributes()));
                checkpoint.Remove();
            }
        }
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

    /// <summary>Refuses ranks with registers of different width: what they exchange is laid out by it.</summary>
    private static void RequireOneWidth(ICommunicator communicator)
    {
        double own = (double)SimdSupport.Widest, narrowest = communicator.Least(own), widest = -communicator.Least(-own);
        if (narrowest != widest)
        {
            throw new UsageException(
                $"ranks that share features have registers of different width ({(SimdWidth)narrowest} and {(SimdWidth)widest}): use nodes of one kind, "
                + "set DOTNET_EnableAVX512=0 for all, or use shard=seeds");
        }
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

    /// <summary>The least time between two checkpoints.</summary>
    internal static TimeSpan CheckpointInterval(TimeSpan? given) =>
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
