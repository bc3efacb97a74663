using System.Numerics;
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

    /// <summary>Mass of the thin lower tail that the contour may leave out.</summary>
    private const double TailMass = 1e-9;

    /// <summary>Coarser quadratures of the error estimate, as a fraction of the finer.</summary>
    private const double Coarser = 0.8;

    private const int MostRefinements = 6;

    private LossCurves(double[] s, double[][] train, double[][] test, double error)
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
        var equations = new ResolventEquations(model, quadrature);
        Contour contour = Contour.Around(equations, TailMass, learningRate, accuracy, nodeFraction);
        int classes = equations.Classes;
        int half = contour.States.Length;
        var same = new Complex[2 * classes][];
        var opposite = new Complex[2 * classes][];
        for (int kind = 0; kind < 2 * classes; kind++)
        {
            same[kind] = new Complex[half * half];
            opposite[kind] = new Complex[half * half];
        }

        ResolventState[] conjugates = Array.ConvertAll(contour.States, state => state.Conjugate());
        for (int j = 0; j < half; j++)
        {
            for (int k = 0; k <= j; k++)
            {
                Couple(equations, contour.States[j], contour.States[k], same, j * half + k);
                Couple(equations, contour.States[j], conjugates[k], opposite, j * half + k);
            }
        }

        var curves = new Curves(classes, times.Length);
        var amplitudes = new Complex[half];
        for (int i = 0; i < times.Length; i++)
        {
            for (int j = 0; j < half; j++)
            {
                amplitudes[j] = Filter(contour.States[j].Z, times[i], learningRate) * contour.Steps[j];
            }

            for (int c = 0; c < classes; c++)
            {
                double linear = 0;
                for (int j = 0; j < half; j++)
                {
                    linear -= (amplitudes[j] * contour.States[j].TransferredWeights[c]).Imaginary;
                }

                double offset = 1 - 2 * equations.NoiseLevel * linear / Math.PI;
                curves.Test[c][i] = offset + Quadratic(amplitudes, same[2 * c], opposite[2 * c]);
                curves.Train[c][i] = offset + Quadratic(amplitudes, same[2 * c + 1], opposite[2 * c + 1]);
            }
        }

        return curves;
    }

    /// <summary>H_c(z1, z2) of every class, test and train, into element <paramref name="index"/>.</summary>
    private static void Couple(ResolventEquations equations, ResolventState first, ResolventState second, Complex[][] target, int index)
    {
        int size = equations.Table.Unknowns;
        var perturbation = new ResolventPerturbation(equations, first, second);
        Complex[] system = perturbation.System();
        Complex[] functional = perturbation.Functional();

        // One solve of the transposed system serves every source.
        var transposed = new Complex[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                transposed[j * size + i] = system[i * size + j];
            }
        }

        var response = functional;
        ComplexSystem.Solve(transposed, response, size, 1);
        var source = new Complex[size];
        for (int c = 0; c < equations.Classes; c++)
        {
            Complex test = perturbation.TestSource(c, source);
            target[2 * c][index] = -equations.NoiseLevel * (test + Dot(response, source));
            Complex train = perturbation.TrainSource(c, source);
            target[2 * c + 1][index] = -equations.NoiseLevel * (train + Dot(response, source));
        }
    }

    private static Complex Dot(Complex[] a, Complex[] b)
    {
        Complex sum = Complex.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>
    /// (1/2πi)²∮∮ from the upper half of the contour: nodes come in conjugate pairs, whose steps are z and −z̄. H(z1, z2) is symmetric
    /// and H(z1, z̄2) Hermitian, so the lower triangles are enough.
    /// </summary>
    private static double Quadratic(Complex[] amplitudes, Complex[] same, Complex[] opposite)
    {
        int half = amplitudes.Length;
        double sum = 0;
        for (int j = 0; j < half; j++)
        {
            Complex plain = Complex.Zero;
            Complex mixed = Complex.Zero;
            int row = j * half;
            for (int k = 0; k < j; k++)
            {
                plain += same[row + k] * amplitudes[k];
                mixed += opposite[row + k] * Complex.Conjugate(amplitudes[k]);
            }

            plain = 2 * plain + same[row + j] * amplitudes[j];
            mixed = 2 * mixed + opposite[row + j] * Complex.Conjugate(amplitudes[j]);
            sum += (amplitudes[j] * (plain - mixed)).Real;
        }

        return -sum / (2 * Math.PI * Math.PI);
    }

    /// <summary>F_s(z), or F_k(z) with k = s/(2η₀).</summary>
    private static Complex Filter(Complex z, double s, double? learningRate)
    {
        Complex exponent = learningRate is { } rate ? s / (2 * rate) * SmallDifference.LogOnePlus(-2 * rate * z) : -s * z;
        return -SmallDifference.ExpMinusOne(exponent) / z;
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
