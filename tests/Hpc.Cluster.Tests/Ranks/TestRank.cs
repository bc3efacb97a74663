using System.Runtime.CompilerServices;
using Hpc.Cluster.Mpi;

namespace Hpc.Cluster.Tests.Ranks;

/// <summary>What a rank does in the tests with real launchers.</summary>
internal static class TestRank
{
    public const int Done = 0;
    public const int Wrong = 1;
    public const int Refused = 2;
    public const int Stopped = 3;

    public static int Run(string[] args)
    {
        using var stop = new StopRequest();
        ICommunicator communicator;
        try
        {
            communicator = Communicators.Create();
        }
        catch (MpiException e)
        {
            Console.Error.WriteLine($"refused: {e.Message}");
            return Refused;
        }

        if (args is ["return", string code] && communicator.Rank == communicator.Size - 1)
        {
            return int.Parse(code);
        }

        int result = args switch
        {
            ["collectives"] => Collectives(communicator),
            ["tasks", string folder, string count, string milliseconds, .. string[] rest] =>
                SquaringRun.Execute(communicator, stop, folder, int.Parse(count), int.Parse(milliseconds), rest),
            ["agree", string folder] => Agree(communicator, stop, folder),
            ["lock", string folder] => Lock(folder),
            ["null-reference"] => NullReference(communicator),
            ["throw"] when communicator.Rank == communicator.Size - 1 => throw new InvalidOperationException("thrown on purpose"),
            ["throw" or "return", ..] => Done,
            _ => throw new ArgumentException($"no such test: {string.Join(' ', args)}"),
        };
        communicator.Finish();
        return communicator.Rank == 0 ? result : Done;
    }

    private static int Collectives(ICommunicator communicator)
    {
        int rank = communicator.Rank, size = communicator.Size;
        Console.WriteLine($"rank {rank} of {size}: {communicator.Description}");
        communicator.Barrier();

        Require(communicator.LocalRank == rank && communicator.LocalSize == size, "all ranks are on this host");

        double[] numbers = new double[1001];
        long[] integers = new long[1001];
        for (int i = 0; i < numbers.Length; i++)
        {
            (numbers[i], integers[i]) = (rank + 0.5 * i, (rank + 1L) << (i % 40));
        }

        communicator.AllReduce(numbers, Reduction.Sum);
        communicator.AllReduce(integers, Reduction.Sum);
        long pairs = (long)size * (size - 1) / 2;
        for (int i = 0; i < numbers.Length; i++)
        {
            Require(numbers[i] == pairs + size * 0.5 * i, "sum of doubles");
            Require(integers[i] == (pairs + size) << (i % 40), "sum of integers");
        }

        float[] singles = [.. Enumerable.Range(0, 1001).Select(i => rank + 0.5f * i)];
        communicator.AllReduce(singles, Reduction.Sum);
        Require(singles.Select((value, i) => value == pairs + size * 0.5f * i).All(x => x), "sum of singles");

        double[] largest = [-rank, rank, double.NegativeInfinity];
        communicator.AllReduce(largest, Reduction.Max);
        Require(largest is [0, var last, double.NegativeInfinity] && last == size - 1, "maximum of doubles");
        long[] largestInteger = [long.MinValue + rank];
        communicator.AllReduce(largestInteger, Reduction.Max);
        Require(largestInteger[0] == long.MinValue + size - 1, "maximum of integers");
        communicator.AllReduce(Span<double>.Empty, Reduction.Sum);
        SumBesideWork(communicator);

        byte[] text = [.. Enumerable.Range(0, 70_001).Select(i => (byte)(rank == size - 1 ? i * 7 : 0))];
        communicator.Broadcast(text, root: size - 1);
        Require(text.Select((b, i) => b == (byte)(i * 7)).All(x => x), "broadcast");

        byte[][]? all = communicator.Gather(Enumerable.Repeat((byte)rank, 1000 * rank).ToArray(), root: 0);
        Require(rank != 0 == all is null, "only the root gathers");
        Require(all is null || all.Select((part, i) => part.Length == 1000 * i && part.All(b => b == i)).All(x => x), "gather");

        // A ring: 100 000 bytes do not fit into the eager buffers, so that somebody must receive first.
        int next = (rank + 1) % size, previous = (rank + size - 1) % size;
        byte[] message = Enumerable.Repeat((byte)(rank + 1), 100_000 + rank).ToArray();
        Require(communicator.Probe(previous, tag: 8) is null, "no message with this tag");
        if (rank % 2 == 0)
        {
            communicator.Send(message, next, tag: 7);
            ReceiveFromPrevious();
        }
        else
        {
            ReceiveFromPrevious();
            communicator.Send(message, next, tag: 7);
        }

        Require(communicator.Any(rank == size - 1) && !communicator.Any(false), "any");
        ExpectThrows<ArgumentOutOfRangeException>(() => communicator.Send(message, size, tag: 7));
        ExpectThrows<MpiException>(() => communicator.Send(message, next, tag: -5));
        communicator.Barrier();
        Console.WriteLine($"rank {rank} done");
        return Done;

        void ReceiveFromPrevious()
        {
            MessageInfo? info;
            while ((info = communicator.Probe(ICommunicator.AnySource, tag: 7)) is null)
            {
            }

            Require(info == new MessageInfo(previous, 7, 100_000 + previous), "probe");
            byte[] received = new byte[info.Value.Length];
            Require(communicator.Receive(received, previous, tag: 7) == received.Length, "length");
            Require(received.All(b => b == previous + 1), "content");
        }
    }

    /// <summary>Sums that are begun before and ended after other work, on memory that does not move.</summary>
    private static void SumBesideWork(ICommunicator communicator)
    {
        double[] numbers = GC.AllocateArray<double>(100_000, pinned: true);
        for (int round = 0; round < 3; round++)
        {
            numbers.AsSpan().Fill(communicator.Rank + round);
            communicator.BeginAllReduce(numbers, Reduction.Sum);
            Thread.Sleep(communicator.Rank);
            communicator.EndAllReduce();
            Require(numbers.All(x => x == communicator.Size * (communicator.Size - 1) / 2 + round * communicator.Size), "sum beside work");
        }

        communicator.BeginAllReduce(numbers, Reduction.Max);
        communicator.EndAllReduce();
        communicator.BeginAllReduce([], Reduction.Sum);
        communicator.EndAllReduce();
    }

    /// <summary>Steps in lockstep until a signal stops all ranks after the same step.</summary>
    private static int Agree(ICommunicator communicator, StopRequest stop, string folder)
    {
        long steps = 0;
        File.WriteAllText(Path.Combine(folder, $"started.{communicator.Rank}"), "");

        for (; !communicator.Any(stop.Token.IsCancellationRequested); steps++)
        {
            Thread.Sleep(5);
        }

        long[] bounds = [steps, -steps];
        communicator.AllReduce(bounds, Reduction.Max);
        File.WriteAllText(Path.Combine(folder, $"stopped.{communicator.Rank}"), $"{bounds[0] + bounds[1]} {stop.Reason}");
        return Stopped;
    }

    private static int Lock(string folder)
    {
        try
        {
            RunLock.Acquire(folder).Dispose();
            return Done;
        }
        catch (FolderInUseException e)
        {
            Console.Error.WriteLine(e.Message);
            return Refused;
        }
    }

    [MethodImpl(MethodImplOptions.NoOptimization)]
    private static int NullReference(ICommunicator communicator)
    {
        string? nothing = communicator.Size > 0 ? null : "";
        try
        {
            return nothing!.Length;
        }
        catch (NullReferenceException)
        {
            Console.WriteLine("caught");
            return Done;
        }
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"wrong: {what}");
        }
    }

    private static void ExpectThrows<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T)
        {
            return;
        }

        throw new InvalidOperationException($"no {typeof(T).Name}");
    }
}
