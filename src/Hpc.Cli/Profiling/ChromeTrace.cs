using System.Text.Json;
using Hpc.Numerics.Profiling;

namespace Hpc.Cli.Profiling;

/// <summary>Spans in the trace event format of Chrome, which ui.perfetto.dev and chrome://tracing open: complete events, times in µs.</summary>
public static class ChromeTrace
{
    /// <summary>One process; a trace tells apart those that were recorded separately, not these.</summary>
    private const int Process = 1;

    /// <summary>Writes the trace as one JSON object; on every thread a span comes before those inside it.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="processName">Title of the process in the viewer.</param>
    /// <param name="spans">What ran, in any order.</param>
    public static void Write(Stream stream, string processName, IReadOnlyList<RecordedSpan> spans)
    {
        using var writer = new Utf8JsonWriter(stream);
        writer.WriteStartObject();
        writer.WriteString("displayTimeUnit", "ms");
        writer.WriteStartArray("traceEvents");
        Name(writer, "process_name", 0, processName);
        foreach (int thread in spans.Select(span => span.Thread).Distinct().Order())
        {
            Name(writer, "thread_name", thread, $"thread {thread}");
        }

        foreach (RecordedSpan span in spans.OrderBy(span => span.Start).ThenByDescending(span => span.Duration))
        {
            writer.WriteStartObject();
            writer.WriteString("name", span.Name);
            writer.WriteString("cat", span.Precision is null ? "stage" : "kernel");
            writer.WriteString("ph", "X");
            writer.WriteNumber("ts", span.Start.TotalMicroseconds);
            writer.WriteNumber("dur", span.Duration.TotalMicroseconds);
            writer.WriteNumber("pid", Process);
            writer.WriteNumber("tid", span.Thread);
            if (span.Precision is { } precision)
            {
                writer.WriteStartObject("args");
                writer.WriteString("precision", precision);
                writer.WriteNumber("flops", span.Flops);
                writer.WriteNumber("bytes", span.Bytes);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Name(Utf8JsonWriter writer, string kind, int thread, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("name", kind);
        writer.WriteString("ph", "M");
        writer.WriteNumber("pid", Process);
        writer.WriteNumber("tid", thread);
        writer.WriteStartObject("args");
        writer.WriteString("name", name);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
