using System.Globalization;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Kernels;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.Threading;
using Hpc.Theory;

namespace Hpc.Cli.Planning;

/// <summary>
/// Foresees memory, operations and time of a task from its spec, chooses the method where the spec leaves it open, and says which change of
/// the spec would make a task fit.
/// </summary>
/// <remarks>
/// Memory is counted from the arrays that each path holds at its peak. Times are operations divided by measured rates; the largest
/// eigenvalues that set the degree of the descent's series are those of a Marchenko–Pastur estimate without centroids, so that times are good
/// to a factor of about two.
/// </remarks>
/// <param name="available">Bytes that one task may take.</param>
/// <param name="rates">Rates of this machine; null where only memory is asked for.</param>
/// <param name="single">Whether products with features are in single precision.</param>
/// <param name="device">The device that tasks run on; null stands for the processor.</param>
public sealed class Planner(double available, MachineRates? rates, bool single, DeviceLimit? device = null)
{
    /// <summary>Up to this many features everything is quick, and all eigenvalues are worth more than time.</summary>
    private const int SmallFeatures = 4000;

    /// <summary>The dense method gives every eigenvalue: it is left only where the other is faster by this factor.</summary>
    private const double Preference = 4;

    /// <summary>Share of the memory that records of the descent may take.</summary>
    private const double WorkspaceShare = 0.25;

    private const int SeriesOrder = 5;

    internal const double NormalSeconds = 4e-9;

    private const double CoefficientSeconds = 2.5e-8;

    /// <summary>Share of the product rate that a rank-k update reaches for its half of the operations.</summary>
    private const double SyrkEfficiency = 0.78;

    private const double LogTolerance = 25;

    /// <summary>Ranks that share the features of one task; memory and times are those of each. Not for the dense method.</summary>
    public int Shares { get; init; } = 1;

    /// <summary>Why ranks cannot share the features of a task; null when they can.</summary>
    public static string? WhyNotShared(ExperimentSpec spec) =>
        !OnlyFreshNoise(spec) && spec.Method != SpectrumMethod.Lanczos ? "the dense method keeps its matrices in one process: use spectrum.method=lanczos, or shard=seeds"
        : spec.Speciation?.Settled(spec.Model.Features, spec.Covariance) == SpectrumMethod.Dense ? "the dense method of speciation keeps its matrices in one process: use speciation.method=lanczos, or shard=seeds"
        : null;

    /// <summary>The plan with the dense method.</summary>
    public TaskPlan Dense(ExperimentSpec spec) => DenseOnHost(spec) with
    {
        DeviceBytes = device is null ? 0 : Math.Max(
            spec.Covariance == CovarianceKind.Exact ? AcceleratorBackend.CovarianceBytes(spec.Model, single, kept: 1) : 0, FreshNoiseBytes(spec)),
    };

    private double FreshNoiseBytes(ExperimentSpec spec) =>
        device is not null && spec.Descent is { Dynamics: DescentDynamics.FreshNoise } ? AcceleratorBackend.FreshNoiseBytes(spec.Model, single) : 0;

    private TaskPlan DenseOnHost(ExperimentSpec spec)
    {
        double p = spec.Model.Features, n = spec.Model.Dimension, m = spec.Model.Samples, k = spec.Model.Classes.Count;
        double memory = DataBytes(spec) + 8 * 2 * p * Math.Min(m, 1024) + 5 * 8 * p * p + 4 * 8 * p * n;
        if (rates is null)
        {
            return Whole(new TaskPlan(SpectrumMethod.Dense, FeatureStorage.Double, memory, 0, []), spec);
        }

        double products = single ? rates.SingleProducts : rates.DoubleProducts;
        var stages = new List<PlanStage>
        {
            Draw(spec),
            Product("correlations of the features", p * p * n, 8 * p * p, SyrkEfficiency * rates.DoubleProducts),
            Average("covariance", spec, m, SyrkEfficiency * products),
        };
        bool descent = spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged };
        double eigensystem = rates.Eigensystem * p * p * p * (descent ? 1 : 0.4);
        stages.Add(new PlanStage(descent ? "eigensystem" : "eigenvalues", (descent ? 9 : 4.0 / 3) * p * p * p, 8 * p * p * p / 3, eigensystem));
        if (descent)
        {
            stages.Add(Average("train losses", spec, m * (k - 1) / k, SyrkEfficiency * products, 4 * p * p * p * (k - 1)));
            stages.Add(Average("test losses", spec, 1, SyrkEfficiency * products, 4 * p * p * p * k));
            stages.Add(FreshSamples(spec, 2 * p * p));
        }

        AddFreshNoise(stages, spec);
        return Whole(new TaskPlan(SpectrumMethod.Dense, FeatureStorage.Double, memory, 0, stages), spec);
    }

    /// <summary>The plan with the Lanczos method, with the best storage that fits; the least one where none does.</summary>
    public TaskPlan Lanczos(ExperimentSpec spec)
    {
        FeatureStorage[] storages =
        [
            .. single ? (ReadOnlySpan<FeatureStorage>)[] : [FeatureStorage.Double], FeatureStorage.Single,
            .. spec.Covariance == CovarianceKind.Exact || device is not null ? (ReadOnlySpan<FeatureStorage>)[] : [FeatureStorage.Regenerated],
        ];
        TaskPlan[] plans = [.. storages.Select(s => Lanczos(spec, s) with { DeviceBytes = LanczosDeviceBytes(spec, s) })];
        return plans.FirstOrDefault(Fits) ?? plans[^1];
    }

    /// <summary>Whether a task fits into the memory of the host and of the device.</summary>
    public bool Fits(TaskPlan plan) => plan.MemoryBytes <= available && !(plan.DeviceBytes > device?.Bytes);

    private double LanczosDeviceBytes(ExperimentSpec spec, FeatureStorage storage)
    {
        if (device is null)
        {
            return 0;
        }

        // Of the classes of training samples all but one are kept, and the average; those of fresh samples take turns in one matrix.
        bool descent = spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged }, narrow = storage == FeatureStorage.Single;
        long bytes = spec.Covariance switch
        {
            CovarianceKind.Exact => AcceleratorBackend.CovarianceBytes(spec.Model, narrow, descent ? spec.Model.Classes.Count + 1 : 1),
            CovarianceKind.Sampled => AcceleratorBackend.FeatureBytes(spec.Model, narrow, spec.Spectrum?.Draws ?? 1)
                + AcceleratorBackend.CovarianceBytes(spec.Model, narrow, 1),
            _ => AcceleratorBackend.FeatureBytes(spec.Model, narrow, draws: 1),
        };
        return Math.Max(bytes, FreshNoiseBytes(spec));
    }

    /// <summary>The plan with the method that the spec names.</summary>
    public TaskPlan Of(ExperimentSpec spec) => spec.Method == SpectrumMethod.Lanczos ? Lanczos(spec) : OnlyFreshNoise(spec) ? FreshNoise(spec) : Dense(spec);

    /// <summary>The spec with the method decided for all its points, and why; the spec as it is where it decides itself.</summary>
    public (ExperimentSpec Spec, string? Reason) Resolve(ExperimentSpec spec)
    {
        if (!IsOpen(spec))
        {
            return (spec, null);
        }

        ExperimentSpec largest = Largest(spec);
        if (spec.Covariance == CovarianceKind.Sampled)
        {
            return (With(spec, SpectrumMethod.Lanczos), "method lanczos: a sampled covariance is never formed");
        }

        TaskPlan dense = Dense(largest), lanczos = Lanczos(largest);
        if (dense.DeviceBytes > device?.Bytes && dense.MemoryBytes <= available)
        {
            return (With(spec, SpectrumMethod.Lanczos), string.Create(
                CultureInfo.InvariantCulture,
                $"method lanczos: dense needs {dense.DeviceBytes / 1e9:F1} GB of the {device.Bytes / 1e9:F1} GB of {device.Name}, lanczos {lanczos.DeviceBytes / 1e9:F1} GB"));
        }

        if (dense.MemoryBytes > available)
        {
            return (With(spec, SpectrumMethod.Lanczos), string.Create(
                CultureInfo.InvariantCulture, $"method lanczos: dense needs {dense.MemoryBytes / 1e9:F1} GB of {available / 1e9:F1} GB, lanczos {lanczos.MemoryBytes / 1e9:F1} GB"));
        }

        if (largest.Model.Features <= SmallFeatures || rates is null || dense.Seconds <= Preference * lanczos.Seconds)
        {
            return (With(spec, SpectrumMethod.Dense), largest.Model.Features <= SmallFeatures || rates is null
                ? null
                : $"method dense: {Times.Of(dense.Seconds)} a task are predicted, {Times.Of(lanczos.Seconds)} for lanczos, which does not give all eigenvalues");
        }

        return (With(spec, SpectrumMethod.Lanczos), $"method lanczos: {Times.Of(lanczos.Seconds)} a task are predicted, {Times.Of(dense.Seconds)} for dense");
    }

    /// <summary>Decides on the method, measuring this machine where that matters; see <see cref="Resolve(ExperimentSpec)"/>.</summary>
    public static (ExperimentSpec Spec, string? Reason) Resolve(
        ExperimentSpec spec, double available, bool single, int threads, ISymmetricEigensolver eigensolver, DeviceLimit? device = null)
    {
        MachineRates? rates = null;
        if (NeedsRates(spec))
        {
            using var team = new ThreadTeam(threads);
            rates = MachineRates.Measure(team, eigensolver);
        }

        return new Planner(available, rates, single, device).Resolve(spec);
    }

    /// <summary>Whether rates are needed to decide on a method.</summary>
    private static bool NeedsRates(ExperimentSpec spec) => IsOpen(spec) && spec.Covariance != CovarianceKind.Sampled && Largest(spec).Model.Features > SmallFeatures;

    /// <summary>The spec with a method; a descent without a spectrum block stays as it is with the dense one.</summary>
    public static ExperimentSpec With(ExperimentSpec spec, SpectrumMethod method) => spec.Spectrum is null && method == SpectrumMethod.Dense
        ? spec
        : spec with { Spectrum = (spec.Spectrum ?? new SpectrumSpec(method, CovarianceKind.Exact)) with { Method = method } };

    /// <summary>The point of the sweep that takes the most memory.</summary>
    public static ExperimentSpec Largest(ExperimentSpec spec) =>
        SweepPoint.Expand(spec).Select(point => point.Spec).MaxBy(point => (double)point.Model.Features * (point.Model.Features + point.Model.Samples))!;

    /// <summary>Whether the method is left to the engine.</summary>
    public static bool IsOpen(ExperimentSpec spec) =>
        spec.Method == SpectrumMethod.Auto && !OnlyFreshNoise(spec) && spec.Sweep.SelectMany(s => s.Parameters).All(p => p.Path != "spectrum.method");

    /// <summary>Whether a task needs no covariance at all.</summary>
    public static bool OnlyFreshNoise(ExperimentSpec spec) => spec.Spectrum is null && spec.Descent is not { Dynamics: DescentDynamics.NoiseAveraged };

    /// <summary>Memory of a task that fits.</summary>
    /// <exception cref="UsageException">It does not fit; the message says what to change.</exception>
    public double Require(ExperimentSpec spec) => Of(spec) is var plan && Fits(plan) ? plan.MemoryBytes : throw new UsageException(Refusal(spec, plan));

    private string Refusal(ExperimentSpec spec, TaskPlan needed)
    {
        bool onDevice = needed.MemoryBytes <= available;
        var changes = new List<string>();
        SpectrumSpec spectrum = spec.Spectrum ?? new SpectrumSpec(SpectrumMethod.Dense, CovarianceKind.Exact);
        if (!OnlyFreshNoise(spec))
        {
            foreach ((CovarianceKind kind, string change) in ((CovarianceKind, string)[])
                [(spec.Covariance, "spectrum.method=lanczos"), (CovarianceKind.Equivalent, "spectrum.method=lanczos spectrum.covariance=equivalent")])
            {
                ExperimentSpec other = spec with { Spectrum = spectrum with { Method = SpectrumMethod.Lanczos, Covariance = kind } };
                TaskPlan plan = Lanczos(other);
                if (Fits(plan) && (plan.MemoryBytes < needed.MemoryBytes || plan.DeviceBytes < needed.DeviceBytes))
                {
                    changes.Add(string.Create(CultureInfo.InvariantCulture, $"{change} ({(onDevice ? plan.DeviceBytes : plan.MemoryBytes) / 1e9:F1} GB)"));
                    break;
                }
            }
        }

        if (spec.Speciation is { } speciation && speciation.Settled(spec.Model.Features, spec.Covariance) == SpectrumMethod.Dense)
        {
            double bytes = Of(spec with { Speciation = speciation with { Method = SpectrumMethod.Lanczos } }).MemoryBytes;
            if (bytes <= available)
            {
                changes.Add(string.Create(CultureInfo.InvariantCulture, $"speciation.method=lanczos ({bytes / 1e9:F1} GB)"));
            }
        }

        int features = spec.Model.Features;
        if (Shares > 1)
        {
            changes.Add($"start more than {Shares} ranks");
        }

        while (features > 1 && !Fits(Of(WithFeatures(features))))
        {
            features -= Math.Max(1, features / 64);
        }

        changes.Add($"lower model.features to {features}");
        changes.Add(onDevice ? "use --device cpu" : "use a machine with more memory");
        return onDevice ? string.Create(
            CultureInfo.InvariantCulture,
            $"one task needs {needed.DeviceBytes / 1e9:F1} GB on device {device!.Name}, {device.Bytes / 1e9:F1} GB are available there: {string.Join(", or ", changes)}")
            : string.Create(
            CultureInfo.InvariantCulture, $"one task needs {needed.MemoryBytes / 1e9:F1} GB, {available / 1e9:F1} GB are available: {string.Join(", or ", changes)}");

        ExperimentSpec WithFeatures(int count) => spec with { Model = spec.Model with { Features = count } };
    }

    private TaskPlan Whole(TaskPlan plan, ExperimentSpec spec) => SpeciationPlan.Add(plan, spec, available, rates, single);

    /// <summary>P, or the share of a rank.</summary>
    private double Features(ExperimentSpec spec) => (double)spec.Model.Features / Shares;

    private double DataBytes(ExperimentSpec spec) => 8.0 * spec.Model.Dimension * (Features(spec) + spec.Model.Samples);

    private static PlanStage Product(string name, double flops, double bytes, double rate) => new(name, flops, bytes, flops / rate);

    private TaskPlan FreshNoise(ExperimentSpec spec)
    {
        double p = Features(spec), n = spec.Model.Dimension, m = spec.Model.Samples;
        double memory = 2 * DataBytes(spec) + 4 * 8 * p * n + 8 * 2 * p * Math.Min(m, 1024);
        var stages = new List<PlanStage>();
        if (rates is not null)
        {
            stages.Add(Draw(spec));
            AddFreshNoise(stages, spec);
        }

        return Whole(new TaskPlan(SpectrumMethod.Dense, FeatureStorage.Double, memory, 0, stages) { DeviceBytes = FreshNoiseBytes(spec) }, spec);
    }

    private TaskPlan Lanczos(ExperimentSpec spec, FeatureStorage storage)
    {
        ModelSpec model = spec.Model;
        SpectrumSpec spectrum = spec.Spectrum ?? new SpectrumSpec(SpectrumMethod.Lanczos, CovarianceKind.Exact);
        double all = model.Features, p = Features(spec), n = model.Dimension, m = model.Samples, k = model.Classes.Count;
        int draws = spec.Covariance == CovarianceKind.Sampled ? spectrum.Draws : 1;
        bool descent = spec.Descent is { Dynamics: DescentDynamics.NoiseAveraged };
        double size = storage == FeatureStorage.Double ? 8 : storage == FeatureStorage.Single ? 4 : 0;
        bool exact = spec.Covariance == CovarianceKind.Exact;
        double stored = device is not null ? 0 : exact ? size * all * p * (descent ? Math.Max(1, k) : 1) / (Shares == 1 ? 1 : 2) : size * p * m * draws;

        // Panels of the series while U is made; the basis of the quadrature; the subspace and the records of the descent.
        double making = exact && device is null ? 8 * (2 * Math.Min(all * p, 1 << 27) + 2 * all * Math.Min(m, 1024)) : 8.0 * (1 << 21);
        double quadrature = 8 * p * spectrum.Probes * (Math.Min(spectrum.Steps, all) + 2.0);
        double extremes = spectrum.Largest + spectrum.Smallest == 0 ? 0 : 8 * p * BlockLanczos.AutomaticBasis(model.Features, spectrum.Largest + spectrum.Smallest, spectrum.Block);
        double correlations = spec.Covariance == CovarianceKind.Sampled ? 8 * p * n * k : exact ? 0 : 4 * 8 * p * k;
        int records = descent ? EpochSchedule.Logarithmic(spec.Descent!.Epochs, spec.Descent.Records).Length : 0;
        double column = descent ? ChebyshevDescent.BytesPerColumn((int)Math.Ceiling(p), records) : 0;
        double workspace = Math.Max(column, Math.Min(column * n, WorkspaceShare * available));
        double block = descent ? 4 * 8 * p * 1.1 * n : 0;
        double tests = descent ? 16.0 * k * records * spec.Descent!.TestSamples + 8 * 1024 * (p + records * workspace / Math.Max(column, 1)) : 0;

        // Exact averages see the whole first layer, and blocks of vectors whole.
        double whole = Shares > 1 && (exact || (descent && spec.Covariance == CovarianceKind.Sampled)) ? 8 * all * n + 2 * 8 * all * Math.Max(1.1 * n, spectrum.Probes) + workspace : 0;
        double memory = DataBytes(spec) + stored + correlations + whole + Math.Max(Math.Max(making, extremes), Math.Max(quadrature, block + workspace + tests));
        if (rates is null)
        {
            return Whole(new TaskPlan(SpectrumMethod.Lanczos, storage, memory, (long)workspace, []), spec);
        }

        var stages = new List<PlanStage> { Draw(spec) };
        double make = exact ? 0 : 2 * p * n;
        double product = exact ? 2 * all * p : 4 * p * m * draws;
        double again = storage == FeatureStorage.Regenerated ? make * m * draws : 0;
        if (exact)
        {
            double samples = m * (descent ? 1 + (k - 1) / k : 1), flops = all * p * (n + (SeriesOrder + 1) * samples);
            double panels = Math.Ceiling(all * p / (1 << 27));
            stages.Add(new PlanStage("covariance", flops, 8 * all * p, flops / rates.DoubleProducts + CoefficientSeconds * (SeriesOrder + 1) * (1 + panels) * all * samples / rates.Threads));
        }
        else if (size > 0)
        {
            stages.Add(Product("features", make * m * draws, size * p * m * draws, rates.DoubleProducts));
        }

        double steps = Math.Min(spectrum.Steps, all), probes = spectrum.Probes;
        double bases = 8 * probes * p * steps * steps;
        stages.Add(Products("spectral density", steps, probes, bases));
        if (spectrum.Largest + spectrum.Smallest > 0)
        {
            stages.Add(Products("extreme eigenvalues", (3.0 * spectrum.Largest + 20.0 * spectrum.Smallest + 40) / spectrum.Block, spectrum.Block, 0));
        }

        if (descent)
        {
            (double below, double above) = Edges(spec);
            double s = 2 * spec.Descent!.LearningRate * spec.Descent.Epochs;
            bool gap = above > 3 * below && 1.1 * n < all / 2;
            double degree = Degree(gap ? below : above, s, spec);
            double blocks = Math.Ceiling(n / Math.Floor(workspace / column)), width = n / blocks;
            stages.Add(Products("descent: subspace", gap ? 14 : 0, 1.1 * n, gap ? 40 * 8 * p * 1.1 * n : 0));
            stages.Add(Products("descent: series", degree * blocks, width, degree * 8 * 5 * p * n));
            stages.Add(Products("train losses", blocks, width * records / 2, 0, exact ? k : 1));
            double test = spec.Covariance == CovarianceKind.Equivalent ? 4 * p * n * n * records * k : all * p * (n * records + blocks * (n + 2.0 * (SeriesOrder + 1))) * k;
            stages.Add(Product("test losses", test, 8 * p * n * records * k, rates.DoubleProducts));
            stages.Add(FreshSamples(spec, 0));
        }

        AddFreshNoise(stages, spec);
        return Whole(new TaskPlan(SpectrumMethod.Lanczos, storage, memory, (long)workspace, stages), spec);

        // Few vectors are limited by memory, many by operations.
        PlanStage Products(string name, double times, double vectors, double otherBytes, double matrices = 1)
        {
            double flops = times * matrices * (product * vectors + again), bytes = times * matrices * stored / (exact && descent ? k : 1) + otherBytes;
            return new PlanStage(name, flops, bytes, Math.Max(flops / rates.DoubleProducts, bytes / rates.ReadBytes));
        }
    }

    /// <summary>Largest eigenvalues below and of the generalization bulk, without centroids (theory.md section 4).</summary>
    private static (double Below, double Above) Edges(ExperimentSpec spec)
    {
        ModelSpec model = spec.Model;
        var forward = new ForwardProcess(spec.DiffusionTime);
        double below = 0, above = 0;
        foreach (ClassSpec c in model.Classes)
        {
            EquivalentCoefficients gain = new GaussianEquivalence(model.Activation, c.Variance, spec.DiffusionTime).At(0);
            double memory = Math.Sqrt(model.Features / (c.Weight * model.Samples)) + 1, signal = Math.Sqrt(model.FeatureRatio) + 1;
            below = Math.Max(below, c.Weight * gain.SampleVariance * memory * memory + gain.NoiseVariance);
            above += c.Weight * gain.LinearGain * gain.LinearGain * forward.NoisedVariance(c.Variance) * signal * signal;
        }

        return (below, above);
    }

    private static double Degree(double largest, double trainingTime, ExperimentSpec spec)
    {
        double floor = spec.Model.Classes.Sum(c => c.Weight * new GaussianEquivalence(spec.Model.Activation, c.Variance, spec.DiffusionTime).At(0).NoiseVariance);
        double byTime = 0.9 * Math.Sqrt(largest * trainingTime * LogTolerance), byFloor = 0.5 * LogTolerance * Math.Sqrt(largest / Math.Max(0.5 * floor, 1e-300));
        return 10 + Math.Min(byTime, byFloor);
    }

    private PlanStage Draw(ExperimentSpec spec)
    {
        double numbers = spec.Model.Dimension * (Features(spec) + spec.Model.Samples);
        return new PlanStage("realization", 0, 8 * numbers, NormalSeconds * numbers / rates!.Threads);
    }

    /// <summary>The Mehler series over a number of samples by rank-k updates, and products after it.</summary>
    private PlanStage Average(string name, ExperimentSpec spec, double samples, double rate, double products = 0)
    {
        double p = spec.Model.Features;
        double terms = spec.Covariance == CovarianceKind.Equivalent ? 1 : SeriesOrder + 1;
        double flops = terms * p * p * samples, bytes = terms * 4 * 8 * p * p;
        return new PlanStage(
            name, flops + products, bytes,
            flops / rate + products / rates!.DoubleProducts + bytes / rates.ReadBytes + (terms > 1 ? 2 * CoefficientSeconds * terms * p * samples / rates.Threads : 0));
    }

    private PlanStage FreshSamples(ExperimentSpec spec, double rotation)
    {
        DescentSpec descent = spec.Descent!;
        double p = Features(spec), n = spec.Model.Dimension, records = EpochSchedule.Logarithmic(descent.Epochs, descent.Records).Length;
        double flops = (double)spec.Model.Classes.Count * descent.TestSamples * (2 * p * n + rotation + 2 * p * n * records);
        return Product("losses on fresh samples", flops, 8 * p * n * records, rates!.DoubleProducts);
    }

    private void AddFreshNoise(List<PlanStage> stages, ExperimentSpec spec)
    {
        if (spec.Descent is { Dynamics: DescentDynamics.FreshNoise } descent)
        {
            double p = Features(spec), n = spec.Model.Dimension, m = spec.Model.Samples;
            stages.Add(Product("fresh-noise epochs", 6 * p * n * m * descent.Epochs, 8 * (p + m) * n * descent.Epochs, 0.75 * (single ? rates!.SingleProducts : rates!.DoubleProducts)));
            stages.Add(FreshSamples(spec, 0));
        }
    }
}
