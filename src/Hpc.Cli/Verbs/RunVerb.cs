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
    public static int Execute(RunOptions options, CancellationToken cancellation)
    {
        ExperimentSpec spec = SpecReader.ReadFile(options.Spec, options.Overrides);
        RefuseWhatIsNotSimulated(spec);
        RefuseUnknownDevice(options.Device);
        string precision = Precision(spec, options.Precision);
        int threads = options.Threads switch
        {
            0 => Environment.ProcessorCount,
            > 0 => options.Threads,
            _ => throw new UsageException($"--threads is {options.Threads}; allowed is 1 or more"),
        };
        IReadOnlyList<ExperimentTask> tasks = ExperimentTask.Expand(spec, precision);
        ThreadPlan plan = ThreadPlan.Choose(tasks, threads);
        ISymmetricEigensolver eigensolver = FindEigensolver(options.Eigensolver);
        OutputFolder folder = OutputFolder.Create(options.Out ?? Path.Combine("runs", "out", spec.Name), spec);
        using RunLock runLock = RunLock.Acquire(folder.Folder);
        Progress.Say($"{spec.Name}: {tasks.Count} task{(tasks.Count == 1 ? "" : "s")}, {plan.Reason}; {SimdSupport.Widest}, eigensolver {eigensolver.Description}");
        folder.WriteSpec();
        folder.Shards.RemoveStaleTemporaries();

        IReadOnlyList<ExperimentTask> open = [.. tasks.Where(t => !IsDone(folder, t)).OrderByDescending(t => t.Cost)];
        if (open.Count < tasks.Count)
        {
            Progress.Say($"{tasks.Count - open.Count} of {tasks.Count} tasks were done before");
        }

        folder.Log("run", ("tasks", tasks.Count), ("open", open.Count), ("workers", plan.Workers), ("threads", plan.ThreadsPerWorker));
        IReadOnlyList<TaskOutcome> outcomes = RunTasks(open, plan, folder, eigensolver, precision, cancellation);
        TaskOutcome[] failed = [.. outcomes.Where(o => o.Error is not null)];
        if (failed.Select(f => f.Error).OfType<SpecException>().FirstOrDefault() is { } refusal)
        {
            folder.Log("refused", ("reason", refusal.Message));
            throw refusal;
        }

        if (cancellation.IsCancellationRequested && outcomes.Count < open.Count)
        {
            folder.Log("stopped", ("done", tasks.Count - open.Count + outcomes.Count));
            throw new OperationCanceledException();
        }

        if (failed.Length < tasks.Count)
        {
            Summary.Print(Finishing.Complete(folder, tasks, cancellation), folder);
        }

        if (failed.Length > 0)
        {
            Console.Error.WriteLine($"hpc: {failed.Length} of {tasks.Count} tasks failed; the others are saved. Run again to repeat the failed ones");
            return ExitCode.TaskFailed;
        }

        return ExitCode.Done;
    }

    private static IReadOnlyList<TaskOutcome> RunTasks(
        IReadOnlyList<ExperimentTask> open, ThreadPlan plan, OutputFolder folder, ISymmetricEigensolver eigensolver, string precision, CancellationToken cancellation)
    {
        using var refused = new CancellationTokenSource();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, refused.Token);
        var progress = new Progress(open.Count);
        return TaskFarm.Run(open.Count, plan.Workers, RunOne, Ended, linked.Token);

        void RunOne(int index, int worker, CancellationToken token)
        {
            ExperimentTask task = open[index];
            DateTime start = DateTime.UtcNow;
            folder.Log("begin", ("task", task.Hash), ("point", task.Point.Index), ("seed", task.Seed));
            using var team = new ThreadTeam(plan.ThreadsPerWorker);
            var runner = new TaskRunner(task, eigensolver, team, stage => progress.Stage(Name(task), stage), token);
            IReadOnlyList<Dataset> datasets = runner.Run();
            Provenance provenance = Provenances.Create(
                SpecWriter.Write(task.Point.Spec), task.Hash, [task.Seed], $"cpu ({SimdSupport.Widest})", precision, start,
                new Dictionary<string, string> { ["eigensolver"] = eigensolver.Description });
            folder.Shards.Write(task.Hash, new ResultGroup(datasets, provenance.ToAttributes()));
        }

        void Ended(TaskOutcome outcome)
        {
            ExperimentTask task = open[outcome.Index];
            progress.Ended(Name(task), outcome.Error?.Message, outcome.Elapsed);
            folder.Log(outcome.Error is null ? "done" : "failed", ("task", task.Hash), ("seconds", outcome.Elapsed.TotalSeconds), ("error", outcome.Error?.ToString()));
            if (outcome.Error is SpecException)
            {
                refused.Cancel();
            }
        }
    }

    private static string Name(ExperimentTask task) =>
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

    private static string Precision(ExperimentSpec spec, string given)
    {
        bool fresh = spec.Descent is { Dynamics: DescentDynamics.FreshNoise };
        return given switch
        {
            "" => fresh ? "single" : "double",
            "double" => "double",
            "single" when fresh => "single",
            "single" => throw new UsageException(
                "--precision single is only for fresh-noise descent: the spectrum spans more decades than single precision has digits; leave the option out or use --precision double"),
            _ => throw new UsageException($"--precision is '{given}'; allowed is single or double"),
        };
    }

    private static void RefuseWhatIsNotSimulated(ExperimentSpec spec)
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

    private static void RefuseUnknownDevice(string device)
    {
        if (device is not ("auto" or "cpu"))
        {
            throw new UsageException($"--device is '{device}', which is not here; allowed is auto or cpu (see 'hpc devices')");
        }
    }

    private static ISymmetricEigensolver FindEigensolver(string preference)
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
