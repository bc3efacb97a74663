using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

public class LanczosTests
{
    /// <summary>Large enough for a gap below the generalization bulk.</summary>
    private static readonly string[] Size = ["model.features=150", "model.samples=60", "seeds.count=2"];

    [Theory]
    [InlineData("exact")]
    [InlineData("equivalent")]
    public void The_Lanczos_method_gives_what_the_dense_one_gives(string covariance)
    {
        using Workspace work = new(), other = new();
        string kind = $"spectrum.covariance={covariance}";
        HpcProcess.Ended dense = HpcProcess.Run(["run", work.Spec, .. Size, kind, "--out", work.Out]);
        Assert.True(dense.ExitCode == 0, dense.Error);
        HpcProcess.Ended lanczos = HpcProcess.Run(["run", other.Spec, .. Size, kind, "spectrum.method=lanczos", "spectrum.smallest=3", "spectrum.steps=150", "--out", other.Out]);
        Assert.True(lanczos.ExitCode == 0, lanczos.Error);
        Assert.True(File.Exists(Path.Combine(other.Out, "figures", "spectrum.png")));
        ResultGroup expected = ResultFile.Read(work.Merged), found = ResultFile.Read(other.Merged);
        foreach (string name in (string[])["train_loss", "test_loss", "test_loss_sampled", "test_loss_sampling_error", "score_error", "score_error_sampling_error", "memorization_time"])
        {
            double[] values = expected[name].Doubles;
            for (int i = 0; i < values.Length; i++)
            {
                Assert.Equal(1, found[name].Doubles[i] / values[i], 1e-8);
            }
        }

        int features = expected["feature"].Shape[0];
        for (int seed = 0; seed < 2; seed++)
        {
            double[] eigenvalues = expected["eigenvalues"].Doubles[(seed * features)..((seed + 1) * features)];
            double tolerance = 1e-8 * eigenvalues[^1];
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal(eigenvalues[features - 1 - i], found["largest_eigenvalues"].Doubles[seed * 10 + i], tolerance);
            }

            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(eigenvalues[i], found["smallest_eigenvalues"].Doubles[seed * 3 + i], tolerance);
            }

            // The generalization bulk has N of P eigenvalues: counted by 8 probe vectors, within four standard errors.
            SpectralMass(found, seed, 0.1, out double mass, out double error);
            double exact = (double)eigenvalues.Count(value => value > 0.1) / features;
            Assert.InRange(mass, exact - 4 * error, exact + 4 * error);
        }
    }

    [Fact]
    public void A_sampled_covariance_chooses_the_method_itself_and_memorizes_its_draws()
    {
        using var work = new Workspace(Workspace.SmallSpec.Replace("\"method\": \"dense\"", "\"covariance\": \"sampled\", \"draws\": 2"));
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "--out", work.Out);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("method lanczos", run.Error);
        Assert.Contains("\"method\": \"lanczos\"", File.ReadAllText(Path.Combine(work.Out, "spec.json")));

        // As many draws as features: the loss on the draws goes to a small part of 1, that on fresh samples rises.
        ResultGroup merged = ResultFile.Read(work.Merged);
        int records = merged["epoch"].Shape[0];
        Assert.DoesNotContain(merged.Datasets, d => d.Name.StartsWith("theory", StringComparison.Ordinal) || d.Name.StartsWith("comparison", StringComparison.Ordinal));
        Assert.InRange(merged["train_loss_mean"].Doubles[(records - 1) * 2], 0, 0.3);
        Assert.True(merged["test_loss_mean"].Doubles[(records - 1) * 2] > 2);
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
    }

    [Fact]
    public void A_plan_names_both_methods_with_memory_and_time_and_runs_nothing()
    {
        using var work = new Workspace();
        HpcProcess.Ended plan = HpcProcess.Run("plan", work.Spec, "model.features=9000", "--ranks", "2");
        Assert.True(plan.ExitCode == 0, plan.Error);
        foreach (string text in (string[])["dense: ", "lanczos, kept in double precision: ", "eigensystem", "spectral density", "2 ranks", "GFLOP", "each rank"])
        {
            Assert.Contains(text, plan.Output);
        }

        Assert.False(Directory.Exists(work.Out));
        HpcProcess.Ended refused = HpcProcess.Run("plan", work.Spec, "model.features=100000", "model.samples=1000");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("spectrum.method=lanczos", refused.Error);
        Assert.Equal(2, HpcProcess.Run("plan", work.Spec, "--ranks", "0").ExitCode);
    }

    private static void SpectralMass(ResultGroup merged, int seed, double above, out double mass, out double error)
    {
        Dataset nodes = merged["spectral_node"], weights = merged["spectral_weight"];
        int probes = nodes.Shape[1], steps = nodes.Shape[2];
        double[] masses = [.. Enumerable.Range(seed * probes, probes).Select(
            probe => Enumerable.Range(probe * steps, steps).Where(i => nodes.Doubles[i] > above).Sum(i => weights.Doubles[i]))];
        double mean = masses.Average();
        (mass, error) = (mean, Math.Sqrt(masses.Sum(m => (m - mean) * (m - mean)) / (probes - 1) / probes));
    }
}
