using Hpc.Cli.Theory;
using Hpc.Diffusion.Spec;

namespace Hpc.Cli.Tests.Program;

public class ReproduceTests
{
    private static string Runs
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Hpc.sln")))
            {
                folder = Path.GetDirectoryName(folder)!;
            }

            return Path.Combine(folder, "runs");
        }
    }

    [Fact]
    public void Claims_are_printed_and_shown_on_one_page()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("reproduce", "--quick", "--only", "fig10", "--only", "fig7", "--runs", Runs, "--out", work.Out, "seeds.count=2");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains("5 of 5 claims hold", run.Output);
        string page = File.ReadAllText(Path.Combine(work.Out, "report.html"));
        Assert.Contains("their largest eigenvalues agree", page);
        Assert.Contains("slope Δ", page);
        Assert.Equal(2, page.Split("<svg ").Length - 1);
        Assert.True(File.Exists(Path.Combine(work.Out, "fig7", "figures", "spectra.csv")));
        Assert.True(File.Exists(Path.Combine(work.Out, "fig10", "figures", "score-loss.csv")));
    }

    [Fact]
    public void The_page_shows_what_each_property_does_to_the_time_scales()
    {
        string[] small = ["model.dimension=20", "model.features=120", "model.samples=60", "descent.epochs=20000", "descent.records=20", "descent.testSamples=50", "seeds.count=1"];
        using var work = new Workspace();
        HpcProcess.Run(["reproduce", "--quick", "--only", "fig3", "--runs", Runs, "--out", work.Out, .. small]);
        string page = File.ReadAllText(Path.Combine(work.Out, "report.html"));
        Assert.Contains("<h2>Sensitivity</h2>", page);

        ExperimentSpec unequal = SweepPoint.Expand(SpecReader.ReadFile(Path.Combine(Runs, "quick", "fig3.json"), small))[1].Spec;
        IReadOnlyList<string[]> rows = SensitivityTable.Rows(unequal);
        Assert.Equal(7, rows.Count);
        Assert.All(rows, row => Assert.Contains("<tr>" + string.Concat(row.Select(cell => $"<td class=\"text\">{cell}</td>")) + "</tr>", page));
    }

    [Fact]
    public void The_paper_is_planned_before_it_runs()
    {
        HpcProcess.Ended plan = HpcProcess.Run("reproduce", "--paper", "--runs", Runs);
        Assert.True(plan.ExitCode == 0, plan.Error);
        Assert.Contains("fig4 ", plan.Output);
        Assert.Contains("total", plan.Output);
        Assert.Contains("./run-cluster.sh", plan.Output);
    }

    [Theory]
    [InlineData("give one of --quick", "reproduce")]
    [InlineData("allowed are fig1, fig2", "reproduce", "--quick", "--only", "fig99")]
    [InlineData("is missing", "reproduce", "--quick", "--runs", "/nowhere")]
    public void Wrong_options_are_explained(string message, params string[] arguments)
    {
        HpcProcess.Ended run = HpcProcess.Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }
}
