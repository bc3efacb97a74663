using System.Numerics;

namespace Hpc.Theory;

/// <summary>Functions whose plain formulas cancel near zero (the base class library's <c>ExpM1</c> and <c>LogP1</c> are those plain formulas).</summary>
internal static class SmallDifference
{
    /// <summary>e^x − 1 to a few roundings for every x.</summary>
    public static double ExpMinusOne(double x) => x < -1 ? Math.Exp(x) - 1 : 2 * Math.Sinh(0.5 * x) * Math.Exp(0.5 * x);

    /// <summary>log(1 + x) to a few roundings for x &gt; −1.</summary>
    public static double LogOnePlus(double x) => Math.Abs(x) < 0.5 ? 2 * Math.Atanh(x / (2 + x)) : Math.Log(1 + x);

    /// <summary>e^z − 1 to a few roundings of its modulus.</summary>
    public static Complex ExpMinusOne(Complex z)
    {
        (double sine, double cosine) = Math.SinCos(z.Imaginary);
        double half = Math.Sin(0.5 * z.Imaginary);
        double real = ExpMinusOne(z.Real);
        return new Complex(real * cosine - 2 * half * half, (1 + real) * sine);
    }

    /// <summary>log(1 + z) to a few roundings of its modulus, for z off the cut below −1.</summary>
    public static Complex LogOnePlus(Complex z) => new(
        0.5 * LogOnePlus(2 * z.Real + z.Real * z.Real + z.Imaginary * z.Imaginary), Math.Atan2(z.Imaginary, 1 + z.Real));
}
