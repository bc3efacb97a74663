using System.Globalization;
using System.Text.Json;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

public class ProfileTests
{
    private const string Fresh = "descent.dynamics=fresh-noise", Epochs = "descent.epochs=40", Records = "descent.records=3";

    /// <summary>Most of the roof that a product may seem to reach where the peak was measured on a busy machine.</summary>
    private const double LargestFraction = 1.1;

    [Fact]
    public void ATaskIsProfiledAndItsResultIsThatOfARun()
    {
        using var work = new Workspace();
        string trace = Path.Combine(work.Folder, "trace.json");
        string[] overrides = ["model.features=300", "model.samples=150", "seeds.count=1"];
        HpcProcess.Ended profile = HpcProcess.Run(["profile", work.Spec, .. overrides, "--threads", "1", "--out", work.Out, "--trace", trace]);
        Assert.Equal(0, profile.ExitCode);
        Dictionary<string, Row> rows = Rows(profile.Output);
        Row gemm = rows["gemm (double)"];
        Assert.True(gemm.Calls > 30);
        Assert.InRange(gemm.Rate, 0.01, 1e4);
        Assert.InRange(gemm.OfRoof, 0.001, LargestFraction);
        Assert.Equal("compute", gemm.Limit);
        Assert.Equal(1, rows["eigensystem (double)"].Calls);
        Assert.All(
            (string[])["syrk (double)", "features (double)", "hermite-coefficients (double)", "mehler-sum (double)", "dense-operator (double)", "lanczos-step (double)", "normals (double)", "hdf5-write (double)"],
            name => Assert.Contains(name, rows.Keys));

        // Rounded to 0.1 % each.
        double shares = rows.Values.Sum(row => row.Share) + OutsideShare(profile.Output);
        Assert.Equal(100, shares, 0.05 * (rows.Count + 1));
        Assert.All((string[])["png", "svg"], type => Assert.True(new FileInfo(Path.Combine(work.Out, "figures", $"roofline.{type}")).Length > 1000));
        AssertNests(trace, rows);

        string run = Path.Combine(work.Folder, "run");
        Assert.Equal(0, HpcProcess.Run(["run", work.Spec, .. overrides, "--threads", "1", "--out", run]).ExitCode);
        ResultGroup profiled = ResultFile.Read(work.Merged), merged = ResultFile.Read(Path.Combine(run, "small.h5"));
        Assert.Equal(merged["eigenvalues"].Doubles, profiled["eigenvalues"].Doubles);
        Assert.Equal(merged["test_loss"].Doubles, profiled["test_loss"].Doubles);
    }

    [Theory]
    [InlineData("fresh-noise-epoch (single)", 40, Fresh, Epochs, Records, "spectrum=null")]
    [InlineData("fresh-noise-epoch (single)", 40, Fresh, Epochs, Records)]
    [InlineData("eigenvalues (double)", 1, "descent=null")]
    [InlineData("gemm+erf (double)", 2, "model.activation=erf", "descent.testSamples=100")]
    public void EveryKindOfTaskCanBeProfiled(string kernel, int calls, params string[] overrides)
    {
        using var work = new Workspace();
        HpcProcess.Ended profile = HpcProcess.Run(["profile", work.Spec, .. overrides, "--out", work.Out]);
        Assert.Equal("", profile.ExitCode == 0 ? "" : profile.Error);
        Assert.Equal(calls, Rows(profile.Output)[kernel].Calls);
    }

    [Fact]
    public void AStageOfTheLanczosMethodIsOneSpanHoweverManyProductsItTakes()
    {
        using var work = new Workspace();
        string trace = Path.Combine(work.Folder, "trace.json");
        HpcProcess.Ended profile = HpcProcess.Run("profile", work.Spec, "spectrum.method=lanczos", "--out", work.Out, "--trace", trace);
        Assert.Equal("", profile.ExitCode == 0 ? "" : profile.Error);
        using var document = JsonDocument.Parse(File.ReadAllText(trace));
        Event[] stages = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(e => e.GetProperty("ph").GetString() == "X" && e.GetProperty("cat").GetString() == "stage").Select(e => new Event(e))];
        Assert.Single(stages, e => e.Name == "spectral density");
        Assert.DoesNotContain(stages, e => e.Name.Contains("products", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--threads", "0.5", "threads")]
    [InlineData("--threads", "-1", "--threads")]
    [InlineData("--nonsense", "1", "nonsense")]
    [InlineData("--trace", "/", "--trace")]
    [InlineData("--out", "/dev/null/x", "--out")]
    [InlineData("model.dimensoin=3", "--threads=1", "did you mean \"model.dimension\"")]
    public void WhatCannotBeProfiledGivesExitCode2(string option, string value, string message)
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("profile", work.Spec, option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void ATaskThatFailsGivesItsExitCode()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("profile", work.Spec, "descent.learningRate=10", "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("2·learningRate·λ_max", run.Error);
    }

    /// <summary>Of two events of a thread one holds the other or they are apart, and the calls of a kernel add up to its line in the table.</summary>
    private static void AssertNests(string trace, Dictionary<string, Row> rows)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(trace));
        Event[] events = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == "X").Select(e => new Event(e))];
        foreach (IGrouping<int, Event> thread in events.GroupBy(e => e.Thread))
        {
            var open = new Stack<Event>();
            foreach (Event e in thread)
            {
                while (open.Count > 0 && open.Peek().End <= e.Start + 0.05)
                {
                    open.Pop();
                }

                // Times have steps of 0.1 µs, and the sum of two has rounding.
                Assert.True(open.Count == 0 || e.End <= open.Peek().End + 0.11, $"{e.Name} ends after the {open.FirstOrDefault()?.Name} that it began in");
                open.Push(e);
            }
        }

        Event task = Assert.Single(events, e => e.Name == "task");
        Assert.All(events, e => Assert.InRange(e.Start, task.Start, task.End));
        Assert.Contains(events, e => e is { Category: "stage", Name: "covariance" });
        foreach (IGrouping<string, Event> kernel in events.Where(e => e.Category == "kernel").GroupBy(e => $"{e.Name} ({e.Precision})"))
        {
            Row row = rows[kernel.Key];
            Assert.Equal(row.Calls, kernel.Count());

            // The trace has steps of 0.1 µs, the table of 0.1 ms.
            Assert.Equal(row.Seconds, kernel.Sum(e => e.End - e.Start) / 1e6, 0.5e-4 + 1e-7 * row.Calls);
        }

        Assert.Equal(rows.Count, events.Where(e => e.Category == "kernel").Select(e => (e.Name, e.Precision)).Distinct().Count());
    }

    private static Dictionary<string, Row> Rows(string output) => output.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(cells => cells.Length == 11 && cells[1] is "(single)" or "(double)")
        .ToDictionary(cells => $"{cells[0]} {cells[1]}", cells => new Row(
            int.Parse(cells[2], CultureInfo.InvariantCulture), Number(cells[3]), Number(cells[5]), Number(cells[6]), cells[9], Number(cells[10])));

    private static double OutsideShare(string output) => Number(
        output.Split('\n').Single(line => line.StartsWith("outside kernels", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1]);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Row(int Calls, double Seconds, double Share, double Rate, string Limit, double OfRoof);

    private sealed class Event(JsonElement element)
    {
        public string Name { get; } = element.GetProperty("name").GetString()!;

        public string Category { get; } = element.GetProperty("cat").GetString()!;

        public string? Precision { get; } = element.TryGetProperty("args", out JsonElement arguments) ? arguments.GetProperty("precision").GetString() : null;

        public int Thread { get; } = element.GetProperty("tid").GetInt32();

        public double Start { get; } = element.GetProperty("ts").GetDouble();

        public double End { get; } = element.GetProperty("ts").GetDouble() + element.GetProperty("dur").GetDouble();
    }
}
