using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Activations;

/// <summary>φ(x) = erf x = (2/√π)∫₀ˣ exp(−s²) ds, without the factor 1/√2 that some texts put in the argument.</summary>
/// <remarks>
/// Maximum error in units in the last place of the exact value: 6.1 in single precision (every float), 3.0 in double precision
/// (200 000 random arguments against 28-digit decimals). The three widths agree bit for bit; NaN stays NaN.
/// </remarks>
public readonly struct Erf : IElementwise<float>, IElementwise<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Invoke(float x) => ScalarSingleFunctions.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x) => Single256Functions.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Invoke(Vector512<float> x) => Single512Functions.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Invoke(double x) => ScalarDoubleFunctions.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Invoke(Vector256<double> x) => Double256Functions.Erf(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Invoke(Vector512<double> x) => Double512Functions.Erf(x);
}
