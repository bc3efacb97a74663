using Hpc.Cli.Figures;
using Hpc.Cli.Reproduction;
using Hpc.Cli.Tests.Figures;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Tests.Reproduction;

/// <summary>Claims on results that are made for them: each must hold where it is so and fail where it is not.</summary>
public class ClaimsTests
{
    [Fact]
    public void Every_experiment_has_a_spec_of_both_sizes()
    {
        foreach (Experiment experiment in Experiment.All)
        {
            foreach (string folder in (string[])["runs", "runs/quick"])
            {
                ExperimentSpec spec = SpecReader.ReadFile(Path.Combine(Root(), folder, experiment.Name + ".json"), []);
                Assert.Equal(experiment.Name, spec.Name);
                Assert.True(spec.Seeds.Count > 1, "error bars need seeds");
            }
        }
    }

    /// <summary>Class 1 is first in the synthetic curves; with the classes exchanged it is not.</summary>
    [Fact]
    public void The_order_of_the_classes_is_read_from_the_times()
    {
        SyntheticResult result = SyntheticResult.Simulation().WithTheory();
        Assert.Equal(["holds", "holds", "holds", "holds"], Claims.Order(result.View).Select(c => c.Verdict));
        foreach (string name in (string[])["generalization_time", "memorization_time"])
        {
            double[] times = result.Datasets[name].Doubles;
            for (int seed = 0; seed < SyntheticResult.Seeds; seed++)
            {
                (times[2 * seed], times[2 * seed + 1]) = (times[2 * seed + 1], times[2 * seed]);
            }
        }

        Assert.Equal(["does not hold", "does not hold", "does not hold", "does not hold"], Claims.Order(result.View).Select(c => c.Verdict));
        Assert.All(Claims.Alike(result.View), c => Assert.False(c.Holds));
    }

    [Fact]
    public void The_loss_must_be_linear_in_the_score_error_with_slope_of_the_noise()
    {
        SyntheticResult result = SyntheticResult.Simulation();
        double noise = 1 - Math.Exp(-0.02);
        result.AddCurve("score_error", SyntheticResult.Seeds, (s, c) => 3 + 2 * c + s / 1e3);
        result.AddCurve("test_loss_sampled", SyntheticResult.Seeds, (s, c) => 0.4 + noise * (3 + 2 * c + s / 1e3));
        Assert.All(Claims.ScoreLoss(result.View), c => Assert.True(c.Holds, c.Simulation));
        result.AddCurve("test_loss_sampled", SyntheticResult.Seeds, (s, c) => 0.4 + 1.1 * noise * (3 + 2 * c + s / 1e3));
        Assert.All(Claims.ScoreLoss(result.View), c => Assert.False(c.Holds, c.Simulation));
    }

    [Fact]
    public void What_is_missing_does_not_hold()
    {
        ResultView nothing = new SyntheticResult().View;
        Assert.False(Assert.Single(Claims.ScoreLoss(nothing)).Holds);
        Assert.False(Assert.Single(Claims.Resolvents(nothing)).Holds);
        Assert.All(Claims.Order(nothing), c => Assert.False(c.Holds));
    }

    /// <summary>τ_1/τ_2 crosses 1 at weight 0.8 in theory; the simulation is shifted.</summary>
    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.05, true)]
    [InlineData(-0.3, false)]
    public void The_reversal_is_where_the_gap_changes_its_sign(double shift, bool holds)
    {
        SweepView sweep = Weights(b => b - 0.8, b => b - 0.8 - shift);
        Claim reversal = Claims.Reversal(sweep).First();
        Assert.Equal(holds, reversal.Holds);
        Assert.Equal("0.8", reversal.Theory);
        Drawing drawing = SweepFigures.Gap(sweep, "memorization_time", "memorization-gap", "memorization")!;
        using (drawing.Plot)
        {
            Assert.Contains("b₁ = 0.800", drawing.Caption);
            Assert.Equal([0.1, 0.5, 0.9], drawing.Curves[0].Times);
        }
    }

    [Fact]
    public void Every_reversal_is_marked()
    {
        Assert.Equal([0.5, 2.25, 2.75], SweepFigures.Crossings(new Curve("", [0, 1, 2, 3], [-1.0, 1, 1, -3], null)).Concat(SweepFigures.Crossings(new Curve("", [2.5, 3], [1.0, -1], null))));
        Assert.Empty(SweepFigures.Crossings(new Curve("", [0, 1, 2], [-1.0, double.NaN, 1], null)));
        SweepView sweep = Weights(b => (b - 0.3) * (0.7 - b), b => (b - 0.3) * (0.7 - b));
        Drawing drawing = SweepFigures.Gap(sweep, "memorization_time", "memorization-gap", "memorization")!;
        using (drawing.Plot)
        {
            Assert.Contains("b₁ = 0.400 and 0.600", drawing.Caption);
        }
    }

    /// <summary>Lines of the theory go through what it says between the points.</summary>
    [Fact]
    public void Time_scales_in_theory_are_drawn_on_the_fine_grid()
    {
        const string Spec = """{ "name": "x", "sweep": [ { "parameter": "model.samples", "values": [100, 300] } ] }""";
        SyntheticResult first = SyntheticResult.Simulation().WithTheory();
        first.Datasets["theory_axis"] = new("theory_axis", ["theory_axis"], [3], new[] { 100.0, 200, 300 }, "1", "");
        first.Datasets["theory_axis_generalization_time"] = new("theory_axis_generalization_time", ["theory_axis", "class"], [3, 2], new[] { 1.0, 2, 3, 4, 5, 6 }, "s", "");
        SweepView sweep = new(Spec, new Dictionary<int, ResultView> { [0] = first.View, [1] = SyntheticResult.Simulation().WithTheory().View });
        Drawing drawing = SweepFigures.TimeScales(sweep)!;
        using (drawing.Plot)
        {
            Curve fine = Assert.Single(drawing.Curves, c => c.Label == "theory generalization of class 2");
            Assert.Equal([100, 200, 300], fine.Times);
            Assert.Equal([2, 4, 6], fine.Values);
            Assert.Equal([100, 300], Assert.Single(drawing.Curves, c => c.Label == "theory memorization of class 2").Times);
        }
    }

    [Fact]
    public void A_series_is_named_by_what_distinguishes_it()
    {
        const string Spec = """
            { "name": "x", "sweep": [
              { "parameters": { "model.classes[1].variance": [0.25, 0.5, 0.5], "model.centroidGram[0][1]": [0, 0, 0.5] } },
              { "parameter": "model.samples", "values": [100, 200] } ] }
            """;
        SweepView sweep = new(Spec, new Dictionary<int, ResultView>());
        Assert.Equal(["σ²₂ = 0.25", "baseline", "Gram₁₂ = 0.5"], sweep.Series.Select(s => s.Label));
        Assert.Equal("M", sweep.Axis);
        Assert.Equal("samples M", sweep.AxisLabel);
        Assert.Equal("variance σ²₂", sweep.LabelOf(0));
        Assert.Equal("Gram₁₂ = 0.5, M = 200", sweep.Label(5));
        Assert.True(sweep.Varies("model.samples"));
        Assert.False(sweep.VariesAlone("model.samples"));
    }

    /// <summary>Point 2s + i belongs to series s; one that is missing takes no label of another.</summary>
    [Fact]
    public void Series_have_their_own_points()
    {
        const string Spec = """
            { "name": "x", "sweep": [ { "parameter": "diffusionTime", "values": [0.1, 0.2, 0.3] }, { "parameter": "model.samples", "values": [100, 200] } ] }
            """;
        Dictionary<int, ResultView> views = Enumerable.Range(0, 6).Where(i => i != 1).ToDictionary(i => i, _ => new SyntheticResult().View);
        SweepView sweep = new(Spec, views);
        Assert.Equal(["t = 0.1", "t = 0.2", "t = 0.3"], sweep.Series.Select(s => s.Label));
        Assert.Same(views[0], Assert.Single(sweep.Series[0].Points).Result);
        Assert.Equal([(100.0, views[4]), (200.0, views[5])], sweep.Series[2].Points);
        Assert.Equal(["t = 0.1, M = 100", "t = 0.2, M = 100", "t = 0.2, M = 200", "t = 0.3, M = 100", "t = 0.3, M = 200"], sweep.Labels);
    }

    /// <summary>The reversal of the figure is that of the claim: both from the theory between the points where it is there.</summary>
    [Fact]
    public void A_fine_grid_of_the_theory_decides_the_reversal()
    {
        (double, ResultView)[] points = [.. new[] { 0.1, 0.9 }.Select(b =>
        {
            SyntheticResult result = SyntheticResult.Simulation().WithTheory();
            result.Datasets["theory_axis"] = new("theory_axis", ["theory_axis"], [3], new[] { 0.1, 0.7, 0.9 }, "1", "");
            result.Datasets["theory_axis_memorization_time"] = new("theory_axis_memorization_time", ["theory_axis", "class"], [3, 2], new[] { 1.0, 100, 10, 10, 100, 10 }, "s", "");
            return (b, result.View);
        })];
        Curve theory = SweepFigures.Theoretical(points, "memorization_time");
        Assert.Equal([-2.0, 0, 1], theory.Values);
        Assert.Equal([0.1, 0.7, 0.9], theory.Times);
    }

    [Theory]
    [InlineData("[0.25, 0.5, 0.75]", true)]
    [InlineData("[0.25, 0.5, 0.5]", false)]
    public void A_phase_diagram_needs_two_axes_that_rise(string variances, bool drawn)
    {
        string spec = $$"""
            { "name": "x", "sweep": [ { "parameter": "model.classes[1].variance", "values": {{variances}} }, { "parameter": "model.samples", "values": [100, 200, 300] } ] }
            """;
        SweepView sweep = new(spec, Enumerable.Range(0, 9).ToDictionary(i => i, _ => SyntheticResult.Simulation().WithTheory().View));
        Drawing? drawing = PhaseFigure.Draw(sweep);
        Assert.Equal(drawn, drawing is not null);
        drawing?.Plot.Dispose();
    }

    [Fact]
    public void Figures_give_their_numbers_exactly()
    {
        string text = CurveTable.Text([new Curve("a, \"b\"", [1, 2], [0.1 + 0.2, 1e-300], [0.5, double.NaN])]);
        Assert.Equal("series,x,y,standard_error\n\"a, \"\"b\"\"\",1,0.30000000000000004,0.5\n\"a, \"\"b\"\"\",2,1E-300,\n", text);
    }

    private static SweepView Weights(Func<double, double> theory, Func<double, double> simulation)
    {
        double[] weights = [0.1, 0.5, 0.9];
        const string Spec = """
            { "name": "weights", "sweep": [ { "parameters": { "model.classes[0].weight": [0.1, 0.5, 0.9], "model.classes[1].weight": [0.9, 0.5, 0.1] } } ] }
            """;
        return new SweepView(Spec, Enumerable.Range(0, 3).ToDictionary(i => i, i =>
        {
            SyntheticResult result = SyntheticResult.Simulation().WithTheory();
            result.Datasets["theory_memorization_time"].Doubles[0] = Math.Pow(10, theory(weights[i])) * result.Datasets["theory_memorization_time"].Doubles[1];
            double[] times = result.Datasets["memorization_time"].Doubles;
            for (int seed = 0; seed < SyntheticResult.Seeds; seed++)
            {
                times[2 * seed + 1] = 100;
                times[2 * seed] = 100 * Math.Pow(10, simulation(weights[i]) + 1e-3 * seed);
            }

            return result.View;
        }));
    }

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Hpc.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
