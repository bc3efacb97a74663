using System.Runtime.InteropServices;

namespace Hpc.Cluster;

/// <summary>
/// Whether the run is asked to stop, by SIGTERM, SIGINT, SIGUSR1, SIGUSR2 (batch systems send them before they end a job) or its own time
/// limit. The signals no longer end the process; they may come several times. Make it first of all in Main: MPI libraries are then kept
/// from taking the signals over.
/// </summary>
public sealed class StopRequest : IDisposable
{
    private const int UserSignal1 = 10;
    private const int UserSignal2 = 12;

    private static readonly (PosixSignal Signal, string Name)[] Signals =
    [
        (PosixSignal.SIGTERM, "SIGTERM"),
        (PosixSignal.SIGINT, "SIGINT"),
        ((PosixSignal)UserSignal1, "SIGUSR1"),
        ((PosixSignal)UserSignal2, "SIGUSR2"),
    ];

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private Timer? timer;
    private string? reason;

    public StopRequest() => registrations = Array.ConvertAll(Signals, s => PosixSignalRegistration.Create(s.Signal, context =>
    {
        context.Cancel = true;
        Request(s.Name);
    }));

    /// <summary>Cancelled when the run is asked to stop.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>What asked first: the name of a signal, or the time limit; null when nothing did.</summary>
    public string? Reason => reason;

    /// <summary>Asks the run to stop.</summary>
    public void Request(string why)
    {
        if (Interlocked.CompareExchange(ref reason, why, null) is null)
        {
            // A callback of the token must not hold up the thread that delivers signals.
            _ = Task.Run(source.Cancel);
        }
    }

    /// <summary>Asks the run to stop when this much time has passed from now.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, or more than 49 days.</exception>
    public void After(TimeSpan maximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maximum, TimeSpan.Zero);
        timer?.Dispose();
        timer = new Timer(_ => Request($"time limit of {maximum}"), null, maximum, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        timer?.Dispose();
        Array.ForEach(registrations, r => r.Dispose());
    }
}
