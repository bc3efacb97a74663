using System.Text.Json;
using Hpc.Cli.Profiling;
using Hpc.Numerics.Profiling;

namespace Hpc.Cli.Tests.Profiling;

public class ChromeTraceTests
{
    [Fact]
    public void WritesCompleteEventsWithCallersFirst()
    {
        RecordedSpan[] spans =
        [
            new("gemm", 7, TimeSpan.FromMicroseconds(10), TimeSpan.FromMicroseconds(2.5), "single", 40, 8),
            new("covariance", 7, TimeSpan.FromMicroseconds(10), TimeSpan.FromMicroseconds(20), null, 0, 0),
            new("syrk", 9, TimeSpan.FromMicroseconds(3), TimeSpan.FromMicroseconds(1), "double", 12, 24),
        ];
        using var stream = new MemoryStream();
        ChromeTrace.Write(stream, "a \"name\"", spans);
        using var document = JsonDocument.Parse(stream.ToArray());
        JsonElement[] events = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray()];
        Assert.Equal("a \"name\"", events[0].GetProperty("args").GetProperty("name").GetString());
        JsonElement[] complete = [.. events.Where(e => e.GetProperty("ph").GetString() == "X")];
        Assert.Equal(["syrk", "covariance", "gemm"], complete.Select(e => e.GetProperty("name").GetString()));
        Assert.Equal((10, 2.5), (complete[2].GetProperty("ts").GetDouble(), complete[2].GetProperty("dur").GetDouble()));
        Assert.Equal((7, "kernel"), (complete[2].GetProperty("tid").GetInt32(), complete[2].GetProperty("cat").GetString()));
        JsonElement arguments = complete[2].GetProperty("args");
        Assert.Equal((40, 8, "single"), (arguments.GetProperty("flops").GetDouble(), arguments.GetProperty("bytes").GetDouble(), arguments.GetProperty("precision").GetString()));
        Assert.Equal("stage", complete[1].GetProperty("cat").GetString());
        Assert.Equal([7, 9], events.Where(e => e.GetProperty("name").GetString() == "thread_name").Select(e => e.GetProperty("tid").GetInt32()));
    }
}
