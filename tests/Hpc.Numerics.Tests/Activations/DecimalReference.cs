namespace Hpc.Numerics.Tests.Activations;

/// <summary>
/// Series of positive terms summed with 28 decimal digits: a reference that shares nothing with the formulas under test. Arguments are
/// multiples of 2⁻²⁰, which decimal holds exactly.
/// </summary>
internal static class DecimalReference
{
    private const decimal TwoOverSqrtPi = 1.1283791670955125738961589031m;

    public static double Argument(int numerator) => numerator / 1048576.0;

    public static decimal Tanh(int numerator) => Hyperbolic(numerator, out decimal cosh) / cosh;

    public static decimal TanhDerivative(int numerator)
    {
        Hyperbolic(numerator, out decimal cosh);
        return 1m / cosh / cosh;
    }

    /// <summary>erf x = (2/√π)·exp(−x²)·Σ (2x²)ⁿ·x/(2n+1)!!.</summary>
    public static decimal Erf(int numerator)
    {
        decimal x = numerator / 1048576m;
        decimal sum = 0;
        decimal term = x;
        for (int n = 1; term > 1e-28m * sum; n++)
        {
            sum += term;
            term *= 2 * x * x / (2 * n + 1);
        }

        return TwoOverSqrtPi * (sum / ExpOfSquare(x));
    }

    public static decimal ErfDerivative(int numerator) => TwoOverSqrtPi / ExpOfSquare(numerator / 1048576m);

    /// <summary>|y − exact| in units in the last place of exact, for 2⁻⁴⁰ ≤ exact &lt; 4.</summary>
    public static double ErrorInUlps(double y, decimal exact)
    {
        int exponent = Math.ILogB((double)exact);
        decimal scaled = (decimal)(long)Math.ScaleB(y, 52 - exponent);
        decimal power = 1;
        for (int i = 0; i < Math.Abs(52 - exponent); i++)
        {
            power *= 2;
        }

        return (double)Math.Abs(scaled - exact * power);
    }

    private static decimal ExpOfSquare(decimal x)
    {
        decimal sum = 0;
        decimal term = 1;
        for (int n = 1; term > 1e-28m * sum; n++)
        {
            sum += term;
            term *= x * x / n;
        }

        return sum;
    }

    private static decimal Hyperbolic(int numerator, out decimal cosh)
    {
        decimal x = numerator / 1048576m;
        decimal sinh = 0;
        cosh = 0;
        decimal term = 1;
        for (int n = 1; term > 1e-28m * cosh; n += 2)
        {
            cosh += term;
            term *= x / n;
            sinh += term;
            term *= x / (n + 1);
        }

        return sinh;
    }
}
