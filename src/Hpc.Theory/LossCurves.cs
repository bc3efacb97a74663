using Hpc.Diffusion.Measurement;

namespace Hpc.Theory;

/// <summary>
/// Class-conditional train and test losses along the training time (theory.md section 5), in the limit of large N.
/// </summary>
/// <remarks>
/// L^c = 1 − 2·(−1/2πi)∮F Δ(Tb)_c dz + (1/2πi)²∮∮F F H_c: the contour is an ellipse in log z, confocal with the spectrum's interval, with imaginary
/// half-axis π/4 (less for discrete descent near its stability limit, where (1 − 2η₀z)^k grows outside |1 − 2η₀z| &lt; 1). The number of nodes
/// and the quadrature over centroid projections are raised until changing either moves no loss by more than half the tolerance.
/// </remarks>
public sealed class LossCurves
{
    public const double DefaultTolerance = 1e-5;

    /// <summary>Coarser quadratures of the error estimate, as a fraction of the finer.</summary>
    private const double Coarser = 0.8;

    private const int MostRefinements = 6;

    /// <summary>Curves that were computed before.</summary>
    /// <param name="s">Rescaled training times.</param>
    /// <param name="train">Train losses, one row for each class.</param>
    /// <param name="test">Test losses, one row for each class.</param>
    /// <param name="error">Estimate of the largest error.</param>
    public LossCurves(double[] s, double[][] train, double[][] test, double error)
    {
        S = s;
        Train = train;
        Test = test;
        Error = error;
    }

    /// <summary>Rescaled training times.</summary>
    public IReadOnlyList<double> S { get; }

    /// <summary>Train[c][i]: loss of class c on its training samples at S[i].</summary>
    public IReadOnlyList<double[]> Train { get; }

    /// <summary>Test[c][i]: loss of class c on fresh samples at S[i].</summary>
    public IReadOnlyList<double[]> Test { get; }

    /// <summary>Estimate of the largest error of any loss.</summary>
    public double Error { get; }

    /// <summary>Computes the losses at every <paramref name="s"/>.</summary>
    /// <param name="s">Rescaled training times, in any order; none negative.</param>
    /// <param name="learningRate">
    /// η₀ of discrete descent, which reaches s after s/(2η₀) epochs (F_k of theory.md section 1); null for continuous time.
    /// </param>
    /// <param name="tolerance">Largest estimated error.</param>
    /// <exception cref="ArgumentException">A time is negative, descent with this learning rate diverges, or the model is not valid.</exception>
    /// <exception cref="TheoryConvergenceException">The error estimate stays above the tolerance.</exception>
    public static LossCurves Compute(
        TheoryModel model, IReadOnlyList<double> s, double? learningRate = null, double tolerance = DefaultTolerance)
    {
        foreach (double time in s)
        {
            if (!(time >= 0 && double.IsFinite(time)))
            {
                throw new ArgumentException($"The training time s = {time} is not allowed: times must be finite and not negative.", nameof(s));
            }
        }

        if (learningRate is { } rate && !(rate > 0))
        {
            throw new ArgumentException($"The learning rate is {rate}; it must be positive.", nameof(learningRate));
        }

        double[] times = [.. s];
        CentroidQuadrature quadrature = NodeSelection.Choose(model, 0.1 * tolerance);
        double accuracy = 0.1 * tolerance;
        Curves fine = Evaluate(model, quadrature, times, learningRate, accuracy);
        double error = double.NaN;
        for (int refinement = 0; refinement < MostRefinements; refinement++)
        {
            double contourError = fine.Difference(Evaluate(model, quadrature, times, learningRate, accuracy, Coarser));
            double nodeError = quadrature.Rank == 0
                ? 0
                : fine.Difference(Evaluate(model, quadrature.Resized((int)(Coarser * quadrature.Order)), times, learningRate, accuracy));
            error = contourError + nodeError;
            if (error <= tolerance)
            {
                return new LossCurves(times, fine.Train, fine.Test, error);
            }

            if (contourError > 0.5 * tolerance)
            {
                accuracy *= 1e-2;
            }

            if (nodeError > 0.5 * tolerance)
            {
                quadrature = quadrature.Resized((int)Math.Ceiling(1.4 * quadrature.Order));
            }

            fine = Evaluate(model, quadrature, times, learningRate, accuracy);
        }

        throw new TheoryConvergenceException(
            $"The losses are uncertain by {error:g3}, more than the tolerance {tolerance:g3}: centroids of large norm need a larger tolerance.");
    }

    /// <summary>Time scales of class <paramref name="c"/> on these curves (theory.md section 7); S must be increasing.</summary>
    public TimeScales TimeScales(int c) => Diffusion.Measurement.TimeScales.Measure([.. S], Train[c], Test[c]);

    private static Curves Evaluate(
        TheoryModel model, CentroidQuadrature quadrature, double[] times, double? learningRate, double accuracy, double nodeFraction = 1)
    {
        var kernel = new LossKernel(model, quadrature, learningRate, accuracy, nodeFraction);
        var curves = new Curves(model.Classes.Count, times.Length);
        for (int i = 0; i < times.Length; i++)
        {
            kernel.Filter(times[i]);
            for (int c = 0; c < model.Classes.Count; c++)
            {
                curves.Train[c][i] = kernel.TrainLoss(c);
                curves.Test[c][i] = kernel.TestLoss(c);
            }
        }

        return curves;
    }

    private sealed class Curves(int classes, int times)
    {
        public double[][] Train { get; } = Enumerable.Range(0, classes).Select(_ => new double[times]).ToArray();

        public double[][] Test { get; } = Enumerable.Range(0, classes).Select(_ => new double[times]).ToArray();

        public double Difference(Curves other)
        {
            double largest = 0;
            for (int c = 0; c < Train.Length; c++)
            {
                for (int i = 0; i < Train[c].Length; i++)
                {
                    largest = Math.Max(largest, Math.Abs(Train[c][i] - other.Train[c][i]));
                    largest = Math.Max(largest, Math.Abs(Test[c][i] - other.Test[c][i]));
                }
            }

            return largest;
        }
    }
}
