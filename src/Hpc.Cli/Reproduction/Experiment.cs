using Hpc.Cli.Figures;
using Hpc.Results;

namespace Hpc.Cli.Reproduction;

/// <summary>One figure of the paper or beyond it: a spec and the claims that its result must bear out.</summary>
/// <param name="Name">Name of the spec file without extension.</param>
/// <param name="Text">What it shows.</param>
/// <param name="Figures">The figures that show it, in the order of the page.</param>
/// <param name="Claims">The claims, from the merged result.</param>
public sealed record Experiment(string Name, string Text, string[] Figures, Func<ResultGroup, IEnumerable<Claim>> Claims)
{
    /// <summary>All experiments, in the order of the paper.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new("fig1", "Speciation over diffusion time: weights 0.7 and 0.3, and a small class of weight N^(−1/4) and N^(−1/2).", ["speciation-1", "speciation-2", "speciation-3", "speciation-times"],
            merged => Reproduction.Claims.Speciation(Many(merged))),
        new("fig2", "Spectrum and losses of two classes that differ in variance: the class of higher variance is learned and memorized first.", ["spectrum", "losses"],
            merged => Reproduction.Claims.Order(One(merged))),
        new("fig2-alike", "Without class diversity: both classes have the mean variance.", ["spectrum", "losses"], merged => Reproduction.Claims.Alike(One(merged))),
        new("fig3", "Two classes alike, then one property changed at a time.", ["test-errors", "generalization-gap", "memorization-gap"],
            merged => Reproduction.Claims.Ablations(Many(merged))),
        new("fig4", "Order of the classes against the weight of class 1.", ["generalization-gap", "memorization-gap"], merged => Reproduction.Claims.Reversal(Many(merged))),
        new("fig7", "The Gaussian equivalent spectrum against the exact one.", ["spectra"], merged => Reproduction.Claims.Equivalence(Many(merged))),
        new("fig8", "Resolvent traces against theory.", ["resolvent"], merged => Reproduction.Claims.Resolvents(One(merged))),
        new("fig9-time", "The lowest bulk over the diffusion time.", ["lowest-bulk"], merged => Reproduction.Claims.LowestBulk(Many(merged))),
        new("fig9-features", "The lowest bulk over the number of features.", ["lowest-bulk"], merged => Reproduction.Claims.LowestBulk(Many(merged))),
        new("fig9-samples", "The lowest bulk over the number of samples.", ["lowest-bulk"], merged => Reproduction.Claims.LowestBulk(Many(merged))),
        new("fig10", "The test loss against the score error.", ["score-loss"], merged => Reproduction.Claims.ScoreLoss(One(merged))),
        new("phase", "Which class is memorized and learned first, over variance and weight.", ["phase-diagram"], merged => Reproduction.Claims.Phase(Many(merged))),
        new("finite-size", "Simulation minus theory over N.", ["finite-size"], merged => Reproduction.Claims.FiniteSize(Many(merged))),
        new("homogeneous-samples", "One class: memorization waits for more samples, generalization does not.", ["time-scales"], merged => Reproduction.Claims.Homogeneous(Many(merged))),
    ];

    private static ResultView One(ResultGroup merged) => Running.Finishing.View(merged, merged);

    private static SweepView Many(ResultGroup merged) => Running.Finishing.Sweep(merged);
}
