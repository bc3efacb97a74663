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
        Assert.True(File.Exists(Path.Combine(work.Out, "figures", "speciation.png")));
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

    /// <summary>The claim of figure 1: a small class loses its place in the spectrum before the large one, and both do so more sharply at larger N.</summary>
    [Fact]
    public void The_transitions_of_unequal_classes_separate_as_predicted_and_sharpen_with_N()
    {
        int[] sizes = [60, 240];
        using var work = new Workspace(Spec);
        HpcProcess.Ended run = HpcProcess.Run(
            "run", work.Spec, "seeds.count=4", "speciation.times={\"from\":0.1,\"to\":0.65,\"count\":12}", "speciation.lossSamples=0",
            "sweep=[{\"parameters\":{\"model.dimension\":[60,240],\"model.features\":[120,480],\"model.samples\":[240,960],\"model.classes[0].weight\":[0.870901,0.935450],\"model.classes[1].weight\":[0.129099,0.064550]}}]",
            "--out", work.Out);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.True(File.Exists(Path.Combine(work.Out, "figures", "speciation.png")));
        Assert.True(File.Exists(Path.Combine(work.Out, "figures", "speciation-times.csv")));
        ResultGroup[] points = [.. ResultFile.Read(work.Merged).Groups.OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Value)];
        double[] widths = new double[2], residues = new double[2];
        for (int i = 0; i < 2; i++)
        {
            double scale = Math.Log(sizes[i]);
            double[] theory = points[i]["theory_speciation_time"].Doubles, mean = points[i]["speciation_time_mean"].Doubles, error = points[i]["speciation_time_stderr"].Doubles;

            // The large class goes at 1/2, the one of weight N^{−1/2} at 1/4, both up to O(1/log N).
            Assert.InRange(theory[0] / scale, 0.45, 0.55);
            Assert.InRange(theory[1] / scale, 0.2, 0.32);
            Assert.True(mean[1] < mean[0] - 0.1 * scale, $"{mean[1]} {mean[0]}");
            for (int c = 0; c < 2; c++)
            {
                // Finite N keeps an overlap alive a little longer: half of the way to the next time of the grid and a term of 1/N^{1/2}.
                Assert.InRange(mean[c], theory[c] - 3 * error[c] - 0.1, theory[c] + 3 * error[c] + 2.5 / Math.Sqrt(sizes[i]));
            }

            // Between the transitions the large class is in the spectrum and the small one is not.
            double[] times = points[i]["t_over_log_N"].Doubles, rms = points[i]["rms_overlap_mean"].Doubles;
            int between = Array.FindIndex(times, t => t > 0.39);
            Assert.InRange(rms[2 * between], 0.8, 1);
            residues[i] = rms[2 * between + 1];
            widths[i] = Width(points[i], scale);
        }

        Assert.True(residues[1] < residues[0] && residues[1] < 0.3, $"{residues[0]} {residues[1]}");
        Assert.True(widths[1] < widths[0], $"{widths[0]} {widths[1]}");

        // Time, in units of log N, in which the overlap of the large class falls from 0.95 to 0.5 in theory.
        static double Width(ResultGroup point, double scale)
        {
            double[] t = point["theory_t"].Doubles, rms = [.. t.Select((_, k) => point["theory_rms_overlap"].Doubles[2 * k])];
            return (Hpc.Diffusion.Speciation.TransitionTimes.Falling(t, rms, 0.5) - Hpc.Diffusion.Speciation.TransitionTimes.Falling(t, rms, 0.95)) / scale;
        }
    }
}
