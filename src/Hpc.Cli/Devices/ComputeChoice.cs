using System.Globalization;
using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Cluster;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Spec;
using Hpc.Kernels;
using Hpc.Kernels.Devices;
using Hpc.Numerics.Threading;

namespace Hpc.Cli.Devices;

/// <summary>What a command computes with: the processor, or an accelerator that was asked for or measured to be faster.</summary>
internal sealed class ComputeChoice : IDisposable
{
    /// <summary>Value of <c>--device</c> that leaves the choice to the engine.</summary>
    public const string Auto = "auto";

    /// <summary>Share of the memory of a device that a task may take; the driver has its own needs.</summary>
    private const double MemoryShare = 0.9;

    private readonly DeviceInfo? info;
    private readonly int localRank;
    private ComputeDevice? device;

    private ComputeChoice(DeviceInfo? info, int localRank, int sharing)
    {
        (this.info, this.localRank) = (info, localRank);
        Limit = info is null ? null : LimitOf(info, sharing);
    }

    /// <summary>Memory of the device for one task; null on the processor.</summary>
    public DeviceLimit? Limit { get; private init; }

    /// <summary>Where solvers compute.</summary>
    public IBackend Backend { get; private set; } = new SimdBackend();

    /// <summary>Whether it is an accelerator, which works on one task at a time.</summary>
    public bool IsDevice => info is not null;

    /// <summary>Finds the device of an option.</summary>
    /// <param name="option">Value of <c>--device</c>.</param>
    /// <param name="single">Whether products are in single precision.</param>
    /// <param name="spec">What is to be computed.</param>
    /// <param name="communicator">Without an index the processes of a machine take its devices in turn.</param>
    /// <param name="threads">Threads for the processor where it is measured.</param>
    /// <param name="fits">Whether the tasks fit into the memory of a device; <see cref="Auto"/> takes no other.</param>
    /// <exception cref="UsageException">There is no such device, or it cannot do what is asked for.</exception>
    public static ComputeChoice Find(
        string option, bool single, ExperimentSpec spec, ICommunicator communicator, int threads, Func<DeviceLimit, bool> fits)
    {
        bool doubles = !single || !Planner.OnlyFreshNoise(spec);
        if (option == Auto)
        {
            return Fastest(single, doubles, spec, communicator, threads, fits);
        }

        DeviceName name = Parse(option);
        if (name.Kind == DeviceKind.Cpu)
        {
            return new ComputeChoice(null, 0, 1);
        }

        try
        {
            IReadOnlyList<DeviceInfo> all = DeviceCatalog.List();
            DeviceInfo info = DeviceCatalog.Choose(all, name, communicator.LocalRank);
            RequireDoubles(info, doubles, single, all);
            int sharing = Sharing(name, communicator);
            return new ComputeChoice(info, communicator.LocalRank, sharing)
            {
                Limit = LimitOf(info, sharing) with { Others = [.. all.Where(d => d.IsUsable && d.Name.Kind != DeviceKind.Cpu && d.Name != info.Name).Select(d => LimitOf(d, 1))] },
            };
        }
        catch (DeviceException e)
        {
            throw new UsageException($"--device: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Refuses a device without double precision where that is needed.</summary>
    /// <param name="info">The device.</param>
    /// <param name="doubles">Whether double precision is needed.</param>
    /// <param name="single">Whether products are in single precision all the same.</param>
    /// <param name="all">The devices of the machine.</param>
    /// <exception cref="UsageException">It has none; the message names devices that have.</exception>
    internal static void RequireDoubles(DeviceInfo info, bool doubles, bool single, IReadOnlyList<DeviceInfo> all)
    {
        if (doubles && !info.HasDoubles)
        {
            throw new UsageException(
                $"--device {info.Name}: {info.Description} has no double precision, which {(single ? "covariances need" : "--precision double needs")}; "
                + $"devices that would do: {string.Join(", ", all.Where(d => d.IsUsable && d.HasDoubles).Select(d => d.Name))}"
                + (single ? "" : ", or use --precision single for descent with fresh noise"));
        }
    }

    /// <summary>Reads a device name.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static DeviceName Parse(string option)
    {
        try
        {
            return DeviceName.Parse(option);
        }
        catch (DeviceException e)
        {
            throw new UsageException($"--device: {e.Message.TrimEnd('.')}; auto takes the fastest");
        }
    }

    /// <summary>Opens the device where it is one.</summary>
    /// <param name="profiling">Whether its own clock is to take the times of kernels.</param>
    /// <exception cref="UsageException">The driver refused.</exception>
    public void Open(bool profiling = false)
    {
        if (info is not null && device is null)
        {
            try
            {
                device = ComputeDevice.Open(info.Name, localRank, profiling);
            }
            catch (DeviceException e)
            {
                throw new UsageException($"--device: {e.Message.TrimEnd('.')}");
            }

            Backend = new AcceleratorBackend(device);
        }
    }

    /// <summary>Opens the device and measures it, in a second or so; null on the processor.</summary>
    /// <exception cref="UsageException">The driver refused.</exception>
    public DeviceRates? MeasureRates()
    {
        Open();
        return device is null ? null : DeviceRates.Measure(device);
    }

    public void Dispose() => device?.Dispose();

    /// <summary>Takes the one with the shortest time, in the given order where times are equal.</summary>
    internal static (T Choice, double Seconds) Shortest<T>(IEnumerable<T> candidates, Func<T, double> seconds) =>
        candidates.Select(c => (c, seconds(c))).MinBy(pair => pair.Item2);

    private static ComputeChoice Fastest(
        bool single, bool doubles, ExperimentSpec spec, ICommunicator communicator, int threads, Func<DeviceLimit, bool> fits)
    {
        IReadOnlyList<DeviceInfo> all = DeviceCatalog.Accelerators();
        DeviceInfo[] usable = [.. all.Where(d => d.IsUsable && (d.HasDoubles || !doubles))];
        if (usable.Length == 0)
        {
            return new ComputeChoice(null, 0, 1);
        }

        // The ranks of a machine take its devices in turn, each measures its own.
        var candidates = new List<ComputeChoice> { new(null, 0, 1) };
        foreach (IGrouping<DeviceKind, DeviceInfo> kind in usable.GroupBy(d => d.Name.Kind))
        {
            DeviceInfo[] devices = [.. kind];
            DeviceInfo own = devices[communicator.LocalRank % devices.Length];
            var candidate = new ComputeChoice(own, communicator.LocalRank, Sharing(new DeviceName(kind.Key), communicator));
            if (fits(candidate.Limit!))
            {
                candidates.Add(candidate);
            }
        }

        if (candidates.Count == 1)
        {
            Progress.Say($"device cpu: a task does not fit into the memory of {string.Join(", ", usable.Select(d => d.Name))}");
            return candidates[0];
        }

        using var team = new ThreadTeam(threads);
        (ComputeChoice choice, double best) = Shortest(candidates, Seconds);
        foreach (ComputeChoice other in candidates.Where(c => c != choice))
        {
            other.Dispose();
        }

        Progress.Say(string.Create(
            CultureInfo.InvariantCulture, $"device {choice.Backend.Description}: the fastest of {candidates.Count} in a test, {1e3 * best:F1} ms"));
        return choice;

        double Seconds(ComputeChoice candidate)
        {
            try
            {
                candidate.Open();
                return SpeedTest.Seconds(candidate.Backend, Planner.OnlyFreshNoise(spec), single, team);
            }
            catch (UsageException e)
            {
                Progress.Say(e.Message);
                return double.PositiveInfinity;
            }
        }
    }

    private static DeviceLimit LimitOf(DeviceInfo info, int sharing) =>
        new(info.Name.ToString(), MemoryShare * info.MemoryBytes / sharing, info.LargestAllocationBytes);

    /// <summary>Processes of this machine that take the same device.</summary>
    private static int Sharing(DeviceName name, ICommunicator communicator)
    {
        int devices = name.Index is null ? Math.Max(1, DeviceCatalog.List().Count(d => d.Name.Kind == name.Kind && d.IsUsable)) : 1;
        return (communicator.LocalSize + devices - 1) / devices;
    }
}
