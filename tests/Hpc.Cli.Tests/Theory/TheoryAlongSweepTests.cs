using Hpc.Cli.Theory;
using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Tests.Theory;

public sealed class TheoryAlongSweepTests : IDisposable
{
    private const string Spec = """
        {
          "schema": 1, "name": "along",
          "model": { "dimension": 30, "features": 180, "samples": 90,
                     "classes": [ { "weight": 0.5, "variance": 0.5 }, { "weight": 0.5, "variance": 0.25 } ] },
          "diffusionTime": 0.01,
          "descent": { "learningRate": 0.001, "epochs": 1000000, "records": 40 },
          "sweep": [ { "parameter": "model.classes[1].variance", "values": [0.25, 0.4] },
                     { "parameters": { "model.classes[0].weight": [0.2, 0.5, 0.8], "model.classes[1].weight": [0.8, 0.5, 0.2] } } ]
        }
        """;

    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("hpc-test-").FullName, "theory");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    [Fact]
    public void Every_series_has_the_theory_of_its_points_and_between_them()
    {
        ExperimentSpec spec = SpecReader.Parse(Spec);
        IReadOnlyList<TheoryAlongSweep> series = TheoryAlongSweep.Compute(spec, new TheoryStore(folder), 5, TestContext.Current.CancellationToken);
        Assert.Equal([0, 3], series.Select(s => s.First));
        Assert.Equal([0.2, 0.35, 0.5, 0.65, 0.8], series[0].Axis, (a, b) => Math.Abs(a - b) < 1e-12);

        // A point of the sweep, and one between two.
        IReadOnlyList<SweepPoint> points = SweepPoint.Expand(spec);
        Assert.Equal(TheoryResult.Compute(points[5].Spec).TimeScales!, series[1].Scales[4]);
        ExperimentSpec between = SpecReader.Parse(Spec, ["sweep=[]", "model.classes[0].weight=0.35", "model.classes[1].weight=0.65"]);
        for (int c = 0; c < 2; c++)
        {
            Assert.Equal(TheoryResult.Compute(between).TimeScales![c].Memorization, series[0].Scales[1][c].Memorization, 1e-6);
        }

        Assert.Equal([5, 2], series[0].Datasets()[1].Shape);
    }

    [Theory]
    [InlineData("descent=null", "spectrum={}")]
    [InlineData("sweep=[{\"parameter\":\"model.activation\",\"values\":[\"tanh\",\"erf\"]}]", "name=x")]
    [InlineData("sweep=[{\"parameter\":\"diffusionTime\",\"values\":[0.2,0.1]}]", "name=x")]
    public void There_is_none_without_a_descent_or_an_axis(string change, string other) =>
        Assert.Empty(TheoryAlongSweep.Compute(SpecReader.Parse(Spec, [change, other]), new TheoryStore(folder), 3, TestContext.Current.CancellationToken));

    /// <summary>What cannot be computed is not: files of an earlier time are read, a damaged one is made again, and other curves have other names.</summary>
    [Fact]
    public void Curves_are_computed_once()
    {
        ExperimentSpec spec = SpecReader.Parse(Spec, ["sweep=[]"]);
        TheoryResult computed = TheoryResult.Compute(spec), first = TheoryResult.Compute(spec, store: new TheoryStore(folder));
        string file = Assert.Single(Directory.GetFiles(folder));
        Assert.Equal(computed.Losses!.Test, first.Losses!.Test);
        ResultGroup stored = ResultFile.Read(file);
        double[] marked = [.. stored["test_loss"].Doubles.Select(v => v + 1)];
        ResultFile.Write(file, new ResultGroup([.. stored.Datasets.Select(d => d.Name == "test_loss" ? d with { Values = marked } : d)], stored.Attributes));
        TheoryResult read = TheoryResult.Compute(spec, store: new TheoryStore(folder));
        Assert.Equal(computed.Losses.Test[1].Select(v => v + 1), read.Losses!.Test[1]);
        Assert.Equal(computed.Losses.Train, read.Losses.Train);
        Assert.Equal(computed.Losses.S, read.Losses.S);
        Assert.Equal(computed.Losses.Error, read.Losses.Error);

        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
        Assert.Equal(computed.Losses.Test, TheoryResult.Compute(spec, store: new TheoryStore(folder)).Losses!.Test);
        TheoryResult.Compute(SpecReader.Parse(Spec, ["sweep=[]", "model.classes[1].variance=0.26"]), store: new TheoryStore(folder));
        TheoryResult.Compute(SpecReader.Parse(Spec, ["sweep=[]", "descent.learningRate=0.0011"]), store: new TheoryStore(folder));
        Assert.Equal(3, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void Whole_numbers_stay_whole_along_a_sweep()
    {
        ExperimentSpec spec = SpecReader.Parse(Spec, ["sweep=[{\"parameter\":\"descent.epochs\",\"values\":[1000,20000]}]"]);
        TheoryAlongSweep series = Assert.Single(TheoryAlongSweep.Compute(spec, new TheoryStore(folder), 3, TestContext.Current.CancellationToken));
        Assert.Equal([1000, Math.Round(Math.Sqrt(1000 * 20000.0)), 20000], series.Axis);
    }
}
