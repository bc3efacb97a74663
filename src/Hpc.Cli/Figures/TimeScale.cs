using Hpc.Results;

namespace Hpc.Cli.Figures;

/// <summary>A time scale of one class over seeds (theory.md section 7); a seed that did not reach it has none.</summary>
/// <param name="Mean">Mean of s over the seeds that reached it; NaN when none did.</param>
/// <param name="Error">Standard error of that mean; NaN with fewer than two.</param>
/// <param name="Reached">Number of seeds that reached it.</param>
/// <param name="Seeds">Number of seeds.</param>
/// <param name="Theory">The same time in the theory; NaN when it is not given or not reached.</param>
public sealed record TimeScale(double Mean, double Error, int Reached, int Seeds, double Theory)
{
    /// <summary>
    /// Whether a figure marks it: at least half of the seeds reached it. With fewer, their mean would show a time that the typical seed
    /// does not have.
    /// </summary>
    public bool Typical => Reached > 0 && 2 * Reached >= Seeds;

    /// <summary>
    /// The time scale <paramref name="name"/> of every class, for example <c>generalization_time</c>, with <c>theory_</c> before it for
    /// the theory; null when the result has neither.
    /// </summary>
    public static TimeScale[]? Find(ResultView results, string name)
    {
        Dataset? simulation = results.Find(name, "seed", "class");
        Dataset? theory = results.Find("theory_" + name, "class");
        return simulation is null && theory is null ? null : [.. Enumerable.Range(0, results.Classes.Count).Select(OfClass)];

        TimeScale OfClass(int index)
        {
            int seeds = simulation?.Shape[0] ?? 0;
            double[] reached = [.. Enumerable.Range(0, seeds)
                .Select(seed => simulation!.Doubles[seed * results.Classes.Count + index])
                .Where(double.IsFinite)];
            (double mean, double error) = SeedAverage.Of(reached);
            return new TimeScale(mean, error, reached.Length, seeds, theory?.Doubles[index] ?? double.NaN);
        }
    }
}
