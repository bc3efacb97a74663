using System.Numerics;
using Hpc.Numerics;

namespace Hpc.Theory;

/// <summary>
/// The losses of one model as a function of s (theory.md section 5): everything on the contour that does not depend on s, at fixed quadratures.
/// </summary>
internal sealed class LossKernel
{
    /// <summary>Mass of the thin lower tail that the contour may leave out.</summary>
    private const double TailMass = 1e-9;

    private readonly ResolventEquations equations;
    private readonly Contour contour;
    private readonly double? learningRate;
    private readonly Complex[][] same;
    private readonly Complex[][] opposite;
    private readonly Complex[] amplitudes;

    public LossKernel(TheoryModel model, CentroidQuadrature quadrature, double? learningRate, double accuracy, double nodeFraction = 1)
    {
        equations = new ResolventEquations(model, quadrature);
        this.learningRate = learningRate;
        contour = Contour.Around(equations, TailMass, learningRate, accuracy, nodeFraction);
        int classes = equations.Classes;
        int half = contour.States.Length;
        amplitudes = new Complex[half];
        same = new Complex[2 * classes][];
        opposite = new Complex[2 * classes][];
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
    }

    /// <summary>Real points where the contour closes: just outside the spectrum.</summary>
    public (double Smallest, double Largest) EigenvalueRange => (Complex.Abs(contour.States[^1].Z), Complex.Abs(contour.States[0].Z));

    /// <summary>Sets the training time of the losses.</summary>
    public void Filter(double s)
    {
        for (int j = 0; j < amplitudes.Length; j++)
        {
            Complex z = contour.States[j].Z;
            Complex exponent = learningRate is { } rate ? s / (2 * rate) * Elementary.Log1P(-2 * rate * z) : -s * z;
            amplitudes[j] = -Elementary.ExpM1(exponent) / z * contour.Steps[j];
        }
    }

    public double TestLoss(int c) => Linear(c) + Quadratic(amplitudes, same[2 * c], opposite[2 * c]);

    public double TrainLoss(int c) => Linear(c) + Quadratic(amplitudes, same[2 * c + 1], opposite[2 * c + 1]);

    private double Linear(int c)
    {
        double sum = 0;
        for (int j = 0; j < amplitudes.Length; j++)
        {
            sum -= (amplitudes[j] * contour.States[j].TransferredWeights[c]).Imaginary;
        }

        return 1 - 2 * equations.NoiseLevel * sum / Math.PI;
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
}
