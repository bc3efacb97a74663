using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Diffusion.Speciation;
using Hpc.Numerics.Krylov;

namespace Hpc.Cli.Planning;

/// <summary>What the speciation block adds to the plan of a task.</summary>
internal static class SpeciationPlan
{
    /// <summary>Terms of the Mehler series at diffusion times of order 1, where the noise dominates the pre-activations.</summary>
    private const int SeriesTerms = 8;

    /// <summary>Seconds of a Hermite coefficient there, interpolated in the mean of the pre-activation (measured: N = 300, P = 1200, M = 900).</summary>
    private const double CoefficientSeconds = 2.5e-8;

    /// <summary>Products that a vector of a Lanczos block goes through; more close to a transition, fewer far from it.</summary>
    private const double LanczosSteps = 40;

    /// <summary>The plan with the memory and the time of the speciation block; the plan as it is without one.</summary>
    /// <param name="plan">Plan of the rest of the task, whose memory is free before but for what is kept.</param>
    /// <param name="spec">A spec without sweep.</param>
    /// <param name="available">Bytes that one task may take.</param>
    /// <param name="rates">Rates of this machine; null where only memory is asked for.</param>
    /// <param name="single">Whether products with features are in single precision.</param>
    public static TaskPlan Add(TaskPlan plan, ExperimentSpec spec, double available, MachineRates? rates, bool single)
    {
        if (spec.Speciation is not { } speciation)
        {
            return plan;
        }

        bool dense = speciation.Settled(spec.Model.Features, spec.Covariance) == SpectrumMethod.Dense, exact = spec.Covariance == CovarianceKind.Exact;
        FeatureStorage[] storages = dense ? [FeatureStorage.Double]
            : [.. single ? (ReadOnlySpan<FeatureStorage>)[] : [FeatureStorage.Double], FeatureStorage.Single, .. exact ? (ReadOnlySpan<FeatureStorage>)[] : [FeatureStorage.Regenerated]];
        FeatureStorage storage = storages.FirstOrDefault(s => plan.KeptBytes + Memory(spec, dense, s) <= available) ?? storages[^1];
        plan = plan with { MemoryBytes = Math.Max(plan.MemoryBytes, plan.KeptBytes + Memory(spec, dense, storage)), SpeciationStorage = storage };
        return rates is null ? plan : plan with { Stages = [.. plan.Stages, Stage(spec, dense, storage, rates, single), .. Checks(spec, speciation, rates)] };
    }

    private static double Memory(ExperimentSpec spec, bool dense, FeatureStorage storage)
    {
        double p = spec.Model.Features, n = spec.Model.Dimension, m = spec.Model.Samples, k = spec.Model.Classes.Count;
        double data = 8 * n * (p + m), blocks = 8 * 2 * p * Math.Min(m, 1024);
        if (dense)
        {
            return data + blocks + 5 * 8 * p * p;
        }

        int block = FeatureOverlap.BlockSize(spec.Model.Features, spec.Model.Classes.Count);
        double basis = 8 * p * (BlockLanczos.AutomaticBasis(spec.Model.Features, Math.Min(spec.Model.Classes.Count, spec.Model.Features), block) + 4.0 * block);
        double stored = NumberBytes(storage) * Numbers(spec);
        return data + stored + (spec.Covariance == CovarianceKind.Exact
            ? Math.Max(basis, 8 * 2 * Math.Min(p * p, 1 << 27) + blocks)
            : basis + 8.0 * (1 << 21) + 8 * p * k * (spec.Covariance == CovarianceKind.Sampled ? n : 4));
    }

    private static PlanStage Stage(ExperimentSpec spec, bool dense, FeatureStorage storage, MachineRates rates, bool single)
    {
        double p = spec.Model.Features, n = spec.Model.Dimension, m = spec.Model.Samples, times = spec.Speciation!.Count;
        int block = FeatureOverlap.BlockSize(spec.Model.Features, spec.Model.Classes.Count);
        double rate = single ? rates.SingleProducts : rates.DoubleProducts;
        double flops, seconds, bytes;
        if (spec.Covariance == CovarianceKind.Exact)
        {
            // Every term is made twice, to choose the order and for the sum, and its means each time.
            flops = p * p * (n + (dense ? 1 : 2) * SeriesTerms * m) + 4 * SeriesTerms * p * m * n;
            bytes = SeriesTerms * 4 * 8 * p * p;
            seconds = flops / rate + bytes / rates.ReadBytes + 2 * CoefficientSeconds * SeriesTerms * p * m / rates.Threads;
        }
        else
        {
            double vectors = Numbers(spec) / p;
            flops = vectors * p * (2 * n + (dense ? p : 0));
            bytes = NumberBytes(storage) * Numbers(spec);
            seconds = flops / rates.DoubleProducts;
        }

        if (dense)
        {
            (flops, bytes, seconds) = (flops + 9 * p * p * p, bytes + 8 * p * p * p / 3, seconds + rates.Eigensystem * p * p * p);
        }
        else
        {
            bool exact = spec.Covariance == CovarianceKind.Exact;
            double each = exact ? 2 * p * p : 4 * Numbers(spec), again = storage == FeatureStorage.Regenerated ? 2 * n * Numbers(spec) : 0;
            double products = LanczosSteps * (each * block + again), read = LanczosSteps * NumberBytes(storage) * Numbers(spec);
            (flops, bytes, seconds) = (flops + products, bytes + read, seconds + Math.Max(products / rates.DoubleProducts, read / rates.ReadBytes));
        }

        return new PlanStage("speciation", times * flops, times * bytes, times * seconds);
    }

    /// <summary>Losses of the exact scores and the cloning experiment: normals and distances in N dimensions.</summary>
    private static IEnumerable<PlanStage> Checks(ExperimentSpec spec, SpeciationSpec speciation, MachineRates rates)
    {
        double n = spec.Model.Dimension, k = spec.Model.Classes.Count;
        if (speciation.LossSamples > 0)
        {
            double numbers = k * speciation.LossSamples * n, each = k * speciation.LossSamples * speciation.Count;
            yield return new PlanStage("losses of exact scores", 2 * numbers + each * k * 10, 0, Planner.NormalSeconds * numbers / rates.Threads + 1e-7 * each * k);
        }

        if (speciation.Clones > 0)
        {
            double vectors = 2 * k * speciation.Clones * speciation.DiffusionTimes(spec.Model.Dimension).Sum(t => (double)CloningExperiment.Steps(t));
            yield return new PlanStage("cloned trajectories", vectors * n * (5 * k + 3), 0, (Planner.NormalSeconds + 1e-9 * k) * vectors * n / rates.Threads);
        }
    }

    /// <summary>Numbers that a covariance keeps: its own, or those of its features.</summary>
    private static double Numbers(ExperimentSpec spec)
    {
        double p = spec.Model.Features, m = spec.Model.Samples;
        return spec.Covariance switch
        {
            CovarianceKind.Exact => p * p,
            CovarianceKind.Sampled => p * m * spec.Spectrum!.Draws,
            _ => p * m,
        };
    }

    private static double NumberBytes(FeatureStorage storage) => storage == FeatureStorage.Double ? 8 : storage == FeatureStorage.Single ? 4 : 0;
}
