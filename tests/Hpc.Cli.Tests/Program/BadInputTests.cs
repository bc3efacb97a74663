using System.Diagnostics;

namespace Hpc.Cli.Tests.Program;

public class BadInputTests
{
    [Theory]
    [InlineData("model.dimensoin=3", "did you mean \"model.dimension\"")]
    [InlineData("model.classes[0].weight=0.6", "sum to 1.1")]
    [InlineData("model.classes[0].variance=-0.5", "above 0")]
    [InlineData("model.centroidGram=[[1,2],[2,1]]", "positive semi-definite")]
    [InlineData("model.centroidGram=[[1,2,3]]", "2×2")]
    [InlineData("model.features=0", "at least 1")]
    [InlineData("schema=99", "update hpc")]
    [InlineData("spectrum.covariance=sampled", "lanczos")]
    [InlineData("spectrum.probs=3", "did you mean \"spectrum.probes\"")]
    [InlineData("model.features=20000000", "lower model.features")]
    public void A_spec_that_cannot_be_run_gives_exit_code_2_one_message_and_no_file(string change, string message)
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, change, "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.StartsWith("hpc: ", run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(work.Out));
    }

    [Theory]
    [InlineData("spectrum.largest=61", "0 to 60")]
    [InlineData("spectrum.smallest=51", "0 to 50")]
    [InlineData("spectrum.block=61", "1 to 60")]
    [InlineData("spectrum.probes=61", "1 to 60")]
    [InlineData("spectrum.steps=0", "at least 1")]
    [InlineData("model.features=2000000", "lower model.features")]
    public void What_the_Lanczos_method_cannot_do_gives_exit_code_2(string change, string message)
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "spectrum.method=lanczos", change, "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.False(Directory.Exists(work.Out));
    }

    [Fact]
    public void A_learning_rate_that_diverges_gives_exit_code_2_and_no_result()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "descent.learningRate=10", "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("2·learningRate·λ_max", run.Error);
        Assert.False(File.Exists(work.Merged));
    }

    [Theory]
    [InlineData("--threads", "-1", "--threads")]
    [InlineData("--device", "cuda", "--device")]
    [InlineData("--precision", "half", "--precision")]
    [InlineData("--eigensolver", "/no/such/library.so", "--eigensolver")]
    [InlineData("--nonsense", "1", "nonsense")]
    public void A_wrong_option_gives_exit_code_2(string option, string value, string message)
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, option, value, "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.False(Directory.Exists(work.Out));
    }

    [Fact]
    public void A_missing_or_broken_spec_gives_exit_code_2()
    {
        using var work = new Workspace("{ broken");
        Assert.Contains("not valid JSON", HpcProcess.Run("run", work.Spec, "--out", work.Out).Error);
        HpcProcess.Ended missing = HpcProcess.Run("run", Path.Combine(work.Folder, "none.json"), "--out", work.Out);
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("none.json", missing.Error);
    }

    [Fact]
    public void An_output_folder_that_cannot_be_written_gives_exit_code_2()
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "--out", Path.Combine(work.Spec, "below-a-file"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--out", run.Error);
    }

    [Fact]
    public void Another_spec_in_an_existing_folder_gives_exit_code_2_and_changes_nothing()
    {
        using var work = new Workspace();
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out).ExitCode);
        Dictionary<string, string> before = Directory.GetFiles(work.Out, "*", SearchOption.AllDirectories).ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(f)));
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "diffusionTime=0.06", "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("diffusionTime is 0.05 there and 0.06 here", run.Error);
        Assert.Equal(before, Directory.GetFiles(work.Out, "*", SearchOption.AllDirectories).ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(f))));
    }

    [Fact]
    public void A_folder_in_use_by_another_run_is_refused()
    {
        using var work = new Workspace();
        using Process first = HpcProcess.Start("run", work.Spec, "--out", work.Out, "model.features=700", "model.samples=500", "seeds.count=8");
        for (var clock = Stopwatch.StartNew(); !File.Exists(Path.Combine(work.Out, "log.jsonl")) && clock.Elapsed < TimeSpan.FromMinutes(1); Thread.Sleep(10))
        {
        }

        HpcProcess.Ended second = HpcProcess.Run("run", work.Spec, "--out", work.Out, "model.features=700", "model.samples=500", "seeds.count=8");
        first.Kill();
        first.WaitForExit();
        Assert.Equal(2, second.ExitCode);
        Assert.Contains($"process {first.Id}", second.Error);
    }

    [Fact]
    public void A_full_disk_fails_the_run_and_leaves_no_half_written_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small file system needs root on Linux");
        using var work = new Workspace();
        string disk = Path.Combine(work.Folder, "disk");
        Directory.CreateDirectory(disk);
        Assert.Equal(0, Shell("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk));
        try
        {
            string folder = Path.Combine(disk, "out");
            HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "descent.records=200", "--out", folder);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("space", run.Error, StringComparison.OrdinalIgnoreCase);
            Assert.All(Directory.GetFiles(folder, "*", SearchOption.AllDirectories), f => Assert.DoesNotContain(".tmp", f));
        }
        finally
        {
            Assert.Equal(0, Shell("umount", disk));
        }
    }

    [Theory]
    [InlineData("status")]
    [InlineData("merge")]
    [InlineData("plot")]
    public void A_folder_that_is_no_output_folder_gives_exit_code_2(string verb)
    {
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run(verb, work.Folder);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("spec.json", run.Error);
    }

    [Fact]
    public void A_damaged_merged_file_gives_exit_code_2()
    {
        using var work = new Workspace();
        Directory.CreateDirectory(work.Out);
        File.Copy(work.Spec, Path.Combine(work.Out, "spec.json"));
        File.WriteAllBytes(work.Merged, new byte[4096]);
        HpcProcess.Ended run = HpcProcess.Run("plot", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(work.Merged, run.Error);
        Assert.Contains("hpc merge", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void Usage_is_exit_code_2_and_help_is_0()
    {
        Assert.Equal(2, HpcProcess.Run().ExitCode);
        Assert.Equal(2, HpcProcess.Run("runn").ExitCode);
        HpcProcess.Ended help = HpcProcess.Run("--help");
        Assert.Equal(0, help.ExitCode);
        Assert.Contains("run", help.Output);
        Assert.Equal(0, HpcProcess.Run("run", "--help").ExitCode);
        Assert.Equal(0, HpcProcess.Run("--version").ExitCode);
    }

    [Fact]
    public void Devices_names_the_processor_and_the_eigensolver()
    {
        HpcProcess.Ended run = HpcProcess.Run("devices");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("cpu", run.Output);
        Assert.Contains("managed", run.Output);
        Assert.Contains("auto takes", run.Output);
    }

    private static int Shell(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
