using System.Globalization;
using Hpc.Cluster;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Running;

/// <summary>How many tasks run at a time, and how many threads each has.</summary>
/// <param name="Workers">Tasks at a time.</param>
/// <param name="ThreadsPerWorker">Threads of each.</param>
/// <param name="Reason">Why, for the user.</param>
public sealed record ThreadPlan(int Workers, int ThreadsPerWorker, string Reason)
{
    /// <summary>Share of the ideal speed that threads inside one task reach; tasks side by side reach all of it.</summary>
    private const double InsideEfficiency = 0.85;

    /// <summary>Share of the machine's memory that a run may take.</summary>
    private const double MemoryShare = 0.9;

    /// <summary>Chooses between tasks side by side and threads inside a task, whichever ends sooner and fits.</summary>
    /// <param name="tasks">All tasks of the run.</param>
    /// <param name="threads">Threads of this rank.</param>
    /// <param name="communicator">Ranks that share the tasks, and those that share this machine's memory.</param>
    /// <exception cref="UsageException">Not even one task fits into memory.</exception>
    public static ThreadPlan Choose(IReadOnlyList<ExperimentTask> tasks, int threads, ICommunicator communicator)
    {
        double available = MemoryShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / communicator.LocalSize;
        int share = (tasks.Count + communicator.Size - 1) / communicator.Size;
        ExperimentTask largest = tasks.MaxBy(t => MemoryBytes(t.Point.Spec))!;
        double bytes = MemoryBytes(largest.Point.Spec);
        if (bytes > available)
        {
            double shrink = Math.Sqrt(available / bytes);
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture,
                $"one task needs {bytes / 1e9:F1} GB, {available / 1e9:F1} GB are available: lower model.features to {(int)(largest.Point.Spec.Model.Features * shrink)} or use a machine with more memory"));
        }

        int fit = Math.Max(1, (int)Math.Min(available / bytes, threads));
        int workers = Math.Max(1, Math.Min(fit, share));
        double sideBySide = Math.Ceiling((double)share / workers) / (1 + (threads / workers - 1) * InsideEfficiency);
        double inside = share / (threads == 1 ? 1 : threads * InsideEfficiency);
        return workers > 1 && sideBySide <= inside
            ? new ThreadPlan(workers, Math.Max(1, threads / workers), $"{workers} tasks side by side with {Count(Math.Max(1, threads / workers), "thread")} each")
            : new ThreadPlan(1, threads, $"one task at a time with {Count(threads, "thread")}");
    }

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>Peak memory of one task.</summary>
    private static double MemoryBytes(ExperimentSpec spec)
    {
        double features = spec.Model.Features, dimension = spec.Model.Dimension, samples = spec.Model.Samples;
        double data = 8 * dimension * (features + samples);
        double blocks = 2 * 8 * features * Math.Min(samples, 1024);
        return spec.Descent is { Dynamics: DescentDynamics.FreshNoise } && spec.Spectrum is null
            ? 2 * data + 4 * 8 * features * dimension + blocks
            : data + blocks + 5 * 8 * features * features + 4 * 8 * features * dimension;
    }
}
