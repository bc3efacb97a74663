using System.Globalization;
using Hpc.Cli.Devices;
using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Cluster;
using Hpc.Diffusion.Spec;
using Hpc.Kernels.Devices;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Threading;

namespace Hpc.Cli.Verbs;

/// <summary><c>hpc plan</c>: memory, operations and time of every stage for each method, before anything runs.</summary>
public static class PlanVerb
{
    public static int Execute(PlanOptions options)
    {
        ExperimentSpec spec = SpecReader.ReadFile(options.Spec, options.Overrides);
        int ranks = options.Ranks >= 1 ? options.Ranks : throw new UsageException($"--ranks is {options.Ranks}; allowed is 1 or more");
        int threads = RunVerb.Threads(options.Threads, new SingleProcessCommunicator());
        using var team = new ThreadTeam(threads);
        ISymmetricEigensolver eigensolver = SymmetricEigensolvers.Find("auto");
        MachineRates rates = MachineRates.Measure(team, eigensolver);
        double available = AvailableMemory.Of(1);
        using ComputeChoice computing = ComputeChoice.Find(
            options.Device, RunVerb.IsSingle(spec, options.Precision), spec, new SingleProcessCommunicator(), threads,
            limit => RunVerb.FitsAny(spec, options.Precision, available, limit));
        DeviceLimit? device = computing.Limit;
        DeviceRates? deviceRates = computing.MeasureRates();
        (ExperimentSpec settled, string? reason) = new Planner(available, rates, options.Precision == "single", device) { DeviceRates = deviceRates }.Resolve(spec);
        string precision = RunVerb.Precision(settled, options.Precision);
        bool keeps = Planner.HaveCommonCovariances(ExperimentTask.Expand(settled, precision));
        var planner = new Planner(available, rates, precision == "single", device) { DeviceRates = deviceRates, KeepsCovariance = keeps };
        if (keeps && SweepPoint.Expand(settled).Any(point => !planner.Fits(planner.Of(point.Spec))))
        {
            keeps = false;
            planner = new Planner(available, rates, precision == "single", device) { DeviceRates = deviceRates };
        }

        int points = SweepPoint.Expand(spec).Count, tasks = points * spec.Seeds.Count, share = (tasks + ranks - 1) / ranks;
        Say($"{spec.Name}: points × seeds = {points} × {spec.Seeds.Count} = {tasks} tasks, {share} for each of {ranks} ranks with {threads} threads; {available / 1e9:F1} GB of memory available here");
        Say($"measured: products {rates.SingleProducts / 1e9:F0} GFLOP/s single, {rates.DoubleProducts / 1e9:F0} double; reading {rates.ReadBytes / 1e9:F0} GB/s; an eigensystem of 1000 in {Times.Of(rates.Eigensystem * 1e9)} ({eigensolver.Description})");
        if (device is not null && deviceRates is not null)
        {
            string doubles = deviceRates.DoubleProducts > 0 ? $", {Billions(deviceRates.DoubleProducts)} double" : "";
            Say($"device {device.Name}: {device.Bytes / 1e9:F1} GB for a task, largest matrix {device.LargestBytes / 1e9:F1} GB; measured: products {Billions(deviceRates.SingleProducts)} GFLOP/s single{doubles}; reading {Billions(deviceRates.ReadBytes)} GB/s");
        }

        if (points > 1)
        {
            Console.WriteLine("the plan is that of the sweep's largest point; totals are over all points");
            if (keeps)
            {
                Console.WriteLine("points with the same covariance compute it, and what follows from it, once a seed; what is kept for that is counted");
            }
        }

        ExperimentSpec largest = Planner.Largest(settled);
        IReadOnlyList<ExperimentSpec> all = [.. SweepPoint.Expand(settled).Select(point => point.Spec)];
        if (Planner.OnlyFreshNoise(spec))
        {
            Print(planner.Of(largest), available, device, Total(settled));
        }
        else
        {
            if (spec.Covariance != CovarianceKind.Sampled)
            {
                Print(planner.Dense(largest), available, device, Total(Planner.With(settled, SpectrumMethod.Dense)));
            }

            Print(planner.Lanczos(largest), available, device, Total(Planner.With(settled, SpectrumMethod.Lanczos)));
        }

        // What each rank has to hold where all work on one task.
        ExperimentSpec divided = Planner.OnlyFreshNoise(largest) ? largest : Planner.With(largest, SpectrumMethod.Lanczos);
        var shares = new Planner(available, rates, RunVerb.Precision(settled, options.Precision) == "single") { Shares = ranks };
        bool sharing = ranks > 1 && device is null && spec.Shard != ShardKind.Seeds && Planner.WhyNotShared(divided) is null;
        if (sharing)
        {
            Console.WriteLine();
            Say($"shard=features, each of {ranks} ranks (communication not counted):");
            Print(shares.Of(divided), available, null, all.Sum(point => shares.Of(Planner.OnlyFreshNoise(point) ? point : Planner.With(point, SpectrumMethod.Lanczos)).Seconds) * spec.Seeds.Count);
        }

        Console.WriteLine();
        if (sharing && (spec.Shard == ShardKind.Features || planner.Of(largest).MemoryBytes > available))
        {
            shares.Require(divided);
            Console.WriteLine($"features shared by {ranks} ranks");
            return ExitCode.Done;
        }

        planner.Require(largest);
        Console.WriteLine(reason ?? $"method {planner.Of(largest).Description}");
        return ExitCode.Done;

        // Each rank's share of all tasks.
        double Total(ExperimentSpec of) => planner.Seconds(ExperimentTask.Expand(of, precision)) / ranks;
    }

    private static string Billions(double rate) => (rate / 1e9).ToString(rate < 1e10 ? "G2" : "F0", CultureInfo.InvariantCulture);

    private static void Print(TaskPlan plan, double available, DeviceLimit? device, double total)
    {
        Console.WriteLine();
        Say($"{plan.Description}: {plan.MemoryBytes / 1e9:F2} GB{(plan.MemoryBytes > available ? ", which does not fit" : "")}");
        if (device is not null)
        {
            Say($"on device {device.Name}: {plan.Device.Total / 1e9:F2} GB, largest matrix {plan.Device.Largest / 1e9:F2} GB{(device.Holds(plan.Device) ? "" : ", which does not fit")}");
        }

        Say($"{"stage",-26} {"GFLOP",12} {"GB",10} {"time",10}");
        foreach (PlanStage stage in plan.Stages)
        {
            Say($"{stage.Name,-26} {stage.Flops / 1e9,12:F1} {stage.Bytes / 1e9,10:F2} {Times.Of(stage.Seconds),10}");
        }

        Say($"{"one task",-26} {plan.Stages.Sum(s => s.Flops) / 1e9,12:F1} {plan.Stages.Sum(s => s.Bytes) / 1e9,10:F2} {Times.Of(plan.Seconds),10}");
        Say($"{"each rank, all its tasks",-26} {"",12} {"",10} {Times.Of(total),10}");
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
