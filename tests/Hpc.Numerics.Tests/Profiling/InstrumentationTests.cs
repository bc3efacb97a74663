using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Profiling;

/// <summary>What tools that know nothing of the engine but the names find.</summary>
[Collection(ProfilingCollection.Name)]
public class InstrumentationTests
{
    private const int N = 24;

    [Fact]
    public void AMeterListenerHearsEveryInstrument()
    {
        var heard = new Dictionary<string, double>();
        var units = new Dictionary<string, string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Hpc")
            {
                units[instrument.Name] = instrument.Unit;
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.Start();
        Multiply();
        Assert.Equal(1, heard["hpc.kernel.calls"]);
        Assert.Equal(2.0 * N * N * N, heard["hpc.kernel.flops"]);
        Assert.Equal(3.0 * N * N * sizeof(double), heard["hpc.kernel.bytes"]);
        Assert.InRange(heard["hpc.kernel.self_time"], 1e-9, heard["hpc.kernel.duration"]);
        Assert.Equal(("s", "By"), (units["hpc.kernel.duration"], units["hpc.kernel.bytes"]));

        void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Assert.Equal([new("kernel", "gemm"), new("precision", "double")], tags.ToArray());
            heard[instrument.Name] = heard.GetValueOrDefault(instrument.Name) + value;
        }
    }

    [Fact]
    public void AnActivityListenerSeesKernelsInsideTheirCallers()
    {
        var stopped = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Hpc",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using (Kernel.Of<double>("caller").Enter(1, 2))
        {
            Multiply();
        }

        Assert.Null(Activity.Current);
        Assert.Equal(["gemm", "caller"], stopped.Select(a => a.OperationName));
        Assert.Same(stopped[1], stopped[0].Parent);
        Assert.Equal(2.0 * N * N * N, stopped[0].GetTagItem("flops"));
        Assert.Equal("double", stopped[0].GetTagItem("precision"));
        Assert.True(stopped[0].StartTimeUtc >= stopped[1].StartTimeUtc);
        Assert.True(stopped[0].Duration <= stopped[1].Duration);
    }

    /// <summary>The way of dotnet-counters: the runtime's event source for metrics, asked for the meter by its name.</summary>
    [Fact]
    public void TheRuntimePublishesTheMeterToToolsOutside()
    {
        using var listener = new MetricsEvents();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(20) && !listener.Rates.Contains("kernel=gemm,precision=double");)
        {
            Multiply();
            Thread.Sleep(20);
        }

        Assert.Contains("kernel=gemm,precision=double", listener.Rates);
    }

    [Fact]
    public void ARecorderKeepsSpansUpToItsCapacity()
    {
        using var recorder = new SpanRecorder(2);
        for (int i = 0; i < 3; i++)
        {
            Multiply();
        }

        Assert.Equal(1, recorder.Dropped);
        Assert.Equal(2, recorder.Spans.Count);
        Assert.All(recorder.Spans, span => Assert.Equal(("gemm", "double", 2.0 * N * N * N), (span.Name, span.Precision, span.Flops)));
        Assert.All(recorder.Spans, span => Assert.Equal(Environment.CurrentManagedThreadId, span.Thread));
        Assert.True(recorder.Spans[0].Start + recorder.Spans[0].Duration <= recorder.Spans[1].Start);
    }

    private static void Multiply()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = new(N, N), c = new(N, N);
        Gemm.Multiply(team, 1, a.View, a.View, 0, c.View);
    }

    private sealed class MetricsEvents : EventListener
    {
        private readonly List<string> rates = [];

        public IReadOnlyList<string> Rates
        {
            get
            {
                lock (rates)
                {
                    return [.. rates];
                }
            }
        }

        protected override void OnEventSourceCreated(EventSource source)
        {
            if (source.Name == "System.Diagnostics.Metrics")
            {
                const EventKeywords TimeSeriesValues = (EventKeywords)2;
                EnableEvents(source, EventLevel.Informational, TimeSeriesValues, new Dictionary<string, string?>
                {
                    ["SessionId"] = "test",
                    ["Metrics"] = "Hpc",
                    ["RefreshInterval"] = "0.1",
                    ["MaxTimeSeries"] = "100",
                    ["MaxHistograms"] = "100",
                });
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs written)
        {
            if (written.EventName == "CounterRateValuePublished" && (string?)written.Payload![1] == "Hpc" && (string?)written.Payload[3] == "hpc.kernel.calls")
            {
                lock (rates)
                {
                    rates.Add((string)written.Payload[5]!);
                }
            }
        }
    }
}
