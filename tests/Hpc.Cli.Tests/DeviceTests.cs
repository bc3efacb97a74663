using Hpc.Cli.Devices;
using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Cli.Tests.Program;
using Hpc.Cli.Verbs;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Kernels;
using Hpc.Kernels.Devices;
using Hpc.Kernels.Tests;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Threading;
using Hpc.Results;

namespace Hpc.Cli.Tests;

/// <summary>A whole small task on every device, held against the processor in double precision.</summary>
public sealed class DeviceTests : IDisposable
{
    private const string Model = """
        "schema": 1, "name": "small", "diffusionTime": 0.05, "seeds": { "first": 0, "count": 1 },
        "model": { "dimension": 12, "features": 60, "samples": 30,
                   "classes": [ { "weight": 0.5, "variance": 0.5 }, { "weight": 0.5, "variance": 0.25 } ], "centroidGram": [[1, 0.2], [0.2, 0.5]] }
        """;

    private static readonly Dictionary<string, string> Specs = new()
    {
        ["dense"] = """ "spectrum": { "method": "dense" }, "descent": { "dynamics": "noise-averaged", "learningRate": 0.002, "epochs": 100000, "records": 6, "testSamples": 50 } """,
        ["spectrum"] = """ "spectrum": { "method": "dense" } """,
        ["lanczos"] = """
            "spectrum": { "method": "lanczos", "largest": 5 },
            "descent": { "dynamics": "noise-averaged", "learningRate": 0.002, "epochs": 100000, "records": 6, "testSamples": 50 }
            """,
        ["sampled"] = """
            "spectrum": { "method": "lanczos", "covariance": "sampled", "draws": 2, "largest": 5 },
            "descent": { "dynamics": "noise-averaged", "learningRate": 0.002, "epochs": 1000, "records": 4, "testSamples": 50 }
            """,
        ["equivalent"] = """ "spectrum": { "method": "lanczos", "covariance": "equivalent", "largest": 5 } """,
        ["fresh-noise"] = """ "descent": { "dynamics": "fresh-noise", "learningRate": 0.02, "epochs": 200, "records": 4, "testSamples": 50 } """,
    };

    /// <summary>What is compared: not the Ritz values, of which a change in the last bit makes others.</summary>
    private static readonly string[] Compared =
        ["eigenvalues", "largest_eigenvalues", "train_loss", "test_loss", "test_loss_sampled", "score_error"];

    private readonly ThreadTeam team = new(1);
    private readonly ISymmetricEigensolver eigensolver = SymmetricEigensolvers.Find("auto");

    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string device in (string[])["opencl:0", "cuda:0"])
        {
            foreach (string kind in Specs.Keys)
            {
                data.Add(device, kind, "single");
                data.Add(device, kind, "double");
            }
        }

        data.Add("ilgpu-cpu", "dense", "single");
        data.Add("ilgpu-cpu", "lanczos", "double");
        data.Add("ilgpu-cpu", "fresh-noise", "single");
        return data;
    }

    public void Dispose() => team.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_task_gives_what_the_processor_gives(string device, string kind, string precision)
    {
        ComputeDevice opened = TestDevices.Open(device);
        ExperimentSpec spec = Spec(kind, device == "ilgpu-cpu");
        IReadOnlyList<Dataset> exact = Run(spec, "double", new SimdBackend()), naive = Run(spec, "single", new NaiveSingleBackend());
        IReadOnlyList<Dataset> found = Run(spec, precision, new AcceleratorBackend(opened));
        int compared = 0;
        foreach (string name in Compared)
        {
            if (exact.FirstOrDefault(d => d.Name == name) is not { } expected)
            {
                continue;
            }

            double[] actual = found.Single(d => d.Name == name).Doubles;
            double error = Distance(expected.Doubles, naive.Single(d => d.Name == name).Doubles), size = expected.Doubles.Max(Math.Abs);
            Assert.True(error > 0, $"{name}: the naive computation has no error");

            // In single precision twice the error of the naive computation. Rounding errors are proportional to the unit roundoff, so that in
            // double precision they are 2^29 times smaller than in single; but there the eigensolver and the Krylov methods, which are in
            // double in all three runs, add a few units in the last place of the norm each (16 for P = 60), and the series of the descent
            // and the residuals of the eigenpairs their tolerances.
            double tolerance = precision == "single" ? 2 * error : 16 * (error * Math.Pow(2, -29) + size * Math.Pow(2, -52)) + Truncation(exact, name, size);
            Assert.True(Distance(expected.Doubles, actual) <= tolerance, $"{name}: {Distance(expected.Doubles, actual)} above {tolerance}, naive {error}");
            compared++;
        }

        Assert.True(compared >= 1);
    }

    [Theory]
    [InlineData("single")]
    [InlineData("double")]
    public void A_task_that_goes_on_from_its_checkpoint_on_a_device_is_bit_identical(string precision)
    {
        var backend = new AcceleratorBackend(TestDevices.Open("opencl:0"));
        ExperimentSpec spec = Spec("fresh-noise", tiny: false);
        IReadOnlyList<Dataset> whole = Run(spec, precision, backend);
        using var work = new Workspace();
        using var source = new CancellationTokenSource();
        var said = new List<string>();
        var checkpoint = new TaskCheckpoint(work.Out, "ab12", TimeSpan.FromHours(1), said.Add);
        int records = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Run(
            spec, precision, backend, checkpoint, source.Token, (stage, detail) =>
            {
                if ((detail ?? stage).Contains("epoch ") && ++records == 3)
                {
                    source.Cancel();
                }
            }));
        IReadOnlyList<Dataset> continued = Run(spec, precision, backend, checkpoint);
        Assert.Contains(said, line => line.StartsWith("going on from epoch "));
        foreach (string name in (string[])["train_loss", "test_loss", "score_error"])
        {
            Assert.Equal(whole.Single(d => d.Name == name).Doubles, continued.Single(d => d.Name == name).Doubles);
        }
    }

    [Fact]
    public void A_run_records_its_device_and_goes_on_on_another()
    {
        TestDevices.Require("opencl");
        using var work = new Workspace();
        string[] small = ["seeds.count=2", "descent.epochs=1000", "descent.records=4"];
        HpcProcess.Ended first = HpcProcess.Run(["run", work.Spec, "seeds.count=1", .. small[1..], "--device", "opencl", "--out", work.Out]);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Contains("device opencl:0 (", first.Error);
        ResultGroup merged = ResultFile.Read(work.Merged);
        Assert.StartsWith("opencl:0 (", (string)merged.Attributes["device"]);
        Assert.Contains("ilgpu", (string)merged.Attributes["versions"]);
        Assert.Contains("driver", (string)merged.Attributes["versions"]);
        HpcProcess.Ended second = HpcProcess.Run(["run", work.Spec, .. small, "--device", "cpu", "--out", work.Out]);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Contains("1 of 2 tasks were done before", second.Error);
    }

    [Fact]
    public void A_profile_has_the_times_of_the_device_itself()
    {
        TestDevices.Require("opencl:0");
        using var work = new Workspace();
        HpcProcess.Ended profile = HpcProcess.Run(
            "profile", work.Spec, "spectrum=null", "descent.dynamics=fresh-noise", "descent.epochs=20", "descent.records=2", "--device", "opencl:0",
            "--out", work.Out);
        Assert.True(profile.ExitCode == 0, profile.Error);
        foreach (string kernel in (string[])["device noise", "device features", "device residuals", "device gradient", "device step", "device scores"])
        {
            string[] cells = profile.Output.Split('\n').Single(l => l.StartsWith(kernel, StringComparison.Ordinal))[kernel.Length..]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("(single)", cells[0]);
            Assert.True(int.Parse(cells[1]) >= 2 && double.Parse(cells[2]) > 0);
        }
    }

    [Fact]
    public void Auto_says_nothing_where_there_is_no_accelerator()
    {
        Assert.SkipWhen(DeviceCatalog.List().Any(d => d.IsUsable && d.IsAccelerator), "there is an accelerator");
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run("run", work.Spec, "seeds.count=1", "descent.records=4", "--device", "auto", "--out", work.Out);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.DoesNotContain("device", run.Error);
        Assert.StartsWith("cpu (", (string)ResultFile.Read(work.Merged).Attributes["device"]);
        Assert.Empty(DeviceCatalog.Accelerators());
    }

    [Fact]
    public void Auto_takes_the_shortest_time_and_the_first_of_equals()
    {
        Assert.Equal(("b", 1.0), ComputeChoice.Shortest(["a", "b", "c"], name => name == "b" ? 1 : 2));
        Assert.Equal(("a", 1.0), ComputeChoice.Shortest(["a", "b"], _ => 1));
        Assert.Equal("a", ComputeChoice.Shortest(["a", "b"], name => name == "b" ? double.PositiveInfinity : 3).Choice);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_test_of_speed_takes_less_than_a_second(bool freshNoise)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        double seconds = SpeedTest.Seconds(new SimdBackend(), freshNoise, freshNoise, team);
        Assert.InRange(seconds, 1e-4, 1);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData("cuda:99", "Devices that would do: cpu")]
    [InlineData("opencl:99", "Devices that would do: cpu")]
    [InlineData("gpu", "ilgpu-cpu")]
    [InlineData("cpu:1", "ilgpu-cpu")]
    public void A_device_that_is_not_there_gives_exit_code_2_and_names_others(string device, string message)
    {
        using var work = new Workspace();
        foreach (string verb in (string[])["run", "plan"])
        {
            HpcProcess.Ended ended = HpcProcess.Run([verb, work.Spec, "--device", device, .. verb == "run" ? (string[])["--out", work.Out] : []]);
            Assert.Equal(2, ended.ExitCode);
            Assert.Contains("--device", ended.Error);
            Assert.Contains(message, ended.Error);
            Assert.Single(ended.Error.Trim().Split('\n'));
        }

        Assert.False(Directory.Exists(work.Out));
    }

    [Theory]
    [InlineData("dense", 1e9, 1e9, null)]
    [InlineData("dense", 2e8, 2e8, "on device cuda:0, 0.2 GB (largest matrix 0.2 GB) are available there: lower model.features to")]
    [InlineData("dense", 1e9, 3e7, "use --device cpu, or use --device cuda:2")]
    [InlineData("lanczos", 1e9, 1e9, null)]
    [InlineData("sampled", 2e8, 2e8, "use --device cpu, or use --device cuda:2")]
    [InlineData("fresh-noise", 1e9, 1e9, null)]
    [InlineData("fresh-noise", 1e8, 1e8, "use --device cpu")]
    [InlineData("fresh-noise", 1e9, 1e6, "use --device cpu")]
    public void A_task_that_does_not_fit_into_the_memory_of_a_device_is_refused_with_what_would_do(
        string kind, double bytes, double largest, string? message)
    {
        ExperimentSpec spec = Spec(kind, tiny: false);
        spec = spec with { Model = spec.Model with { Features = 2000, Samples = 2000 } };
        var planner = new Planner(1e11, rates: null, single: kind == "fresh-noise", new DeviceLimit("cuda:0", bytes, largest)
        {
            Others = [new DeviceLimit("cuda:1", 1e6, 1e6), new DeviceLimit("cuda:2", 4e9, 4e9)],
        });
        if (message is null)
        {
            planner.Require(spec);
            return;
        }

        string refusal = Assert.Throws<UsageException>(() => planner.Require(spec)).Message;
        Assert.Contains(message, refusal);
        Assert.DoesNotContain("cuda:1", refusal);
    }

    [Fact]
    public void A_matrix_that_the_driver_does_not_allocate_gives_exit_code_2_before_anything_runs()
    {
        TestDevices.Require("opencl:0");
        using var work = new Workspace();
        HpcProcess.Ended run = HpcProcess.Run(
            "run", work.Spec, "spectrum=null", "descent.dynamics=fresh-noise", "model.dimension=20", "model.features=3000000", "model.samples=20",
            "--device", "opencl:0", "--out", work.Out);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("on device opencl:0", run.Error);
        Assert.Contains("use --device cpu", run.Error);
        Assert.False(Directory.Exists(work.Out));
    }

    [Fact]
    public void The_plan_takes_the_rates_of_the_device_for_what_runs_there()
    {
        ExperimentSpec spec = Spec("fresh-noise", tiny: false), dense = Spec("dense", tiny: false);
        var host = new MachineRates(1e11, 5e10, 1e10, 1e-9, 2);
        var limit = new DeviceLimit("cuda:0", 1e10, 1e10);
        Planner On(double factor) => new(1e11, host, single: false, limit) { DeviceRates = new DeviceRates(factor * 1e11, factor * 5e10, factor * 1e10) };
        double Seconds(Planner planner, ExperimentSpec of, string stage) => planner.Of(of).Stages.Single(s => s.Name == stage).Seconds;
        foreach (string stage in (string[])["correlations of the features", "covariance"])
        {
            Assert.Equal(Seconds(On(1), dense, stage), 10 * Seconds(On(10), dense, stage), 1e-12);
        }

        Assert.Equal(Seconds(On(1), spec, "fresh-noise epochs"), 10 * Seconds(On(10), spec, "fresh-noise epochs"), 1e-12);
        Assert.Equal(Seconds(On(1), dense, "eigensystem"), Seconds(On(10), dense, "eigensystem"));
        Assert.Equal(Seconds(On(1), dense, "covariance"), Seconds(new Planner(1e11, host, single: false), dense, "covariance"), 1e-12);
    }

    [Fact]
    public void The_plan_on_a_device_says_its_rates_and_what_fits()
    {
        TestDevices.Require("opencl:0");
        using var work = new Workspace();
        HpcProcess.Ended plan = HpcProcess.Run("plan", work.Spec, "--device", "opencl:0");
        Assert.True(plan.ExitCode == 0, plan.Error);
        Assert.Matches(@"device opencl:0: [\d.]+ GB for a task, largest matrix [\d.]+ GB; measured: products [\d.]+ GFLOP/s single, [\d.]+ double; reading [\d.]+ GB/s", plan.Output);
        Assert.Contains("on device opencl:0: ", plan.Output);
    }

    [Fact]
    public void A_device_without_double_precision_is_refused_where_it_is_needed()
    {
        DeviceInfo Device(int index, bool doubles) => new(
            new DeviceName(DeviceKind.OpenCl, index), "GPU", 1, 1, "driver", "OpenCL 3.0", doubles, IsAccelerator: true);
        DeviceInfo[] all = [Device(0, doubles: false), Device(1, doubles: true)];
        ComputeChoice.RequireDoubles(all[0], doubles: false, single: true, all);
        ComputeChoice.RequireDoubles(all[1], doubles: true, single: false, all);
        string wide = Assert.Throws<UsageException>(() => ComputeChoice.RequireDoubles(all[0], doubles: true, single: false, all)).Message;
        Assert.Equal(
            "--device opencl:0: GPU has no double precision, which --precision double needs; devices that would do: opencl:1, "
            + "or use --precision single for descent with fresh noise", wide);
        Assert.EndsWith(
            "covariances need; devices that would do: opencl:1",
            Assert.Throws<UsageException>(() => ComputeChoice.RequireDoubles(all[0], doubles: true, single: true, all)).Message);
    }

    [Fact]
    public void What_is_said_of_a_CUDA_device_ends_with_its_libraries()
    {
        var device = new DeviceInfo(
            new DeviceName(DeviceKind.Cuda, 0), "GPU", 1, 1, "CUDA driver 12.4", "SM_90", HasDoubles: true, IsAccelerator: true, "", null,
            "plain products by cuBLAS (libcublas.so.12)");
        Assert.Equal(["cuda:0         usable      GPU", $"{"",26} plain products by cuBLAS (libcublas.so.12)"], DevicesVerb.Lines(device, "GPU"));
        Assert.Equal(["cuda:0         not usable  old"], DevicesVerb.Lines(device with { Problem = "old" }, "GPU"));
    }

    [Fact]
    public void Devices_are_listed_with_memory_and_versions_or_with_a_reason()
    {
        string output = HpcProcess.Run("devices").Output;
        foreach (DeviceInfo device in DeviceCatalog.List().Where(d => d.Name.Kind != DeviceKind.Cpu))
        {
            string line = output.Split('\n').Single(l => l.StartsWith($"{device.Name} ", StringComparison.Ordinal));
            Assert.Contains(device.IsUsable ? $"{device.Description}, " : device.Problem!, line);
            Assert.Contains(device.IsUsable ? "GB (largest matrix " : "not usable", line);
        }

        Assert.Contains("chosen only by name", output);
    }

    private static double Truncation(IReadOnlyList<Dataset> exact, string name, double size) =>
        name == "largest_eigenvalues" ? 1e-8 * size : exact.FirstOrDefault(d => d.Name == "loss_error_bound") is { } bound ? 2 * bound.Doubles[0] : 0;

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();

    private static ExperimentSpec Spec(string kind, bool tiny)
    {
        string folder = Directory.CreateTempSubdirectory("hpc-test-").FullName, file = Path.Combine(folder, "spec.json");
        File.WriteAllText(file, $"{{ {Model}, {Specs[kind]} }}");
        string[] smaller = tiny
            ? ["model.dimension=4", "model.features=10", "model.samples=6", .. kind switch
            {
                "lanczos" => (string[])["spectrum.largest=2", "spectrum.probes=2", "spectrum.block=2", "descent.records=2"],
                "fresh-noise" => ["descent.epochs=5", "descent.records=2"],
                _ => ["descent.records=2"],
            }]
            : [];
        ExperimentSpec spec = SpecReader.ReadFile(file, smaller);
        Directory.Delete(folder, recursive: true);
        return spec;
    }

    private IReadOnlyList<Dataset> Run(
        ExperimentSpec spec, string precision, IBackend backend, TaskCheckpoint? checkpoint = null, CancellationToken? cancellation = null,
        Action<string, string?>? stage = null)
    {
        ExperimentTask task = ExperimentTask.Expand(spec, precision)[0];
        var planner = new Planner(1e9, rates: null, precision == "single", backend is AcceleratorBackend ? new DeviceLimit("test", 1e9, 1e9) : null);
        TaskPlan plan = planner.Of(task.Point.Spec);
        Assert.Equal(precision == "single" && plan.Method == SpectrumMethod.Lanczos, plan.Storage == FeatureStorage.Single);
        using var workspace = new TaskWorkspace(new ThreadTeam(team.Count));
        return new TaskRunner(task, plan, backend, eigensolver, workspace, stage ?? ((_, _) => { }), cancellation ?? TestContext.Current.CancellationToken, checkpoint).Run();
    }
}
