using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace Hpc.Numerics.Profiling;

/// <summary>Listens to the meter of <see cref="Instrumentation"/> and sums the calls of every kernel until it is disposed.</summary>
public sealed class KernelProfile : IDisposable
{
    private readonly object gate = new();
    private readonly Dictionary<(string Name, string Precision), Sums> kernels = [];
    private readonly MeterListener listener = new();

    public KernelProfile()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter == Instrumentation.Meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    /// <summary>The kernels that were called so far, by the time spent in themselves, longest first.</summary>
    public IReadOnlyList<KernelTotals> Kernels
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. kernels
                        .Select(k => new KernelTotals(
                            k.Key.Name, k.Key.Precision, (long)k.Value.Calls, k.Value.Seconds, k.Value.SelfSeconds, k.Value.Flops, k.Value.Bytes))
                        .OrderByDescending(k => k.SelfSeconds),
                ];
            }
        }
    }

    public void Dispose() => listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = ((string)tags[0].Value!, (string)tags[1].Value!);
        lock (gate)
        {
            ref Sums sums = ref CollectionsMarshal.GetValueRefOrAddDefault(kernels, key, out _);
            if (instrument == Instrumentation.Duration)
            {
                sums.Seconds += value;
            }
            else if (instrument == Instrumentation.SelfTime)
            {
                sums.SelfSeconds += value;
            }
            else if (instrument == Instrumentation.Calls)
            {
                sums.Calls += value;
            }
            else if (instrument == Instrumentation.Flops)
            {
                sums.Flops += value;
            }
            else
            {
                sums.Bytes += value;
            }
        }
    }

    private struct Sums
    {
        public double Calls, Seconds, SelfSeconds, Flops, Bytes;
    }
}
