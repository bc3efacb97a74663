using System.Text.Json;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

public class TheoryTests
{
    /// <summary>Case A of theory.md's reference numbers.</summary>
    private const string CaseA = """
        {
          "schema": 1, "name": "case-a",
          "model": { "dimension": 100, "features": 1500, "samples": 750,
                     "classes": [ { "weight": 0.5, "variance": 0.5 }, { "weight": 0.5, "variance": 0.25 } ] },
          "diffusionTime": 0.01,
          "spectrum": { "method": "dense" }
        }
        """;

    /// <summary>The case of theory.md's table of losses.</summary>
    private const string LossCase = """
        {
          "schema": 1, "name": "losses",
          "model": { "dimension": 150, "features": 900, "samples": 450,
                     "classes": [ { "weight": 0.7, "variance": 0.5 }, { "weight": 0.3, "variance": 0.25 } ],
                     "centroidGram": [ [1, 0.3], [0.3, 1.5] ] },
          "diffusionTime": 0.05,
          "descent": { "learningRate": 5e-5, "epochs": 10000000, "records": 60 }
        }
        """;

    [Fact]
    public void Json_has_the_reference_resolvents_a_density_of_mass_one_and_the_bulks()
    {
        using var work = new Workspace(CaseA);
        HpcProcess.Ended run = HpcProcess.Run("theory", work.Spec, "--at=-0.1,0", "--at=-1,0", "--at=1,0.5", "--json", "-");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(["resolvent", "density", "bulks"], json.RootElement.EnumerateObject().Select(p => p.Name));
        double[][] values = [.. json.RootElement.GetProperty("resolvent").EnumerateArray().Select(
            r => (double[])[.. Numbers(r.GetProperty("z")), .. Numbers(r.GetProperty("g")), .. Numbers(r.GetProperty("f"))])];
        double[][] expected = [[-0.1, 0, 8.8858, 0, 0.06349, 0], [-1, 0, 0.94507, 0, 0.04359, 0], [1, 0.5, -0.71476, 0.39480, 0.08387, 0.03991]];
        for (int i = 0; i < 3; i++)
        {
            Assert.All(expected[i].Zip(values[i]), pair => Assert.Equal(pair.First, pair.Second, 6e-5));
        }

        JsonElement[] bulks = [.. json.RootElement.GetProperty("bulks").EnumerateArray()];
        Assert.Equal(1, bulks.Sum(b => b.GetProperty("mass").GetDouble()), 1e-6);
        Assert.Equal(100.0 / 1500, bulks[^1].GetProperty("mass").GetDouble(), 1e-6);
        Assert.Equal(Numbers(json.RootElement.GetProperty("density").GetProperty("lambda")).Length, Numbers(json.RootElement.GetProperty("density").GetProperty("rho")).Length);
    }

    [Fact]
    public void Losses_at_given_times_are_those_of_the_reference_table()
    {
        using var work = new Workspace(LossCase);
        HpcProcess.Ended run = HpcProcess.Run("theory", work.Spec, "--s=1", "--s=10", "--s=100", "--json", Path.Combine(work.Folder, "theory.json"), "--out", Path.Combine(work.Folder, "figures"));
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(work.Folder, "theory.json")));
        JsonElement losses = json.RootElement.GetProperty("losses");
        double[][] train = [.. losses.GetProperty("train").EnumerateArray().Select(Numbers)], test = [.. losses.GetProperty("test").EnumerateArray().Select(Numbers)];
        double[][] expected = [[.8452, .8607, .8269, .8316], [.7300, .9575, .6670, .7630], [.5927, 1.3676, .5355, .9832]];
        for (int i = 0; i < 3; i++)
        {
            // The table is a simulation at N = 150: ±0.003 and a difference of O(2/N), about 1.5 % (theory.md section 6).
            Assert.Equal([train[i][0], test[i][0], train[i][1], test[i][1]], expected[i], (a, b) => Math.Abs(a - b) < 0.003 + 0.015 * b);
        }
    }

    [Fact]
    public void Time_scales_and_figures_come_with_the_descent_and_sensitivities_when_asked_for()
    {
        using var work = new Workspace(LossCase);
        HpcProcess.Ended run = HpcProcess.Run("theory", work.Spec, "--sensitivity", "--out", Path.Combine(work.Folder, "figures"));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("τ_gen", run.Output);
        Assert.Contains("log variance of class 1", run.Output);
        Assert.Contains("cosine of centroids 1 and 2", run.Output);
        Assert.True(new FileInfo(Path.Combine(work.Folder, "figures", "losses.png")).Length > 0);
    }

    [Fact]
    public void Outliers_come_with_the_speciation_block()
    {
        // theory.md: N = 300, P = 1200, M = 900, orthogonal centroids, t = 1.5.
        using var work = new Workspace(CaseA);
        double t = 1.5 / Math.Log(300);
        HpcProcess.Ended run = HpcProcess.Run(
            "theory", work.Spec, "spectrum=null", "model.dimension=300", "model.features=1200", "model.samples=900", "model.classes=[{\"weight\":0.8,\"variance\":0.5},{\"weight\":0.2,\"variance\":0.5}]",
            "model.centroidGram=[[1,0],[0,1]]", FormattableString.Invariant($"speciation.times={{\"from\":{t:R},\"to\":{t:R},\"count\":1}}"), "--json", "-");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement point = json.RootElement.GetProperty("outliers")[0];
        Assert.Equal(1.5, point.GetProperty("t").GetDouble(), 1e-12);
        Assert.All(((double[])[19.03, 6.22]).Zip(Numbers(point.GetProperty("eigenvalues"))), pair => Assert.Equal(pair.First, pair.Second, 0.006));
        Assert.All(((double[])[.9988, .985]).Zip(Numbers(point.GetProperty("rms"))), pair => Assert.Equal(pair.First, pair.Second, 6e-4));
    }

    [Theory]
    [InlineData("--at=3,0", "spectrum")]
    [InlineData("--at=x", "--at")]
    [InlineData("--s=-1", "--s")]
    public void What_the_theory_cannot_answer_gives_exit_code_2(string option, string message)
    {
        using var work = new Workspace(CaseA);
        HpcProcess.Ended run = HpcProcess.Run("theory", work.Spec, option, "--json", "-");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void A_run_stores_theory_and_the_comparison_with_it()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "--out", work.Out);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("difference/error", run.Output);
        ResultGroup merged = ResultFile.Read(work.Merged);
        string[] quantities = (string[])merged.Attributes["comparison_quantity"];
        Assert.Contains("τ_gen of class 2", quantities);
        Assert.Equal(quantities.Length, merged["comparison_theory"].Shape[0]);
        Assert.Equal([merged["s"].Shape[0], 2], merged["theory_test_loss"].Shape);
        Assert.Equal(merged["s"].Doubles, merged["theory_s"].Doubles);
        int row = Array.IndexOf(quantities, "τ_gen of class 1");
        Assert.Equal(merged["theory_generalization_time"].Doubles[0], merged["comparison_theory"].Doubles[row]);
        Assert.Equal(merged["generalization_time_mean"].Doubles[0], merged["comparison_simulation"].Doubles[row]);
        Assert.Contains("comparison", File.ReadAllText(Path.Combine(work.Out, "report.html")), StringComparison.OrdinalIgnoreCase);
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
