namespace Hpc.Numerics;

/// <summary>
/// Functions near a point where the direct formula cancels. The runtime's <c>double.ExpM1</c> and <c>double.LogP1</c> are the direct
/// formulas; these keep full relative accuracy.
/// </summary>
public static class Elementary
{
    // Below it u − 1 is −1, while the logarithm of a subnormal u (x < −708) would be wrong by up to 6e-4 relative.
    private const double SmallestFelt = 1e-17;

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
            : u < SmallestFelt || double.IsInfinity(u) ? u - 1
            : (u - 1) * (x / Math.Log(u));
    }
}
