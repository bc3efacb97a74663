using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Spec;

namespace Hpc.Theory;

/// <summary>A property of the mixture that the time scales depend on.</summary>
public enum ModelParameter
{
    /// <summary>log σ_c².</summary>
    LogVariance,

    /// <summary>log ‖m_c‖.</summary>
    LogCentroidNorm,

    /// <summary>Cosine of the angle between two centroids.</summary>
    CentroidCosine,

    /// <summary>b_c, the other weights shrinking in proportion.</summary>
    Weight,
}

/// <summary>
/// Derivatives of log τ_gen^c and log τ_mem^c (theory.md section 7) of every class in one parameter of the mixture: the table that says which
/// property determines the order in which classes are learned.
/// </summary>
/// <param name="Parameter">Which property.</param>
/// <param name="Class">The class it belongs to; the first of two for the cosine.</param>
/// <param name="OtherClass">Second class of the cosine, otherwise −1.</param>
/// <param name="Generalization">∂ log τ_gen^c of each class c; NaN where a time is not reached.</param>
/// <param name="Memorization">∂ log τ_mem^c of each class c; NaN where a time is not reached.</param>
/// <param name="Error">Largest estimated error of the entries.</param>
public sealed record Sensitivity(
    ModelParameter Parameter,
    int Class,
    int OtherClass,
    IReadOnlyList<double> Generalization,
    IReadOnlyList<double> Memorization,
    double Error)
{
    /// <summary>Step of the wider central difference, in the parameter; the narrower is half of it.</summary>
    private const double Step = 0.02;

    /// <summary>
    /// Computes the derivatives in every parameter that the mixture has: norms and angles only of centroids that are not 0, weights only
    /// with two classes or more. Central differences at two steps are combined by Richardson extrapolation (error of order step⁴); a third of what that
    /// changes in the narrower difference bounds the remaining error.
    /// </summary>
    /// <exception cref="ArgumentException">The model is not valid.</exception>
    /// <exception cref="TheoryConvergenceException">The equations could not be solved.</exception>
    public static IReadOnlyList<Sensitivity> Compute(TheoryModel model)
    {
        CentroidQuadrature quadrature = NodeSelection.Choose(model, 1e-7);
        var rows = new List<Sensitivity>();
        int classes = model.Classes.Count;
        double[] norms = Enumerable.Range(0, classes).Select(c => Math.Sqrt(model.CentroidGram[c][c])).ToArray();
        for (int c = 0; c < classes; c++)
        {
            int at = c;
            if (model.Classes[c].Variance > 0)
            {
                Add(ModelParameter.LogVariance, c, -1, Step, h => model with
                {
                    Classes = Replaced(model.Classes, at, model.Classes[at] with { Variance = model.Classes[at].Variance * Math.Exp(h) }),
                });
            }

            if (norms[c] > 0)
            {
                Add(ModelParameter.LogCentroidNorm, c, -1, Step, h => model with { CentroidGram = Scaled(model.CentroidGram, at, Math.Exp(h)) });
            }

            for (int other = c + 1; other < classes; other++)
            {
                double product = norms[c] * norms[other];
                double room = product > 0 ? 1 - Math.Abs(model.CentroidGram[c][other]) / product : 0;
                if (room > 1e-6)
                {
                    int with = other;
                    Add(
                        ModelParameter.CentroidCosine,
                        c,
                        other,
                        Math.Min(Step, 0.5 * room),
                        h => model with { CentroidGram = Turned(model.CentroidGram, at, with, h * product) });
                }
            }

            if (classes > 1)
            {
                double weight = model.Classes[c].Weight;
                Add(ModelParameter.Weight, c, -1, Step * Math.Min(weight, 1 - weight), h => model with
                {
                    Classes = model.Classes.Select((other, i) => other with
                    {
                        Weight = i == at ? weight + h : other.Weight * (1 - weight - h) / (1 - weight),
                    }).ToArray(),
                });
            }
        }

        return rows;

        void Add(ModelParameter parameter, int c, int other, double step, Func<double, TheoryModel> changed)
        {
            double[] wide = Difference(step);
            double[] narrow = Difference(0.5 * step);
            double[] values = narrow.Zip(wide, (fine, coarse) => fine + (fine - coarse) / 3).ToArray();
            double error = values.Zip(narrow, (a, b) => Math.Abs(a - b)).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
            rows.Add(new Sensitivity(parameter, c, other, values[..classes], values[classes..], error));

            double[] Difference(double h) => LogTimes(changed(h)).Zip(LogTimes(changed(-h)), (up, down) => (up - down) / (2 * h)).ToArray();
        }

        double[] LogTimes(TheoryModel changed)
        {
            TimeScales[] scales = ExactTimeScales.Compute(changed, CentroidQuadrature.Create(changed.CentroidGram, quadrature.Order), null);
            return [.. scales.Select(t => Math.Log(t.Generalization)), .. scales.Select(t => Math.Log(t.Memorization))];
        }
    }

    private static ClassSpec[] Replaced(IReadOnlyList<ClassSpec> classes, int at, ClassSpec value) =>
        classes.Select((old, i) => i == at ? value : old).ToArray();

    private static double[][] Scaled(double[][] gram, int at, double factor) =>
        gram.Select((row, i) => row.Select((value, j) => value * (i == at ? factor : 1) * (j == at ? factor : 1)).ToArray()).ToArray();

    private static double[][] Turned(double[][] gram, int first, int second, double change) =>
        gram.Select((row, i) => row.Select((value, j) =>
            (i == first && j == second) || (i == second && j == first) ? value + change : value).ToArray()).ToArray();
}
