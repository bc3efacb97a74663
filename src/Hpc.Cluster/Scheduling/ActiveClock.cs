using System.Diagnostics;

namespace Hpc.Cluster;

/// <summary>
/// The time during which this process itself was at work: each look counts at most a tenth of a second. A machine that was suspended, or
/// so loaded that this process stood still, then does not make the others seem silent.
/// </summary>
internal sealed class ActiveClock
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(0.1);

    private long last = Stopwatch.GetTimestamp();

    public TimeSpan Elapsed { get; private set; }

    /// <summary>Advances the clock.</summary>
    public void Look()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan passed = Stopwatch.GetElapsedTime(last, now);
        last = now;
        Elapsed += passed < Most ? passed : Most;
    }
}
