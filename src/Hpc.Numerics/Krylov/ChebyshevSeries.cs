using System.Numerics;
using MathNet.Numerics.IntegralTransforms;

namespace Hpc.Numerics.Krylov;

/// <summary>A function on an interval as Σ_j c_j T_j((2λ − lower − upper)/(upper − lower)).</summary>
public sealed class ChebyshevSeries
{
    private const int LargestGrid = 1 << 18;

    private readonly double[] coefficients;

    private ChebyshevSeries(double[] coefficients, double lower, double upper, double tail)
    {
        this.coefficients = coefficients;
        (Lower, Upper, TailBound) = (lower, upper, tail);
    }

    public double Lower { get; }

    public double Upper { get; }

    public int Degree => coefficients.Length - 1;

    public ReadOnlySpan<double> Coefficients => coefficients;

    /// <summary>
    /// Σ |c_j| of what was left out, so that ‖f(A)x − p(A)x‖ ≤ TailBound ‖x‖ for every A with spectrum in the interval, rounding aside.
    /// </summary>
    public double TailBound { get; }

    /// <summary>Expands a smooth function to a given absolute error.</summary>
    /// <remarks>
    /// Interpolates at the Chebyshev points of a grid that is doubled until the upper half of the coefficients is below the tolerance in
    /// sum; what aliasing adds to
    /// the kept ones is then no larger than the tail, which the bound counts twice.
    /// </remarks>
    /// <param name="f">Analytic on the interval.</param>
    /// <param name="tolerance">
    /// Largest <see cref="TailBound"/>; not below about 1e-13 of the largest |f|, the rounding of the coefficients.
    /// </param>
    /// <exception cref="ArgumentException">The interval is empty, or no grid up to 2^18 points resolves f to the tolerance.</exception>
    public static ChebyshevSeries Expand(Func<double, double> f, double lower, double upper, double tolerance)
    {
        CheckInterval(lower, upper);
        for (int grid = 32; grid <= LargestGrid; grid *= 2)
        {
            double[] c = Interpolate(f, lower, upper, grid);
            double tail = 0;
            int kept = grid;
            while (kept > 0 && 2 * (tail + Math.Abs(c[kept])) <= tolerance)
            {
                tail += Math.Abs(c[kept--]);
            }

            if (kept <= grid / 2)
            {
                return new ChebyshevSeries(c[..(kept + 1)], lower, upper, 2 * tail);
            }
        }

        throw new ArgumentException(
            $"A Chebyshev series of {LargestGrid} terms does not reach {tolerance:G3} on [{lower:G6}, {upper:G6}]: "
            + "allow a larger error or take a smoother function.",
            nameof(tolerance));
    }

    /// <summary>
    /// The indicator of [from, to] smoothed by the Jackson kernel: between 0 and 1, ½ at both ends, with steps about π(upper −
    /// lower)/(2·degree) wide.
    /// </summary>
    /// <exception cref="ArgumentException">The window is empty or lies outside the interval.</exception>
    public static ChebyshevSeries Window(double from, double to, double lower, double upper, int degree)
    {
        CheckInterval(lower, upper);
        if (!(from < to && to > lower && from < upper))
        {
            throw new ArgumentException($"The window [{from:G6}, {to:G6}] is empty or outside [{lower:G6}, {upper:G6}].");
        }

        double[] damping = JacksonKernel(degree + 1), c = new double[degree + 1];
        double a = Math.Acos(Math.Clamp((2 * from - lower - upper) / (upper - lower), -1, 1));
        double b = Math.Acos(Math.Clamp((2 * to - lower - upper) / (upper - lower), -1, 1));
        for (int j = 0; j <= degree; j++)
        {
            c[j] = damping[j] * (j == 0 ? (a - b) / Math.PI : 2 * (Math.Sin(j * a) - Math.Sin(j * b)) / (j * Math.PI));
        }

        return new ChebyshevSeries(c, lower, upper, double.NaN);
    }

    /// <summary>g_j of the Jackson kernel for moments 0 … count − 1 (Weisse and others, Rev. Mod. Phys. 78, 2006, eq. 71).</summary>
    internal static double[] JacksonKernel(int count)
    {
        double angle = Math.PI / (count + 1), cotangent = 1 / Math.Tan(angle);
        return [.. Enumerable.Range(0, count).Select(j =>
            ((count - j + 1) * Math.Cos(j * angle) + Math.Sin(j * angle) * cotangent) / (count + 1))];
    }

    /// <summary>The value at <paramref name="x"/>, by Clenshaw's recurrence.</summary>
    public double Evaluate(double x)
    {
        double y = (2 * x - Lower - Upper) / (Upper - Lower), next = 0, afterNext = 0;
        for (int j = Degree; j > 0; j--)
        {
            (next, afterNext) = (2 * y * next - afterNext + coefficients[j], next);
        }

        return y * next - afterNext + coefficients[0];
    }

    private static void CheckInterval(double lower, double upper)
    {
        if (!(lower < upper) || !double.IsFinite(upper - lower))
        {
            throw new ArgumentException($"The interval [{lower:G6}, {upper:G6}] is empty or infinite: give the range of the spectrum.");
        }
    }

    private static double[] Interpolate(Func<double, double> f, double lower, double upper, int grid)
    {
        var samples = new Complex[2 * grid];
        for (int i = 0; i <= grid; i++)
        {
            // Exact to rounding relative to the distance from either end: functions of a filter may be steep there.
            double cosine = Math.Sin(0.5 * Math.PI * (grid - i) / grid), sine = Math.Sin(0.5 * Math.PI * i / grid);
            double value = f(cosine < sine ? lower + (upper - lower) * (cosine * cosine) : upper - (upper - lower) * (sine * sine));
            samples[i] = value;
            if (i > 0 && i < grid)
            {
                samples[2 * grid - i] = value;
            }
        }

        Fourier.Forward(samples, FourierOptions.AsymmetricScaling);
        double[] c = new double[grid + 1];
        for (int j = 0; j <= grid; j++)
        {
            c[j] = samples[j].Real / (j == 0 || j == grid ? 2 * grid : grid);
        }

        return c;
    }
}
