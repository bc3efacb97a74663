using Hpc.Diffusion.Spec;
using Hpc.Results;

namespace Hpc.Cli.Figures;

/// <summary>A connected part of the spectrum.</summary>
/// <param name="Kinds">What it is, by how many eigenvalues lie in it and above it.</param>
/// <param name="From">Lower edge in λ.</param>
/// <param name="To">Upper edge in λ.</param>
/// <param name="Mass">Fraction of the eigenvalues.</param>
/// <param name="Mean">Mean λ.</param>
public sealed record SpectralBulk(BulkKinds Kinds, double From, double To, double Mass, double Mean)
{
    /// <summary>
    /// A gap parts two bulks when λ jumps there by at least this factor and by <see cref="GapToSpacing"/> median neighbouring spacings in
    /// ln λ.
    /// </summary>
    public const double GapRatio = 1.2;

    /// <summary>See <see cref="GapRatio"/>.</summary>
    public const double GapToSpacing = 6;

    /// <summary>
    /// The bulks, ascending: the theory's when the result has them, else those found in the eigenvalues; empty when neither shows a gap.
    /// </summary>
    public static IReadOnlyList<SpectralBulk> Find(ResultView results)
    {
        Dataset? from = results.Find("theory_bulk_from", "theory_bulk"), to = results.Find("theory_bulk_to", "theory_bulk");
        Dataset? mass = results.Find("theory_bulk_mass", "theory_bulk"), mean = results.Find("theory_bulk_mean", "theory_bulk");
        if (from is not null && to is not null && mass is not null && mean is not null)
        {
            double above = 0;
            List<SpectralBulk> bulks = [];
            foreach (int i in Enumerable.Range(0, from.Shape[0]).OrderByDescending(i => from.Doubles[i]))
            {
                BulkKinds kinds = Classify(results, above, above + mass.Doubles[i]);
                bulks.Insert(0, new SpectralBulk(kinds, from.Doubles[i], to.Doubles[i], mass.Doubles[i], mean.Doubles[i]));
                above += mass.Doubles[i];
            }

            return bulks;
        }

        return results.Find("eigenvalues", "seed", "feature") is { } eigenvalues ? InEigenvalues(results, eigenvalues) : [];
    }

    /// <summary>
    /// Parts the spectrum where it may part: below the N eigenvalues of the generalization bulk and below each class's share of the M
    /// memorization eigenvalues, largest variance first (theory.md section 4), at the largest gap near that rank, if it is one.
    /// </summary>
    private static IReadOnlyList<SpectralBulk> InEigenvalues(ResultView results, Dataset eigenvalues)
    {
        int seeds = eigenvalues.Shape[0], features = eigenvalues.Shape[1];

        // Largest first, averaged in ln λ over seeds; eigenvalues that are zero within rounding end the list.
        List<double> logs = [];
        for (int rank = 0; rank < features; rank++)
        {
            double sum = 0;
            for (int seed = 0; seed < seeds; seed++)
                sum += Math.Log(Math.Max(0, At(seed, rank)));
            if (logs.Count > 0 && !(sum / seeds > logs[0] + Math.Log(features * Math.Pow(2, -52))))
                break;
            logs.Add(sum / seeds);
        }

        List<int> cuts = [];
        int expected = results.Dimension;
        Cut(expected);
        foreach (ClassSpec item in results.Classes.OrderByDescending(item => item.Variance))
            Cut(expected += (int)Math.Round(item.Weight * results.Samples));
        if (cuts.Count == 0)
            return [];

        List<SpectralBulk> bulks = [];
        int start = 0;
        foreach (int end in cuts.Append(logs.Count))
        {
            double mean = 0, from = double.PositiveInfinity, to = 0;
            for (int seed = 0; seed < seeds; seed++)
            {
                from = Math.Min(from, At(seed, end - 1));
                to = Math.Max(to, At(seed, start));
                for (int rank = start; rank < end; rank++)
                    mean += At(seed, rank) / (seeds * (end - start));
            }

            BulkKinds kinds = Classify(results, (double)start / features, (double)end / features);
            bulks.Insert(0, new SpectralBulk(kinds, from, to, (double)(end - start) / features, mean));
            start = end;
        }

        return bulks;

        double At(int seed, int rank) => eigenvalues.Doubles[seed * features + features - 1 - rank];

        // The finite rank of the class means shifts ranks by a few (theory.md section 6).
        void Cut(int rank)
        {
            int slack = 3 + 4 * results.Classes.Count;
            int low = Math.Max(rank - slack, cuts.LastOrDefault() + 2), high = Math.Min(rank + slack, logs.Count - 2);
            if (low > high)
                return;
            int best = Enumerable.Range(low, high - low + 1).MaxBy(Gap);
            double[] near = [.. Enumerable.Range(best - 20, 41).Where(i => i != best && i >= 1 && i < logs.Count).Select(Gap).Order()];
            if (Gap(best) >= Math.Max(Math.Log(GapRatio), GapToSpacing * near[near.Length / 2]))
                cuts.Add(best);
        }

        double Gap(int rank) => logs[rank - 1] - logs[rank];
    }

    /// <summary>
    /// What lies between fractions <paramref name="above"/> and <paramref name="to"/> of the eigenvalues, counted from the largest:
    /// N/P belong to generalization, the next M/P to memorization, the rest to the noise floor.
    /// </summary>
    private static BulkKinds Classify(ResultView results, double above, double to)
    {
        double generalization = Math.Min(1, (double)results.Dimension / results.Features);
        double memorization = Math.Min(1, (double)(results.Dimension + results.Samples) / results.Features);
        return Part(BulkKinds.Generalization, 0, generalization)
            | Part(BulkKinds.Memorization, generalization, memorization)
            | Part(BulkKinds.NoiseFloor, memorization, 1);

        BulkKinds Part(BulkKinds kind, double first, double last)
        {
            double shared = Math.Min(last, to) - Math.Max(first, above);
            return shared > 0.5 * Math.Min(last - first, to - above) ? kind : BulkKinds.None;
        }
    }
}
