using Hpc.Results;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>Theory as named arrays beside the simulation's, for the merged file and the figures.</summary>
public static class TheoryDatasets
{
    public static IReadOnlyList<Dataset> Create(TheoryResult theory)
    {
        var datasets = new List<Dataset>();
        if (theory.Density is { } density)
        {
            int count = density.Lambda.Count, bulks = density.Bulks.Count;
            datasets.Add(new Dataset("theory_lambda", ["theory_lambda"], [count], density.Lambda.ToArray(), "1", "eigenvalue λ"));
            datasets.Add(new Dataset("theory_density", ["theory_lambda"], [count], density.Rho.ToArray(), "1", "theory: density ρ(λ)"));
            datasets.Add(new Dataset("theory_bulk", ["theory_bulk"], [bulks], Enumerable.Range(1, bulks).Select(i => (long)i).ToArray(), "1", "bulk, from the lowest"));
            AddBulks("theory_bulk_from", b => b.From, "theory: lower edge of the bulk");
            AddBulks("theory_bulk_to", b => b.To, "theory: upper edge of the bulk");
            AddBulks("theory_bulk_mass", b => b.Mass, "theory: fraction of the eigenvalues in the bulk");
            AddBulks("theory_bulk_mean", b => b.Mean, "theory: mean eigenvalue of the bulk");

            void AddBulks(string name, Func<Bulk, double> value, string longName) =>
                datasets.Add(new Dataset(name, ["theory_bulk"], [bulks], density.Bulks.Select(value).ToArray(), "1", longName));
        }

        if (theory.Resolvents is { } resolvents)
        {
            datasets.Add(new Dataset("theory_minus_z", ["theory_minus_z"], [resolvents.Count], resolvents.Select(r => -r.Z.Real).ToArray(), "1", "−z"));
            Traces("theory_resolvent_trace", "theory: g(z) = (1/P) tr (U − z)⁻¹", r => r.Trace.Real);
            Traces("theory_noise_trace", "theory: f(z) = (1/N) tr Vᵀ(U − z)⁻¹V", r => r.FeatureNoise.Real);

            void Traces(string name, string longName, Func<ResolventSolution, double> value) =>
                datasets.Add(new Dataset(name, ["theory_minus_z"], [resolvents.Count], resolvents.Select(value).ToArray(), "1", longName));
        }

        if (theory.Losses is { } losses)
        {
            datasets.Add(new Dataset("theory_s", ["theory_s"], [losses.S.Count], losses.S.ToArray(), "1", "rescaled training time s"));
            AddCurves("theory_train_loss", losses.Train, "theory: train loss L_train^c");
            AddCurves("theory_test_loss", losses.Test, "theory: test loss L_test^c");

            void AddCurves(string name, IReadOnlyList<double[]> curves, string longName)
            {
                double[] values = [.. Enumerable.Range(0, losses.S.Count).SelectMany(i => curves.Select(curve => curve[i]))];
                datasets.Add(new Dataset(name, ["theory_s", "class"], [losses.S.Count, curves.Count], values, "1", longName));
            }
        }

        if (theory.TimeScales is { } scales)
        {
            AddTimes("theory_generalization_time", [.. scales.Select(t => t.Generalization)], "theory: generalization time τ_gen^c");
            AddTimes("theory_memorization_time", [.. scales.Select(t => t.Memorization)], "theory: memorization time τ_mem^c");

            void AddTimes(string name, double[] values, string longName) => datasets.Add(new Dataset(name, ["class"], [values.Length], values, "s", longName));
        }

        return datasets;
    }
}
