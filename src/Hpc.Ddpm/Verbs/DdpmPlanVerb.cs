using System.Diagnostics;
using System.Globalization;
using Hpc.Cli;
using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Cli.Verbs;
using Hpc.Cluster;
using Hpc.Ddpm.Comparison;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Network;
using Hpc.Ddpm.Sampling;
using Hpc.Ddpm.Spec;
using Hpc.Ddpm.Torch;
using Hpc.Ddpm.Training;
using TorchSharp;

namespace Hpc.Ddpm.Verbs;

/// <summary><c>plan</c>: what a run costs, before anything runs.</summary>
internal static class DdpmPlanVerb
{
    /// <summary>Operations per second in single precision of a data-centre GPU (H100, 67 TFLOP/s) and the part of it that small convolutions reach: assumed, not measured.</summary>
    private const double AcceleratorPeak = 67e12, AcceleratorShare = 0.2;

    /// <summary>Noised images of the steps that are timed; larger batches cost in proportion.</summary>
    private const int TimedBatch = 32;

    /// <summary>Timed steps, after one that is not; the fastest counts.</summary>
    private const int TimedSteps = 5;

    public static int Execute(DdpmPlanOptions options)
    {
        DdpmSpec spec = DdpmSpecReader.ReadFile(options.Spec, options.Overrides);
        int ranks = options.Ranks >= 1 ? options.Ranks : throw new UsageException($"--ranks is {options.Ranks}; allowed is 1 or more");
        var alone = new SingleProcessCommunicator();
        torch.Device device = TorchDevice.Find(options.Device, alone);
        int threads = RunVerb.Threads(options.Threads, alone), tasks = spec.Partners.Count * spec.Seeds.Count;
        var cost = new NetworkCost(spec);
        double available = AvailableMemory.Of(1);
        ThreadPlan plan = ThreadPlan.Choose(device.type == DeviceType.CPU ? tasks : 1, cost.Bytes, available, threads, ranks);
        torch.set_num_threads(plan.ThreadsPerWorker);
        int batch = Math.Min(TimedBatch, spec.Training.Batch);
        double step = SecondsOfStep(spec, batch, device) * spec.Training.Batch / batch, rate = cost.StepFlops / step;
        double task = cost.TaskFlops / rate;
        int share = (tasks + ranks - 1) / ranks, turns = (share + plan.Workers - 1) / plan.Workers;
        Say($"{spec.Name}: pairs × seeds = {spec.Partners.Count} × {spec.Seeds.Count} = {tasks} tasks, {share} for each of {ranks} ranks, {plan.Reason}; {available / 1e9:F1} GB of memory available here");
        Say($"network: {cost.Parameters} parameters; a task takes about {cost.Bytes / 1e9:F2} GB");

        // Its sizes do not depend on the descriptors.
        var features = new RandomFeaturesModel(spec.Comparison, spec.Name, spec.Images, [1, 1], [[0, 0], [0, 0]]);
        Say($"random-features model of every task: {features.Description}, about {features.Bytes / 1e9:F2} GB");
        Say($"timed on {TorchDevice.Describe(device)}: {1e3 * step:F1} ms a step of {spec.Training.Batch} images, {rate / 1e9:F0} GFLOP/s");
        Console.WriteLine();
        Say($"{"stage",-26} {"GFLOP",12} {"time",10}");
        Stage($"{spec.Training.Steps} training steps", cost.StepFlops * spec.Training.Steps);
        Stage($"{spec.RecordedSteps.Count} records", cost.RecordFlops * spec.RecordedSteps.Count);
        Stage("one task", cost.TaskFlops);
        Say($"{"each rank, all its tasks",-26} {"",12} {Times.Of(turns * task),10}");
        Console.WriteLine();
        Say($"on one GPU at {AcceleratorShare:P0} of {AcceleratorPeak / 1e12:F0} TFLOP/s (assumed): {Times.Of(cost.TaskFlops / (AcceleratorShare * AcceleratorPeak))} a task, {Times.Of(tasks * cost.TaskFlops / (AcceleratorShare * AcceleratorPeak))} for all");
        if (cost.Bytes > available)
        {
            throw new UsageException($"a task needs {cost.Bytes / 1e9:F1} GB, and {available / 1e9:F1} GB are available: lower ddpm.training.batch or ddpm.network.baseWidth");
        }

        return ExitCode.Done;

        void Stage(string name, double flops) => Say($"{name,-26} {flops / 1e9,12:F0} {Times.Of(flops / rate),10}");
    }

    /// <summary>Seconds of a training step on grey images: the numbers do not matter.</summary>
    private static double SecondsOfStep(DdpmSpec spec, int batch, torch.Device device)
    {
        int pixels = spec.ImageSize * spec.ImageSize;
        var images = new ImageBatch(pixels, new float[batch * pixels], new int[batch], new int[batch]);
        using var denoiser = new Denoiser(spec.Network, spec.ImageSize, spec.Noise.Steps, device);
        using var trainer = new Trainer(denoiser, new NoiseSchedule(spec.Noise), images, spec.Training with { Batch = batch }, 0);
        double fastest = double.PositiveInfinity;
        for (int i = 0; i <= TimedSteps; i++)
        {
            var clock = Stopwatch.StartNew();
            trainer.Advance();
            _ = Tensors.ToArray(trainer.Measured);
            fastest = i > 0 ? Math.Min(fastest, clock.Elapsed.TotalSeconds) : fastest;
        }

        return fastest;
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
