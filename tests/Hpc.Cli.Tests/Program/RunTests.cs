using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

public class RunTests
{
    /// <summary>Long enough to be stopped in the middle: every seed takes a second or more.</summary>
    private static readonly string[] Slow = ["model.features=500", "model.samples=400", "seeds.count=6", "descent.testSamples=4000"];

    [Fact]
    public void A_run_leaves_everything_that_the_design_names()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "--out", work.Out);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("τ_gen", run.Output);
        Assert.DoesNotContain('\r', run.Error);
        Assert.Equal(3, Directory.GetFiles(Path.Combine(work.Out, "shards"), "*.h5").Length);
        foreach (string name in (string[])["spec.json", "small.h5", "report.html", "log.jsonl", "figures/spectrum.png", "figures/spectrum.svg", "figures/losses.png", "figures/gap.png", "figures/score-error.svg"])
        {
            Assert.True(new FileInfo(Path.Combine(work.Out, name)).Length > 0, name);
        }

        Assert.False(File.Exists(Path.Combine(work.Out, "lock")));
        Assert.All(File.ReadAllLines(Path.Combine(work.Out, "log.jsonl")), line => JsonDocument.Parse(line).Dispose());

        ResultGroup merged = ResultFile.Read(work.Merged);
        Assert.Equal([3, 60], merged["eigenvalues"].Shape);
        Assert.Equal(["seed", "epoch", "class"], merged["train_loss"].Dimensions);
        Assert.Equal([1L, 2L], merged["class"].Integers);
        Assert.Equal(2 * 0.002 * 1_000_000, merged["s"].Doubles[^1], 1e-9);
        Assert.Equal([0L, 1L, 2L], (long[])merged.Attributes["seeds"]);
        Assert.Equal(JsonDocument.Parse(File.ReadAllText(Path.Combine(work.Out, "spec.json"))).RootElement.ToString(), JsonDocument.Parse((string)merged.Attributes["spec"]).RootElement.ToString());
        foreach (string key in (string[])["task_hash", "git_commit", "git_dirty", "command_line", "versions", "device", "precision", "host", "mpi_size", "slurm_job_id", "start_utc", "end_utc"])
        {
            Assert.True(merged.Attributes.ContainsKey(key), key);
        }
    }

    [Fact]
    public void A_second_run_computes_nothing_again_and_more_seeds_only_the_new_ones()
    {
        using var work = new Workspace();
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        Dictionary<string, DateTime> before = Directory.GetFiles(Path.Combine(work.Out, "shards")).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        HpcProcess.Ended again = HpcProcess.Run("run", work.Spec, "--out", work.Out);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("3 of 3 tasks were done before", again.Error);
        HpcProcess.Ended more = HpcProcess.Run("run", work.Spec, "seeds.count=4", "--out", work.Out);
        Assert.Equal(0, more.ExitCode);
        Assert.Contains("3 of 4 tasks were done before", more.Error);
        Assert.All(before, pair => Assert.Equal(pair.Value, File.GetLastWriteTimeUtc(pair.Key)));
        Assert.Equal(4, ResultFile.Read(work.Merged)["seed"].Shape[0]);
    }

    [Fact]
    public void Threads_change_nothing_but_rounding()
    {
        using var work = new Workspace();
        string other = Path.Combine(work.Folder, "other");
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out, "--threads", "1").ExitCode);
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", other, "--threads", "5").ExitCode);
        ResultGroup one = ResultFile.Read(work.Merged), five = ResultFile.Read(Path.Combine(other, "small.h5"));
        foreach (string name in (string[])["train_loss", "test_loss", "test_loss_sampled", "score_error"])
        {
            Assert.All(one[name].Doubles.Zip(five[name].Doubles), pair => Assert.Equal(pair.First, pair.Second, 1e-8 * (1 + Math.Abs(pair.First))));
        }
    }

    [Fact]
    public void A_killed_run_loses_only_what_was_not_finished()
    {
        using var work = new Workspace();
        using (Process process = HpcProcess.Start(["run", work.Spec, "--out", work.Out, "--threads", "1", .. Slow]))
        {
            WaitForShards(work, 2);
            process.Kill();
            process.WaitForExit();
        }

        HpcProcess.Ended status = HpcProcess.Run("status", work.Out);
        Assert.Equal(0, status.ExitCode);
        Assert.Contains("0 damaged", status.Output);
        Assert.DoesNotContain("0 missing", status.Output);
        HpcProcess.Ended again = HpcProcess.Run(["run", work.Spec, "--out", work.Out, "--threads", "1", .. Slow]);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("of 6 tasks were done before", again.Error);
        Assert.Contains("6 done", HpcProcess.Run("status", work.Out).Output);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public void A_signal_stops_the_run_with_exit_code_3_and_the_next_run_goes_on(PosixSignal signal)
    {
        using var work = new Workspace();
        using (Process process = HpcProcess.Start(["run", work.Spec, "--out", work.Out, "--threads", "1", .. Slow]))
        {
            WaitForShards(work, 1);
            HpcProcess.Signal(process, signal);
            Assert.Equal(3, HpcProcess.WaitFor(process).ExitCode);
        }

        Assert.False(File.Exists(Path.Combine(work.Out, "lock")));
        Assert.Equal(0, HpcProcess.Run(["run", work.Spec, "--out", work.Out, .. Slow]).ExitCode);
    }

    [Fact]
    public void A_damaged_shard_is_kept_and_computed_again()
    {
        using var work = new Workspace();
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        double[] losses = ResultFile.Read(work.Merged)["test_loss"].Doubles;
        string shard = Directory.GetFiles(Path.Combine(work.Out, "shards"), "*.h5")[1];
        byte[] content = File.ReadAllBytes(shard);
        content[content.Length / 2] ^= 0x10;
        File.WriteAllBytes(shard, content);
        HpcProcess.Ended status = HpcProcess.Run("status", work.Out);
        Assert.Contains("2 done", status.Output);
        Assert.Contains("1 damaged", status.Output);
        HpcProcess.Ended again = HpcProcess.Run("run", work.Spec, "--out", work.Out);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("damaged", again.Error);
        Assert.Equal(content, File.ReadAllBytes(shard + ".damaged"));
        Assert.All(losses.Zip(ResultFile.Read(work.Merged)["test_loss"].Doubles), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    [Fact]
    public void Merge_and_plot_work_from_what_is_there()
    {
        using var work = new Workspace();
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        File.Delete(work.Merged);
        Directory.Delete(Path.Combine(work.Out, "figures"), recursive: true);
        File.Delete(Path.Combine(work.Out, "report.html"));
        Assert.Equal(2, HpcProcess.Run("plot", work.Out).ExitCode);
        Assert.Equal(0, HpcProcess.Run("merge", work.Out).ExitCode);
        Assert.Equal(0, HpcProcess.Run("plot", work.Out).ExitCode);
        Assert.True(File.Exists(Path.Combine(work.Out, "figures", "losses.svg")));
        Assert.True(File.Exists(Path.Combine(work.Out, "report.html")));
    }

    /// <summary>The examples of runs/examples, with the interpreter of the system, print what the merged file holds.</summary>
    [Fact]
    public void The_examples_read_the_results()
    {
        string python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3", root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Hpc.sln")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        bool found = Python(python, "-c", "import h5py, xarray, h5netcdf") is { Code: 0 };
        Assert.False(!found && Environment.GetEnvironmentVariable("CI") == "true", "python3 with h5py, xarray and h5netcdf is needed");
        Assert.SkipUnless(found, "python3 with h5py, xarray and h5netcdf is needed");
        using var work = new Workspace();
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        ResultGroup merged = ResultFile.Read(work.Merged);
        (int code, string text) = Python(python, Path.Combine(root, "runs", "examples", "read_xarray.py"), work.Merged);
        Assert.True(code == 0, text);
        string[] words = text.Split('\n').Single(line => line.StartsWith("class 2 ")).Split(' ');
        Assert.Equal(merged["generalization_time_mean"].Doubles[1], double.Parse(words[3], System.Globalization.CultureInfo.InvariantCulture));
        (code, text) = Python(python, Path.Combine(root, "runs", "examples", "read_hdf5.py"), work.Merged);
        Assert.True(code == 0, text);
        Assert.Contains("seed × epoch × class", text);
        words = text.Split('\n').Single(line => line.StartsWith("class 1 ")).Split(' ');
        double[] last = merged["test_loss_mean"].Doubles;
        Assert.Equal(last[^2], double.Parse(words[5], System.Globalization.CultureInfo.InvariantCulture), 1e-14);
    }

    private static (int Code, string Text) Python(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PYTHONIOENCODING"] = "utf-8";
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }

    [Fact]
    public void A_sweep_gives_one_group_a_point()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run(
            "run", work.Spec, "sweep=[{\"parameter\":\"model.features\",\"values\":[30,40]}]", "seeds.count=2", "--out", work.Out);
        Assert.True(run.ExitCode == 0, run.Error);
        ResultGroup merged = ResultFile.Read(work.Merged);
        Assert.Equal([2, 30], merged.Groups["point_0000"]["eigenvalues"].Shape);
        Assert.Equal([2, 40], merged.Groups["point_0001"]["eigenvalues"].Shape);
        Assert.Equal(40.0, merged.Groups["point_0001"].Attributes["model.features"]);
    }

    [Fact]
    public void Fresh_noise_descent_runs_in_both_precisions_with_the_same_losses()
    {
        using var work = new Workspace();
        string[] fresh = ["descent.dynamics=fresh-noise", "descent.epochs=500", "seeds.count=1", "spectrum=null"];
        string other = Path.Combine(work.Folder, "double");
        Assert.Equal(0, HpcProcess.Run(["run", work.Spec, "--out", work.Out, .. fresh]).ExitCode);
        Assert.Equal(0, HpcProcess.Run(["run", work.Spec, "--out", other, "--precision", "double", .. fresh]).ExitCode);
        ResultGroup single = ResultFile.Read(work.Merged), @double = ResultFile.Read(Path.Combine(other, "small.h5"));
        Assert.Equal("single", single.Attributes["precision"]);
        Assert.Equal("double", @double.Attributes["precision"]);
        Assert.All(single["train_loss"].Doubles.Zip(@double["train_loss"].Doubles), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Theory]
    [InlineData("openmpi", "--oversubscribe", "--bind-to", "none")]
    [InlineData("mpich")]
    public void Two_ranks_give_the_results_of_one_process(string name, params string[] arguments)
    {
        string launcher = $"/usr/bin/mpirun.{name}";
        Assert.SkipUnless(File.Exists(launcher) || Environment.GetEnvironmentVariable("CI") == "true", $"{launcher} is not installed");
        using var work = new Workspace();
        string other = Path.Combine(work.Folder, "ranks");
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out, "--threads", "1").ExitCode);
        HpcProcess.Ended run = HpcProcess.RunUnder(launcher, [.. arguments, "-n", "2"], "run", work.Spec, "--out", other, "--threads", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        ResultGroup one = ResultFile.Read(work.Merged), two = ResultFile.Read(Path.Combine(other, "small.h5"));
        Assert.Equal(2L, two.Attributes["mpi_size"]);
        foreach (string dataset in (string[])["eigenvalues", "train_loss", "test_loss", "score_error"])
        {
            Assert.Equal(one[dataset].Doubles, two[dataset].Doubles);
        }

        string[] log = File.ReadAllLines(Path.Combine(other, "log.jsonl"));
        Assert.Equal(3, log.Count(line => line.Contains("\"event\":\"done\"")));
        Assert.All(log, line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public void A_time_limit_stops_the_run_with_exit_code_3()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run(["run", work.Spec, "--out", work.Out, "--threads", "1", "--max-time", "0:00:02", .. Slow]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("run again to go on", run.Error);
        Assert.Equal(2, HpcProcess.Run("run", work.Spec, "--out", work.Out, "--max-time", "-0:00:02").ExitCode);
    }

    [Fact]
    public void Single_precision_gives_the_same_spectrum_and_losses_to_its_digits()
    {
        using var work = new Workspace();
        string other = Path.Combine(work.Folder, "single");
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", other, "--precision", "single").ExitCode);
        ResultGroup @double = ResultFile.Read(work.Merged), single = ResultFile.Read(Path.Combine(other, "small.h5"));
        Assert.Equal("single", single.Attributes["precision"]);

        // Elements of U are of order one: their rounding moves an eigenvalue by at most P·2⁻²⁴, and by far less in the mean.
        Assert.All(@double["eigenvalues"].Doubles.Zip(single["eigenvalues"].Doubles), pair => Assert.Equal(pair.First, pair.Second, 60 * Math.Pow(2, -24)));
        Assert.All(@double["test_loss"].Doubles.Zip(single["test_loss"].Doubles), pair => Assert.Equal(pair.First, pair.Second, 1e-3 * pair.First));
        Assert.NotEqual(@double["eigenvalues"].Doubles, single["eigenvalues"].Doubles);
    }

    private static void WaitForShards(Workspace work, int count)
    {
        string shards = Path.Combine(work.Out, "shards");
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(2); Thread.Sleep(20))
        {
            if (Directory.Exists(shards) && Directory.GetFiles(shards, "*.h5").Length >= count)
            {
                return;
            }
        }

        Assert.Fail($"no {count} shards within two minutes");
    }
}
