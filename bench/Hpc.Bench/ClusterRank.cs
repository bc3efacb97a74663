using System.Diagnostics;
using System.Globalization;
using Hpc.Cluster;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>What a rank measures under a launcher; rank 0 prints the seconds.</summary>
internal static class ClusterRank
{
    private const int Rounds = 9;

    public static int Run(string[] args)
    {
        using var stop = new StopRequest();
        ICommunicator communicator = Communicators.Create();
        double[] seconds = args switch
        {
            ["allreduce", string count] => [AllReduce(communicator, int.Parse(count, CultureInfo.InvariantCulture))],
            ["scheduler", string tasks] => [Schedule(communicator, int.Parse(tasks, CultureInfo.InvariantCulture))],
            ["operator", string storage, string vectors] => Product(communicator, storage, int.Parse(vectors, CultureInfo.InvariantCulture)),
            _ => throw new ArgumentException($"no such measurement: {string.Join(' ', args)}"),
        };
        if (communicator.Rank == 0)
        {
            Console.WriteLine(string.Join(' ', seconds.Select(s => s.ToString("R", CultureInfo.InvariantCulture))));
        }

        communicator.Finish();
        return 0;
    }

    /// <summary>Seconds of one sum of so many doubles, as the C program of <see cref="ClusterSection"/> measures it.</summary>
    private static double AllReduce(ICommunicator communicator, int count)
    {
        double[] values = new double[count];
        int calls = Math.Max(20, 20_000_000 / (count + 2000));
        var rounds = new double[Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            Span<long> together = [0];
            communicator.AllReduce(together, Reduction.Max);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
            {
                communicator.AllReduce(values, Reduction.Sum);
            }

            rounds[Math.Max(round, 0)] = Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
        }

        return Median(rounds);
    }

    /// <summary>Seconds a task, of tasks that do nothing.</summary>
    private static double Schedule(ICommunicator communicator, int tasks)
    {
        long start = Stopwatch.GetTimestamp();
        ClusterScheduler.Run(
            communicator, [.. Enumerable.Range(0, tasks).Select(i => new ClusterTask(i, 1))], 1, (_, _, _) => { }, new ScheduleOptions(), CancellationToken.None);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / tasks;
    }

    /// <summary>
    /// Seconds of a product with the sampled covariance, N = 100, P = M = 6000, its features divided among the ranks, one thread each: with the
    /// sums of a tile after the products of its own, as the program makes them on one host, and beside those of the next.
    /// </summary>
    private static double[] Product(ICommunicator communicator, string storage, int vectors)
    {
        using var team = new ThreadTeam(1);
        var model = new ModelSpec
        {
            Dimension = 100,
            Features = 6000,
            Samples = 6000,
            Activation = Activation.Tanh,
            Classes = [new ClassSpec(1, 0.5)],
            CentroidGram = [[0]],
        };
        var sums = new Sums(communicator);
        using var realization = new Realization(model, 1, team, sums);
        using var moments = new SampledMoments(
            realization, new ForwardProcess(0.01), 1, storage == "stored" ? FeatureStorage.Single : FeatureStorage.Regenerated, team);
        RowShare share = realization.Features;
        using Matrix<double> x = new(vectors, share.Count), y = new(vectors, share.Count);
        x.Span.Fill(1);
        double[] beside = new double[Rounds], after = new double[Rounds];
        for (int round = -2; round < Rounds; round++)
        {
            sums.Overlaps = false;
            after[Math.Max(round, 0)] = Once();
            sums.Overlaps = true;
            beside[Math.Max(round, 0)] = Once();
        }

        return [Median(after), Median(beside)];

        double Once()
        {
            Span<long> together = [0];
            communicator.AllReduce(together, Reduction.Max);
            long start = Stopwatch.GetTimestamp();
            moments.TrainAll.Covariance.Apply(x.Transposed, y.Transposed);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private sealed class Sums(ICommunicator communicator) : IReduction
    {
        public bool Overlaps { get; set; }

        public int Rank => communicator.Rank;

        public int Ranks => communicator.Size;

        public void Sum(Span<double> values) => communicator.AllReduce(values, Reduction.Sum);

        public void Sum(Span<float> values) => communicator.AllReduce(values, Reduction.Sum);

        public void Begin(Span<double> values) => communicator.BeginAllReduce(values, Reduction.Sum);

        public void Complete() => communicator.EndAllReduce();
    }
}
