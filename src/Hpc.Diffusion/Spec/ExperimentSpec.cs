namespace Hpc.Diffusion.Spec;

/// <summary>How the spectrum of the feature covariance is computed.</summary>
public enum SpectrumMethod
{
    /// <summary>Whichever fits into memory and is faster; a run resolves it before anything is computed.</summary>
    Auto,

    /// <summary>All eigenvalues of the P×P matrix.</summary>
    Dense,

    /// <summary>Densities, extreme eigenvalues and descent from products with U only.</summary>
    Lanczos,
}

/// <summary>Which matrix stands for the feature covariance U.</summary>
public enum CovarianceKind
{
    /// <summary>Noise average by the Mehler series (theory.md section 2).</summary>
    Exact,

    /// <summary>Gaussian equivalent U_gep (theory.md section 3).</summary>
    Equivalent,

    /// <summary>m noise draws a sample, U = ΦΦᵀ/(Mm), never formed: for <see cref="SpectrumMethod.Lanczos"/>.</summary>
    Sampled,
}

/// <summary>Which gradient descent is followed.</summary>
public enum DescentDynamics
{
    /// <summary>Gradient of the loss averaged over the noise; closed form in the eigenbasis of U (theory.md section 1).</summary>
    NoiseAveraged,

    /// <summary>Every epoch draws one new noise vector a sample, as the literature trains.</summary>
    FreshNoise,
}

/// <summary>Seeds first … first + count − 1.</summary>
public sealed record SeedSpec(long First, int Count);

/// <summary>The spectrum block of a spec; all but the first two belong to <see cref="SpectrumMethod.Lanczos"/>.</summary>
/// <param name="Method">How.</param>
/// <param name="Covariance">Of which matrix.</param>
/// <param name="Draws">m, noise draws of each sample where the covariance is sampled.</param>
/// <param name="Probes">Random vectors of the Lanczos quadrature.</param>
/// <param name="Steps">Lanczos steps of each.</param>
/// <param name="Largest">Number of largest eigenvalues.</param>
/// <param name="Smallest">Number of smallest eigenvalues.</param>
/// <param name="Block">Block size of the iteration for these.</param>
public sealed record SpectrumSpec(
    SpectrumMethod Method, CovarianceKind Covariance, int Draws = 1, int Probes = 8, int Steps = 200, int Largest = 10, int Smallest = 0, int Block = 4);

/// <summary>The descent block of a spec.</summary>
/// <param name="Dynamics">Which descent.</param>
/// <param name="LearningRate">η₀; one epoch advances the rescaled training time s by 2η₀.</param>
/// <param name="Epochs">Number of epochs.</param>
/// <param name="Records">Number of epochs, spaced evenly in log epoch, at which the losses are recorded.</param>
/// <param name="TestSamples">Fresh samples of each class that the sampled test losses are averaged over.</param>
public sealed record DescentSpec(DescentDynamics Dynamics, double LearningRate, long Epochs, int Records, int TestSamples);

/// <summary>Diffusion times of the speciation block, evenly spaced, in units of log N (t̃ = t/log N).</summary>
public sealed record SpeciationSpec(double From, double To, int Count)
{
    /// <summary>The diffusion times t = t̃ log N.</summary>
    public IReadOnlyList<double> DiffusionTimes(int dimension) =>
        [.. Enumerable.Range(0, Count).Select(i => (Count == 1 ? From : From + (To - From) * i / (Count - 1)) * Math.Log(dimension))];
}

/// <summary>One swept value: a path into the spec and the values it takes.</summary>
public sealed record SweepParameter(string Path, IReadOnlyList<System.Text.Json.Nodes.JsonNode> Values);

/// <summary>One entry of a sweep: a parameter, or several with equally many values that are varied together.</summary>
public sealed record SweepSpec(IReadOnlyList<SweepParameter> Parameters)
{
    /// <summary>Number of values that each parameter takes.</summary>
    public int Count => Parameters[0].Values.Count;
}

/// <summary>A complete, checked description of what is to be computed (design.md, "Spec").</summary>
public sealed record ExperimentSpec
{
    /// <summary>The version of the format that this engine writes and the newest that it reads.</summary>
    public const int CurrentSchema = 1;

    public required string Name { get; init; }

    public required ModelSpec Model { get; init; }

    /// <summary>t &gt; 0.</summary>
    public required double DiffusionTime { get; init; }

    public required SeedSpec Seeds { get; init; }

    public SpectrumSpec? Spectrum { get; init; }

    public DescentSpec? Descent { get; init; }

    public SpeciationSpec? Speciation { get; init; }

    public IReadOnlyList<SweepSpec> Sweep { get; init; } = [];

    /// <summary>How the spectrum and the noise-averaged descent are computed.</summary>
    public SpectrumMethod Method => Spectrum?.Method ?? SpectrumMethod.Auto;

    /// <summary>The covariance that the descent and the spectrum use.</summary>
    public CovarianceKind Covariance => Spectrum?.Covariance ?? CovarianceKind.Exact;
}
