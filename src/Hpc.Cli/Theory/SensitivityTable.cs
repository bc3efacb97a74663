using System.Globalization;
using Hpc.Diffusion.Spec;
using Hpc.Theory;

namespace Hpc.Cli.Theory;

/// <summary>The derivatives of the time scales in the properties of a mixture as rows of text.</summary>
public static class SensitivityTable
{
    public static IReadOnlyList<string> Header { get; } = ["property", "log τ_gen", "log τ_mem", "error"];

    /// <summary>One row for each property: its name, ∂ log τ_gen and ∂ log τ_mem of every class, the largest error of these.</summary>
    /// <param name="spec">A spec without sweep.</param>
    /// <exception cref="ArgumentException">The theory does not cover the model.</exception>
    /// <exception cref="TheoryConvergenceException">The equations could not be solved.</exception>
    public static IReadOnlyList<string[]> Rows(ExperimentSpec spec) =>
        [.. Sensitivity.Compute(TheoryModel.From(spec.Model, spec.DiffusionTime)).Select(
            row => (string[])[Name(row), Values(row.Generalization), Values(row.Memorization), row.Error.ToString("G1", CultureInfo.InvariantCulture)])];

    private static string Name(Sensitivity row) => row.Parameter switch
    {
        ModelParameter.LogVariance => $"log variance of class {row.Class + 1}",
        ModelParameter.LogCentroidNorm => $"log centroid norm of class {row.Class + 1}",
        ModelParameter.CentroidCosine => $"cosine of centroids {row.Class + 1} and {row.OtherClass + 1}",
        _ => $"weight of class {row.Class + 1}",
    };

    private static string Values(IReadOnlyList<double> values) => string.Join("  ", values.Select(v => v.ToString("F3", CultureInfo.InvariantCulture)));
}
