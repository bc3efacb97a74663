using Hpc.Cli.Theory;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Tests.Theory;

public class TheoryAlongSweepTests
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

    [Fact]
    public void Every_series_has_the_theory_of_its_points_and_between_them()
    {
        ExperimentSpec spec = SpecReader.Parse(Spec);
        IReadOnlyList<TheoryAlongSweep> series = TheoryAlongSweep.Compute(spec, 5, TestContext.Current.CancellationToken);
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
        Assert.Empty(TheoryAlongSweep.Compute(SpecReader.Parse(Spec, [change, other]), 3, TestContext.Current.CancellationToken));
}
