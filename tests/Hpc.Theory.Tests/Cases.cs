using Hpc.Diffusion.Spec;

namespace Hpc.Theory.Tests;

/// <summary>The models of theory.md's reference numbers.</summary>
internal static class Cases
{
    public static TheoryModel Reference(char which) => which switch
    {
        'A' => Two(15, 7.5, 0.5, 0, 0, 0, 0.01),
        'B' => Two(8, 4, 0.5, 1, 0, 1, 0.01),
        'C' => Two(8, 4, 0.8, 1, 0.5, 2.25, 0.1),
        _ => throw new ArgumentOutOfRangeException(nameof(which)),
    };

    /// <summary>The model of the table of losses.</summary>
    public static TheoryModel Losses => Two(6, 3, 0.7, 1, 0.3, 1.5, 0.05);

    /// <summary>The model of the paper's Figure 2: N = 100, P = 6000, M = 3000.</summary>
    public static TheoryModel Fig2 => Two(60, 30, 0.5, 0, 0, 0, 0.001);

    /// <summary>The homogeneous case of Bonnaire et al.</summary>
    public static TheoryModel Homogeneous => new(2, 1, Activation.Tanh, [new ClassSpec(1, 1)], [[0]], 0.01);

    private static TheoryModel Two(
        double featureRatio, double sampleRatio, double weight, double norm1, double overlap, double norm2, double time) =>
        new(
            featureRatio,
            sampleRatio,
            Activation.Tanh,
            [new ClassSpec(weight, 0.5), new ClassSpec(1 - weight, 0.25)],
            [[norm1, overlap], [overlap, norm2]],
            time);
}
