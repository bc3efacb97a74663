using System.Numerics;

namespace Hpc.Numerics;

/// <summary>
/// Functions near a point where the direct formula cancels. The runtime's <c>double.ExpM1</c> and <c>double.LogP1</c> are the direct
/// formulas; these keep full relative accuracy.
/// </summary>
public static class Elementary
{
    /// <summary>log(1 + x) to about 2 ulp, for x &gt; −1 (W. Kahan's correction of the rounding of 1 + x).</summary>
    public static double Log1P(double x)
    {
        double u = 1 + x;
        return u == 1 ? x : double.IsInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>e^x − 1 to about 2 ulp (W. Kahan's correction of the rounding of e^x).</summary>
    public static double ExpM1(double x)
    {
        double u = Math.Exp(x);
        return u == 1 ? x
            : u == 0 || double.IsInfinity(u) ? u - 1
            : (u - 1) * (x / Math.Log(u));
    }

    /// <summary>e^z − 1 to a few roundings of its modulus.</summary>
    public static Complex ExpM1(Complex z)
    {
        (double sine, double cosine) = Math.SinCos(z.Imaginary);
        double half = Math.Sin(0.5 * z.Imaginary);
        double real = ExpM1(z.Real);
        return new Complex(real * cosine - 2 * half * half, (1 + real) * sine);
    }

    /// <summary>log(1 + z) to a few roundings of its modulus, for z off the cut below −1.</summary>
    public static Complex Log1P(Complex z) => new(
        0.5 * Log1P(2 * z.Real + z.Real * z.Real + z.Imaginary * z.Imaginary), Math.Atan2(z.Imaginary, 1 + z.Real));
}
