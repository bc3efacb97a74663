using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Activations;

/// <summary>φ(x) = max(0, x), exact; NaN stays NaN.</summary>
public readonly struct Relu : IElementwise<float>, IElementwise<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Invoke(float x) => ScalarSingleFunctions.Relu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x) => Single256Functions.Relu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Invoke(Vector512<float> x) => Single512Functions.Relu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Invoke(double x) => ScalarDoubleFunctions.Relu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Invoke(Vector256<double> x) => Double256Functions.Relu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Invoke(Vector512<double> x) => Double512Functions.Relu(x);
}
