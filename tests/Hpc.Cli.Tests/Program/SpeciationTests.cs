using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

public class SpeciationTests
{
    private const string Spec = """
        {
          "schema": 1, "name": "small",
          "model": { "dimension": 30, "features": 90, "samples": 60,
                     "classes": [ { "weight": 0.7, "variance": 0.5 }, { "weight": 0.3, "variance": 0.5 } ],
                     "centroidGram": [ [1, 0], [0, 1] ] },
          "diffusionTime": 0.05,
          "seeds": { "first": 0, "count": 3 },
          "speciation": { "times": { "from": 0.1, "to": 0.7, "count": 4 } }
        }
        """;

    [Fact]
    public void The_block_alone_gives_overlaps_with_theory_comparison_and_figure()
    {
        using var work = new Workspace(Spec);
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "speciation.clones=40", "speciation.lossSamples=500", "--out", work.Out);
        Assert.True(run.ExitCode == 0, run.Error);
        ResultGroup merged = ResultFile.Read(work.Merged);
        Assert.Equal([3, 4, 2], merged["rms_overlap"].Shape);
        Assert.Equal([4, 2], merged["rms_overlap_mean"].Shape);
        Assert.Equal([3, 4, 2], merged["outlier_eigenvalues"].Shape);
        Assert.Equal([3, 2], merged["speciation_time"].Shape);
        Assert.Equal([0.1, 0.3, 0.5, 0.7], merged["t_over_log_N"].Doubles, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.7 * Math.Log(30), merged["t"].Doubles[^1], 1e-12);
        Assert.Equal([4], merged["clone_agreement_mean"].Shape);
        Assert.Equal([4, 2], merged["conditioning_gain_stderr"].Shape);
        Assert.Equal([2], merged["conditional_speciation_time_mean"].Shape);

        // Both say how well a noised sample tells its class: 3 seeds of 40 pairs leave some 0.03.
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(merged["class_posterior_mean"].Doubles[i], merged["clone_return_mean"].Doubles[i], 0.15);
        }

        Assert.All(merged["rms_overlap"].Doubles, value => Assert.InRange(value, 0, 1));
        Assert.Equal([13, 2], merged["theory_rms_overlap"].Shape);
        string[] quantities = (string[])merged.Attributes["comparison_quantity"];
        int row = Array.IndexOf(quantities, "RMS overlap of class 1 at t = 0.34");
        Assert.Equal(merged["theory_rms_overlap"].Doubles[0], merged["comparison_theory"].Doubles[row]);
        Assert.Equal(merged["rms_overlap_mean"].Doubles[0], merged["comparison_simulation"].Doubles[row]);
        Assert.InRange(merged["comparison_simulation"].Doubles[row], merged["comparison_theory"].Doubles[row] - 0.02, 1);
    }

    [Fact]
    public void Every_method_and_covariance_gives_the_same_overlaps_where_it_should()
    {
        using Workspace work = new(Spec), lanczos = new(Spec), whole = new(Spec), sampled = new(Spec);
        Run(work, "speciation.method=dense");
        Run(lanczos, "speciation.method=lanczos");

        // Beside other blocks, on the equivalent covariance, and on one that is never formed.
        Run(whole, "spectrum={\"method\":\"lanczos\",\"covariance\":\"equivalent\",\"probes\":2}", "descent={\"learningRate\":0.002,\"epochs\":1000,\"records\":3,\"testSamples\":20}");
        Run(sampled, "spectrum={\"covariance\":\"sampled\",\"draws\":40}");
        double[] expected = ResultFile.Read(work.Merged)["rms_overlap"].Doubles;
        Assert.Equal(expected, ResultFile.Read(lanczos.Merged)["rms_overlap"].Doubles, (a, b) => Math.Abs(a - b) < 1e-8);
        Assert.Equal(ResultFile.Read(work.Merged)["outlier_eigenvalues"].Doubles, ResultFile.Read(lanczos.Merged)["outlier_eigenvalues"].Doubles, (a, b) => Math.Abs(a - b) < 1e-8 * b);
        ResultGroup all = ResultFile.Read(whole.Merged);
        Assert.Contains(all.Datasets, d => d.Name == "train_loss_mean");
        Assert.Contains(all.Datasets, d => d.Name == "spectral_mass_mean");

        // Early, where the mean features stand out, all covariances agree up to what finite N and the draws leave.
        double[] equivalent = all["rms_overlap"].Doubles, drawn = ResultFile.Read(sampled.Merged)["rms_overlap"].Doubles;
        for (int seed = 0; seed < 3; seed++)
        {
            for (int c = 0; c < 2; c++)
            {
                Assert.Equal(expected[seed * 8 + c], equivalent[seed * 8 + c], 0.02);
                Assert.Equal(expected[seed * 8 + c], drawn[seed * 8 + c], 0.02);
            }
        }

        static void Run(Workspace work, params string[] changes)
        {
            HpcProcess.Ended run = HpcProcess.Run(["run", work.Spec, .. changes, "--out", work.Out]);
            Assert.True(run.ExitCode == 0, run.Error);
        }
    }

    [Fact]
    public void The_plan_has_the_stage_and_a_task_that_does_not_fit_is_refused()
    {
        using var work = new Workspace(Spec);
        HpcProcess.Ended plan = HpcProcess.Run("plan", work.Spec, "model.features=2000");
        Assert.True(plan.ExitCode == 0, plan.Error);
        Assert.Contains("speciation ", plan.Output);
        HpcProcess.Ended refused = HpcProcess.Run("run", work.Spec, "model.features=100000", "speciation.method=dense", "--out", work.Out);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("lower model.features", refused.Error);
        HpcProcess.Ended formed = HpcProcess.Run("run", work.Spec, "spectrum={\"covariance\":\"sampled\"}", "speciation.method=dense", "--out", work.Out);
        Assert.Equal(2, formed.ExitCode);
        Assert.Contains("speciation.method", formed.Error);
    }
}
