using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Activations;

/// <summary>φ′(x) of max(0, x): 1 for x &gt; 0 and 0 for x ≤ 0, the value at the kink being a convention; NaN stays NaN.</summary>
public readonly struct ReluDerivative : IElementwise<float>, IElementwise<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Invoke(float x) => ScalarSingleFunctions.ReluDerivative(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x) => Single256Functions.ReluDerivative(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Invoke(Vector512<float> x) => Single512Functions.ReluDerivative(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Invoke(double x) => ScalarDoubleFunctions.ReluDerivative(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Invoke(Vector256<double> x) => Double256Functions.ReluDerivative(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Invoke(Vector512<double> x) => Double512Functions.ReluDerivative(x);
}
