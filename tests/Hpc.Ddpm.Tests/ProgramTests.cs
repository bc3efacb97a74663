using System.Diagnostics;
using System.Reflection;
using Hpc.Ddpm.Data;
using Hpc.Results;
using SkiaSharp;

namespace Hpc.Ddpm.Tests;

/// <summary>The whole way through the program <c>hpc</c>, which hands specs with a <c>ddpm</c> block over.</summary>
public class ProgramTests
{
    private const string Spec = """
        {
          "schema": 1, "name": "tiny", "seeds": { "count": 2 },
          "ddpm": {
            "reference": "Sneaker", "partners": ["Bag", "Coat"], "imageSize": 8, "images": [6, 4], "testImages": 10, "lossDraws": 2,
            "network": { "baseWidth": 4, "multipliers": [1, 2], "residualBlocks": 1, "groups": 2, "timeEmbedding": 8 },
            "training": { "steps": 40, "batch": 8, "learningRate": 0.002, "averaging": 0.9 }, "records": { "first": 10, "count": 3 },
            "sampling": { "steps": 4, "samples": 20, "kept": 5 }, "memorization": { "thresholds": [0.2, 0.5], "resamples": 20 },
            "comparison": { "dimension": 10 }
          }
        }
        """;

    private static readonly string Program = typeof(ProgramTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Program").Value!;

    [Fact]
    public void A_run_is_trained_measured_and_merged()
    {
        using var work = new Folder();
        string spec = work.Write("tiny.json", Spec), output = work.PathOf("out"), data = TestData.FashionMnistFolder;
        (int code, string said, string errors) = Run(null, "run", spec, "--out", output, "--data", data);
        Assert.True(code == 0, errors);
        Assert.Contains("Sneaker-Bag", said);
        Assert.Contains("4 tasks", errors);

        ResultGroup merged = ResultFile.Read(Path.Combine(output, "tiny.h5"));
        Assert.Equal(["Sneaker-Bag", "Sneaker-Coat"], merged.Groups.Keys.Where(name => name.Contains('-')).Order());
        ResultGroup bag = merged.Groups["Sneaker-Bag"], coat = merged.Groups["Sneaker-Coat"];
        Assert.Equal([10L, 20, 40], bag["step"].Integers);
        Assert.Equal([2, 3, 2], bag["memorized_fraction"].Shape);
        Assert.Equal([2, 3, 20], bag["distance_ratio"].Shape);
        Assert.Equal([2, 3, 5, 8, 8], bag["sample_image"].Shape);
        Assert.Equal([2, 10, 8, 8], bag["training_image"].Shape);
        Assert.Equal([1L, 1, 1, 1, 1, 1, 2, 2, 2, 2], bag["training_class"].Integers[..10]);
        Assert.Equal(bag["training_source"].Integers[..6], coat["training_source"].Integers[..6]);
        Assert.All(bag["distance_ratio"].Doubles, v => Assert.InRange(v, 0, 1));
        Assert.All(bag["train_loss"].Doubles.Concat(bag["test_loss"].Doubles), v => Assert.InRange(v, 0.1, 2));
        Assert.Equal(["Sneaker", "Bag"], (string[])bag.Attributes["class_names"]);

        // Every number of the table from the numbers behind it.
        long[] nearest = bag["nearest_image"].Integers, classes = bag["training_class"].Integers, counts = bag["class_samples"].Integers;
        double[] ratios = bag["distance_ratio"].Doubles, fractions = bag["memorized_fraction"].Doubles;
        for (int row = 0; row < 6; row++)
        {
            for (int c = 1; c <= 2; c++)
            {
                int[] own = [.. Enumerable.Range(20 * row, 20).Where(i => classes[nearest[i] - 1] == c)];
                Assert.Equal(own.Length, counts[2 * row + c - 1]);
                Assert.Equal(own.Length == 0 ? double.NaN : own.Count(i => ratios[i] < 1.0 / 3) / (double)own.Length, fractions[2 * row + c - 1]);
            }
        }

        // Descriptors of a pair are those of its classes among all.
        Assert.Equal(merged["relative_variance"].Doubles[7], bag["class_relative_variance"].Doubles[0]);
        Assert.Equal(merged["cosine"].Doubles[4], coat["class_cosine"].Doubles[1]);
        Assert.Equal(merged["gram"].Doubles[7 * 10 + 8], bag["class_gram"].Doubles[1]);

        // Gaps of the random-features model beside those of the networks; two pairs have no correlation.
        Assert.Equal([2, 2], bag["features_memorization_time"].Shape);
        double[] features = bag["features_memorization_time"].Doubles, gaps = bag["features_memorization_gap"].Doubles;
        Assert.All(gaps, gap => Assert.True(double.IsFinite(gap)));
        Assert.Equal(Math.Log10(features[2] / features[3]), gaps[1], 1e-12);
        Assert.Equal((gaps[0] + gaps[1]) / 2, merged["features_memorization_gap_mean"].Doubles[0], 1e-12);
        Assert.Equal(Math.Log10(coat["theory_memorization_time"].Doubles[0] / coat["theory_memorization_time"].Doubles[1]), merged["theory_memorization_gap"].Doubles[1], 1e-12);
        Assert.Equal(Math.Log10(merged["variance"].Doubles[7] / merged["variance"].Doubles[8]), merged["log_variance_ratio"].Doubles[0], 1e-12);
        Assert.All(merged["pearson"].Doubles, v => Assert.True(double.IsNaN(v)));
        Assert.Contains("not defined for fewer than 3 pairs", said);
        DrawnAgainFromTheMergedFileAlone(output);

        Assert.Contains("4 done", Run(null, "status", output).Output);
        byte[] before = File.ReadAllBytes(Path.Combine(output, "shards", Path.GetFileName(Directory.GetFiles(Path.Combine(output, "shards"))[0])));
        Assert.Equal(0, Run(null, "merge", output, "--data", data).Code);
        Assert.Contains("4 of 4 tasks were done before", Run(null, "run", spec, "--out", output, "--data", data).Error);
        Assert.Equal(before, File.ReadAllBytes(Directory.GetFiles(Path.Combine(output, "shards"))[0]));
        (code, _, errors) = Run(null, "run", spec, "ddpm.training.learningRate=0.1", "--out", output, "--data", data);
        Assert.Equal(2, code);
        Assert.Contains("ddpm.training.learningRate is 0.002 there and 0.1 here", errors);
    }

    private static void DrawnAgainFromTheMergedFileAlone(string output)
    {
        string figures = Path.Combine(output, "figures"), report = Path.Combine(output, "report.html"), page = File.ReadAllText(report), shards = Path.Combine(output, "shards");
        string[] expected =
        [
            "fractions", "fractions-Sneaker-Bag", "losses-Sneaker-Coat", "gap-variance", "gap-norm", "gap-cosine", "alignment", "descriptors-fashion-mnist", "examples-Sneaker-Bag-Sneaker",
        ];
        Assert.All(expected, name => Assert.All((string[])["png", "svg", "csv"], kind => Assert.True(File.Exists(Path.Combine(figures, $"{name}.{kind}")), $"{name}.{kind}")));
        Assert.All(expected, name => Assert.Contains($"id=\"{name}-title\"", page));

        // Nothing from outside.
        Assert.DoesNotContain("src=\"http", page);
        Assert.DoesNotContain("url(http", page);
        Assert.Contains("not defined for fewer than 3 pairs", page);

        // Every panel is drawn: there is ink in each half of the page of all pairs.
        using (SKBitmap drawn = SKBitmap.Decode(Path.Combine(figures, "fractions.png")))
        {
            Assert.All((int[])[0, drawn.Width / 2], left => Assert.Contains(
                Enumerable.Range(left, drawn.Width / 2), x => Enumerable.Range(0, drawn.Height).Any(y => drawn.GetPixel(x, y) is { Red: > 180, Green: < 120, Blue: < 60 })));
        }

        Dictionary<string, byte[]> before = Directory.GetFiles(figures).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
        Directory.Delete(figures, recursive: true);
        File.Delete(report);
        Directory.Move(shards, shards + "-away");
        (int code, string said, string errors) = Run(null, "plot", output);
        Directory.Move(shards + "-away", shards);
        Assert.True(code == 0, errors);
        Assert.Contains(report, said);
        Assert.Equal(page, File.ReadAllText(report));
        Assert.Equal(before.Keys.Order(), Directory.GetFiles(figures).Select(file => Path.GetFileName(file)).Order());
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(Path.Combine(figures, file.Key))));
    }

    [Fact]
    public void A_run_that_is_stopped_goes_on_with_the_same_bits()
    {
        using var work = new Folder();
        string spec = work.Write("tiny.json", Spec), data = TestData.FashionMnistFolder, whole = work.PathOf("whole"), parts = work.PathOf("parts");
        string[] longer = ["ddpm.training.steps=400", "seeds.count=1", "ddpm.partners=[\"Bag\"]", "--data", data, "--threads", "1", "--checkpoint", "0:00:00.2"];
        Assert.Equal(0, Run(null, ["run", spec, "--out", whole, .. longer]).Code);

        using Process process = Start(null, ["run", spec, "--out", parts, .. longer]);
        string checkpoints = Path.Combine(parts, "checkpoints");
        for (var clock = Stopwatch.StartNew(); !(Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.h5").Length > 0); Thread.Sleep(5))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1) && !process.HasExited, "the run ended before it was stopped");
        }

        using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        (int code, _, string errors) = Ended(process);
        Assert.True(code == 3, errors);
        Assert.Contains("run again to go on", errors);
        (code, _, errors) = Run(null, ["run", spec, "--out", parts, .. longer]);
        Assert.True(code == 0, errors);
        Assert.Contains("going on from step", errors);
        Assert.Empty(Directory.GetFiles(checkpoints));
        ResultGroup one = ResultFile.Read(Path.Combine(whole, "tiny.h5")).Groups["Sneaker-Bag"], other = ResultFile.Read(Path.Combine(parts, "tiny.h5")).Groups["Sneaker-Bag"];
        Assert.All(one.Datasets, dataset => Assert.Equal(dataset.Values, other[dataset.Name].Values));
    }

    [Fact]
    public void What_cannot_run_is_refused_with_exit_code_2()
    {
        using var work = new Folder();
        string spec = work.Write("tiny.json", Spec), empty = work.PathOf("empty");
        Directory.CreateDirectory(empty);
        Refused(null, ["run", spec, "--out", work.PathOf("out"), "--data", empty], DatasetInfo.FashionMnist.Address, DatasetInfo.FashionMnist.TrainingImages.Sha256);
        Refused("/nowhere/hpc-ddpm", ["run", spec], "HPC_DDPM is '/nowhere/hpc-ddpm'");
        Refused(null, ["run", spec, "ddpm.imageSize=7"], "ddpm.imageSize is 7");
        Refused(null, ["run", spec, "--device", "tpu"], "--device is 'tpu'; allowed is cpu, cuda or cuda:i");
        Refused(null, ["status", work.PathOf("none")], "is no output folder");
        Assert.False(Directory.Exists(work.PathOf("out")));

        static void Refused(string? program, string[] arguments, params string[] parts)
        {
            (int code, _, string errors) = Run(program, arguments);
            Assert.True(code == 2, errors);
            Assert.All(parts, part => Assert.Contains(part, errors));
        }
    }

    [Fact]
    public void A_plan_states_parameters_and_time()
    {
        using var work = new Folder();
        (int code, string output, string errors) = Run(null, "plan", work.Write("tiny.json", Spec), "--threads", "1");
        Assert.True(code == 0, errors);
        Assert.Contains("pairs × seeds = 2 × 2 = 4 tasks", output);
        Assert.Matches(@"network: \d+ parameters", output);
        Assert.Contains("40 training steps", output);
        Assert.Contains("random-features model of every task: N = 10, P = 300, M = 200", output);
        Assert.Contains("on one GPU", output);
    }

    [Fact]
    public void Ranks_share_the_tasks()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mpirun.openmpi"), "Open MPI is not installed");
        using var work = new Folder();
        string spec = work.Write("tiny.json", Spec), output = work.PathOf("out"), alone = work.PathOf("alone"), data = TestData.FashionMnistFolder;
        var start = new ProcessStartInfo("/usr/bin/mpirun.openmpi", ["-n", "2", "--bind-to", "none", "--oversubscribe", "dotnet", Program, "run", spec, "--out", output, "--data", data, "--threads", "1"]);
        foreach ((string key, string value) in ((string, string)[])
            [("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), ("OMPI_MCA_btl_tcp_if_include", "lo"), ("OMPI_MCA_oob_tcp_if_include", "lo")])
        {
            start.Environment[key] = value;
        }

        using Process process = Start(start);
        (int code, _, string errors) = Ended(process);
        Assert.True(code == 0, errors);
        Assert.Contains("4 tasks on 2 ranks", errors);
        Assert.Equal(0, Run(null, "run", spec, "--out", alone, "--data", data, "--threads", "1").Code);
        ResultGroup one = ResultFile.Read(Path.Combine(alone, "tiny.h5")).Groups["Sneaker-Coat"], other = ResultFile.Read(Path.Combine(output, "tiny.h5")).Groups["Sneaker-Coat"];
        Assert.Equal(one["distance_ratio"].Doubles, other["distance_ratio"].Doubles);
    }

    private static (int Code, string Output, string Error) Run(string? program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        return Ended(process);
    }

    private static Process Start(string? program, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]);
        if (program is not null)
        {
            start.Environment["HPC_DDPM"] = program;
        }

        return Start(start);
    }

    private static Process Start(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        return Process.Start(start)!;
    }

    private static (int Code, string Output, string Error) Ended(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the program did not end within 2 minutes");
        }

        return (process.ExitCode, output.Result, error.Result);
    }

    /// <summary>A folder of a test's own, deleted at the end.</summary>
    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("hpc-test-").FullName;

        public string PathOf(string name) => Path.Combine(path, name);

        public string Write(string name, string content)
        {
            File.WriteAllText(PathOf(name), content);
            return PathOf(name);
        }

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
