using System.Text.Json.Nodes;
using Hpc.Cli.Planning;
using Hpc.Cli.Running;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;
using Hpc.Results;

namespace Hpc.Cli.Tests.Program;

/// <summary>Tasks of a sweep that share their realization or their eigensystem: less work, the same bits.</summary>
public sealed class CommonPartsTests
{
    private const string Sweep = """
        "sweep": [ { "parameter": "descent.learningRate", "values": [0.001, 0.002] }, { "parameter": "descent.epochs", "values": [1000, 20000] } ]
        """;

    private static readonly string Spec = Workspace.SmallSpec.TrimEnd()[..^1] + ", " + Sweep + "}";

    [Theory]
    [InlineData("dense", "eigensystem")]
    [InlineData("lanczos", "block-lanczos-step")]
    public void One_worker_decomposes_the_covariance_once_a_seed(string method, string kernel)
    {
        ExperimentSpec spec = SpecReader.Parse(Spec, ["seeds.count=2", $"spectrum.method={method}", "spectrum.largest=3"]);
        IReadOnlyList<ExperimentTask> tasks = [.. ExperimentTask.Expand(spec, "double").OrderBy(t => t.Seed)];
        Assert.Equal(8, tasks.Count);
        (List<IReadOnlyList<Dataset>> alone, long calls) = Run(tasks, keeps: false);
        (List<IReadOnlyList<Dataset>> together, long fewer) = Run(tasks, keeps: true);
        Assert.True(fewer > 0);
        Assert.Equal(4 * fewer, calls);
        foreach ((IReadOnlyList<Dataset> expected, IReadOnlyList<Dataset> found) in alone.Zip(together))
        {
            Same(expected, found);
        }

        (List<IReadOnlyList<Dataset>> Results, long Calls) Run(IReadOnlyList<ExperimentTask> of, bool keeps)
        {
            ISymmetricEigensolver eigensolver = SymmetricEigensolvers.Find("auto");
            var planner = new Planner(1e9, rates: null, single: false) { KeepsCovariance = keeps };
            using var workspace = new TaskWorkspace(new ThreadTeam(2));
            using var profile = new KernelProfile();
            List<IReadOnlyList<Dataset>> results = [.. of.Select(task => new TaskRunner(
                task, planner.Of(task.Point.Spec), new SimdBackend(), eigensolver, workspace, (_, _) => { }, TestContext.Current.CancellationToken).Run())];
            return (results, profile.Kernels.Where(k => k.Name == kernel).Sum(k => k.Calls));
        }
    }

    /// <summary>Every point of the sweep is the same task, by its hash, as in a run of its own.</summary>
    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void A_sweep_gives_the_bits_of_separate_runs(string threads)
    {
        using var work = new Workspace(Spec);
        string shards = Path.Combine(work.Out, "shards");
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "--out", work.Out, "--threads", threads).ExitCode);
        Assert.Equal(12, Directory.GetFiles(shards).Length);
        JsonObject alone = JsonNode.Parse(Spec)!.AsObject();
        alone.Remove("sweep");
        File.WriteAllText(work.Spec, alone.ToJsonString());
        string other = Path.Combine(work.Folder, "other");
        Assert.Equal(0, HpcProcess.Run("run", work.Spec, "descent.learningRate=0.002", "descent.epochs=1000", "--out", other, "--threads", threads).ExitCode);
        string[] files = Directory.GetFiles(Path.Combine(other, "shards"));
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Same(ResultFile.Read(file).Datasets, ResultFile.Read(Path.Combine(shards, Path.GetFileName(file))).Datasets));
    }

    [Fact]
    public void Realizations_share_what_does_not_differ()
    {
        using var workspace = new TaskWorkspace(new ThreadTeam(2));
        ModelSpec model = SpecReader.Parse(Workspace.SmallSpec, []).Model;
        Realization first = workspace.Realize(model, 7, null);
        Assert.Same(first, workspace.Realize(model with { }, 7, null));
        double[] weights = first.FirstLayer.Span.ToArray();
        object layer = first.FirstLayer, geometry = first.Geometry(workspace.Team);

        // Other samples of other variance: W and its correlations stay, the samples are those of a realization of its own.
        ModelSpec other = model with { Samples = 20, Classes = [new ClassSpec(0.5, 0.1), new ClassSpec(0.5, 0.9)] };
        Realization second = workspace.Realize(other, 7, null);
        Assert.Same(layer, second.FirstLayer);
        Assert.Same(geometry, second.Geometry(workspace.Team));
        using (var own = new Realization(other, 7, workspace.Team))
        {
            Assert.Equal(own.Samples.Span.ToArray(), second.Samples.Span.ToArray());
            Assert.Equal(own.FirstLayer.Span.ToArray(), second.FirstLayer.Span.ToArray());
            Assert.Equal(weights, own.FirstLayer.Span.ToArray());
        }

        Assert.NotSame(layer, workspace.Realize(other, 8, null).FirstLayer);
    }

    [Fact]
    public void The_plan_counts_what_is_kept()
    {
        ExperimentSpec spec = SpecReader.Parse(Spec, ["seeds.count=2", "model.features=2000"]);
        IReadOnlyList<ExperimentTask> tasks = ExperimentTask.Expand(spec, "double");
        Assert.True(Planner.HaveCommonCovariances(tasks));
        Assert.False(Planner.HaveCommonCovariances([tasks[0], tasks[1]]));
        TaskPlan plain = new Planner(1e12, rates: null, single: false).Of(tasks[0].Point.Spec);
        TaskPlan keeping = new Planner(1e12, rates: null, single: false) { KeepsCovariance = true }.Of(tasks[0].Point.Spec);

        // Two classes: terms over the training samples of one, and over fresh samples of both.
        Assert.Equal(3 * 8 * 2000.0 * 2000, keeping.MemoryBytes - plain.MemoryBytes, 1e-6 * plain.MemoryBytes);
    }

    private static void Same(IReadOnlyList<Dataset> expected, IReadOnlyList<Dataset> found)
    {
        Assert.Equal(expected.Select(d => d.Name).Order(), found.Select(d => d.Name).Order());
        foreach (Dataset dataset in expected)
        {
            Dataset other = found.Single(d => d.Name == dataset.Name);
            Assert.Equal(dataset.Shape, other.Shape);
            Assert.Equal(dataset.Values, other.Values);
        }
    }
}
