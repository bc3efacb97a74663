using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Spec;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>The high-dimensional limit of what a spec simulates; parts that the spec does not ask for are null.</summary>
public sealed record TheoryResult
{
    /// <summary>The equations of section 4, for resolvents at single z.</summary>
    public required ResolventEquations Equations { get; init; }

    public SpectralDensity? Density { get; init; }

    /// <summary>Resolvents at negative z, from below the spectrum to above it; with the density.</summary>
    public IReadOnlyList<ResolventSolution>? Resolvents { get; init; }

    public LossCurves? Losses { get; init; }

    /// <summary>τ_gen and τ_mem of every class, where the losses follow the spec's descent.</summary>
    public IReadOnlyList<TimeScales>? TimeScales { get; init; }

    /// <summary>Outliers at the diffusion times of the speciation block.</summary>
    public IReadOnlyList<Outliers>? Outliers => OutlierCurve is { } curve ? [.. curve.Where((_, i) => i % Refinement == 0)] : null;

    /// <summary>Outliers at these times and at three between each two of them.</summary>
    public IReadOnlyList<Outliers>? OutlierCurve { get; init; }

    /// <summary>Diffusion time t of each class's transition, NaN where it is not between the first and the last time of the block.</summary>
    public IReadOnlyList<double>? SpeciationTimes { get; init; }

    private const int Refinement = 4;

    /// <summary>Computes what the blocks of the spec ask for.</summary>
    /// <param name="spec">A spec without sweep.</param>
    /// <param name="times">Training times s for the losses instead of the recorded epochs of the descent; null for those.</param>
    /// <param name="store">Where losses that were computed before are kept; null for none.</param>
    /// <exception cref="ArgumentException">The theory does not cover the model, or a time is negative.</exception>
    /// <exception cref="TheoryConvergenceException">The equations could not be solved to their tolerance.</exception>
    public static TheoryResult Compute(ExperimentSpec spec, IReadOnlyList<double>? times = null, TheoryStore? store = null)
    {
        TheoryModel model = TheoryModel.From(spec.Model, spec.DiffusionTime);
        var equations = new ResolventEquations(model);
        DescentSpec? descent = spec.Descent;
        IReadOnlyList<double>? s = times
            ?? (descent is null ? null : [.. EpochSchedule.Logarithmic(descent.Epochs, descent.Records).Select(k => 2 * descent.LearningRate * k)]);
        LossCurves? losses = s is null ? null : store is null ? LossCurves.Compute(model, s, descent?.LearningRate) : store.Losses(model, s, descent?.LearningRate);
        SpectralDensity? density = spec.Spectrum is null ? null : SpectralDensity.Compute(equations);
        return new TheoryResult
        {
            Equations = equations,
            Density = density,
            Resolvents = density is null ? null : [.. Shifts(density.Bulks[0].From, density.Bulks[^1].To).Select(x => equations.Solve(-x))],
            Losses = losses,
            TimeScales = losses is null || times is not null ? null : [.. spec.Model.Classes.Select((_, c) => losses.TimeScales(c))],
            OutlierCurve = spec.Speciation is not { } speciation ? null
                : [.. (speciation with { Count = (speciation.Count - 1) * Refinement + 1 }).DiffusionTimes(spec.Model.Dimension).Select(t => Hpc.Theory.Outliers.Compute(spec.Model, t))],
            SpeciationTimes = spec.Speciation is null ? null : FindTransitions(spec.Model, spec.Speciation),
        };
    }

    private static double[] FindTransitions(ModelSpec model, SpeciationSpec speciation)
    {
        double scale = Math.Log(model.Dimension);
        return [.. model.Classes.Select((_, c) => Hpc.Theory.Outliers.TransitionTime(model, c, speciation.From * scale, speciation.To * scale))];
    }

    /// <summary>Evenly spaced in log, from a third of the lowest edge of the spectrum to three times the highest.</summary>
    private static IEnumerable<double> Shifts(double lowest, double highest)
    {
        const int Count = 41;
        return Enumerable.Range(0, Count).Select(i => lowest / 3 * Math.Pow(9 * highest / lowest, i / (Count - 1.0)));
    }
}
