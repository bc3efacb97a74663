using System.Diagnostics;
using Hpc.Cluster;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Running;

/// <summary>Runs one task after the other, all ranks on each.</summary>
internal static class SharedTasks
{
    /// <summary>
    /// Runs every task in the order of rank 0, the longest first and those with a part in common one after the other. What a task finds wrong with its spec or its numbers all ranks find alike; any
    /// other failure of a rank ends the run. Collective.
    /// </summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="tasks">What is to be done; that of rank 0 counts.</param>
    /// <param name="run">Runs the task with an index; the second number is 0.</param>
    /// <param name="ended">Called on rank 0 after each task.</param>
    /// <param name="cancellation">Asks all ranks to stop.</param>
    public static ScheduleResult Run(
        ICommunicator communicator, IReadOnlyList<ClusterTask> tasks, Action<int, int, CancellationToken> run, Action<TaskOutcome> ended, CancellationToken cancellation)
    {
        int[] order = Share(communicator, [.. tasks.OrderByDescending(t => t.Cost).GroupBy(t => t.Group ?? -1 - t.Index).SelectMany(group => group).Select(t => t.Index)]);
        var outcomes = new List<TaskOutcome>();
        foreach (int index in order)
        {
            if (communicator.Any(cancellation.IsCancellationRequested))
            {
                return new ScheduleResult(outcomes, Stopped: true, []);
            }

            var clock = Stopwatch.StartNew();
            Exception? error = null;
            try
            {
                run(index, 0, cancellation);
            }
            catch (OperationCanceledException)
            {
                return new ScheduleResult(outcomes, Stopped: true, []);
            }
            catch (Exception e) when (e is SpecException or DivergenceException)
            {
                error = e;
            }

            var outcome = new TaskOutcome(index, error, clock.Elapsed, communicator.Rank);
            outcomes.Add(outcome);
            if (communicator.Rank == 0)
            {
                ended(outcome);
            }
        }

        return new ScheduleResult(outcomes, Stopped: false, []);
    }

    private static int[] Share(ICommunicator communicator, int[] indices)
    {
        long[] count = [communicator.Rank == 0 ? indices.Length : 0];
        communicator.AllReduce(count, Reduction.Max);
        long[] all = new long[count[0]];
        if (communicator.Rank == 0)
        {
            Array.ConvertAll(indices, i => (long)i).CopyTo(all, 0);
        }

        communicator.AllReduce(all, Reduction.Sum);
        return Array.ConvertAll(all, i => (int)i);
    }
}
