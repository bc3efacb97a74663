using System.Diagnostics;

namespace Hpc.Numerics.Profiling;

/// <summary>Listens to the activities of <see cref="Instrumentation"/> and keeps them until it is disposed.</summary>
public sealed class SpanRecorder : IDisposable
{
    private readonly object gate = new();
    private readonly List<RecordedSpan> spans = [];
    private readonly DateTime origin = DateTime.UtcNow;
    private readonly int capacity;
    private readonly ActivityListener listener;

    /// <param name="capacity">Most spans kept, some 64 bytes each; later ones are only counted.</param>
    public SpanRecorder(int capacity)
    {
        this.capacity = capacity;
        listener = new ActivityListener
        {
            ShouldListenTo = source => source == Instrumentation.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Record,
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Spans beyond the capacity.</summary>
    public long Dropped { get; private set; }

    /// <summary>What has ended so far, in the order of ending.</summary>
    public IReadOnlyList<RecordedSpan> Spans
    {
        get
        {
            lock (gate)
            {
                return [.. spans];
            }
        }
    }

    public void Dispose() => listener.Dispose();

    private void Record(Activity activity)
    {
        var span = new RecordedSpan(
            activity.OperationName, Environment.CurrentManagedThreadId, activity.StartTimeUtc - origin, activity.Duration,
            (string?)activity.GetTagItem(Kernel.PrecisionTag), (double?)activity.GetTagItem(Kernel.FlopsTag) ?? 0,
            (double?)activity.GetTagItem(Kernel.BytesTag) ?? 0);
        lock (gate)
        {
            if (spans.Count < capacity)
            {
                spans.Add(span);
            }
            else
            {
                Dropped++;
            }
        }
    }
}
