using System.Runtime.CompilerServices;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Activations;

/// <summary>
/// Activations and the Box–Muller transform in single precision, written once for every register width. The coefficients are minimax
/// fits of this project (Lawson's reweighted least squares in 40 digits, for tanh and erf followed by a search among neighbouring
/// floats); the structs that apply the functions state the errors of the whole formulas.
/// </summary>
public static class SingleFunctions<V, I, L>
    where V : struct
    where I : struct
    where L : struct, ILanes<float, V, I>
{
    private const float RoundToInteger = 12582912f; // 1.5·2^23: the sum's last bits are the integer
    private const int MantissaBits = 23;
    private const int ExponentBias = 127;
    private const float LogOf2 = 0.6931471805599453f;

    /// <summary>tanh x.</summary>
    /// <remarks>x·P(x²)/Q(x²), degrees 4 and 4, |x| held where tanh rounds to ±1. Odd, and exact for tiny x.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        x = Clamp(x, 9.02f);
        V z = L.Multiply(x, x);
        V p = Step(Step(L.Broadcast(1.33843061e-8f), z, 2.06358436e-5f), z, 3.49745853e-3f);
        p = Step(Step(p, z, 0.133826882f), z, 1f);
        V q = Step(Step(L.Broadcast(7.79025754e-7f), z, 3.28851922e-4f), z, 0.0258843638f);
        q = Step(Step(q, z, 0.467160106f), z, 1f);
        return Clamp(L.Divide(L.Multiply(x, p), q), 1f);
    }

    /// <summary>1 − tanh² x = (2e/(1 + e²))² with e = exp(−|x|), which keeps its relative accuracy where tanh x is near 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhDerivative(V x)
    {
        V magnitude = L.Minimum(L.Broadcast(60f), L.Abs(x));
        V e = ExpNegative(L.Subtract(L.Broadcast(0f), magnitude), L.Broadcast(0f));
        V s = L.Divide(L.Add(e, e), Step(e, e, 1f));
        return L.Multiply(s, s);
    }

    /// <summary>erf x.</summary>
    /// <remarks>x·P(x²)/Q(x²), degrees 5 and 5, |x| held where erf rounds to ±1. Odd.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf(V x)
    {
        x = Clamp(x, 3.84f);
        V z = L.Multiply(x, x);
        V p = Step(Step(L.Broadcast(2.11676388e-6f), z, 2.85822665e-4f), z, 3.66166607e-3f);
        p = Step(Step(Step(p, z, 0.0524442121f), z, 0.187557325f), z, 1.12837911f);
        V q = Step(Step(L.Broadcast(3.88266635e-5f), z, 1.14329078e-3f), z, 0.0147603322f);
        q = Step(Step(Step(q, z, 0.112996876f), z, 0.499551177f), z, 1f);
        return Clamp(L.Divide(L.Multiply(x, p), q), 1f);
    }

    /// <summary>(2/√π)·exp(−x²), as the square of a quantity that does not underflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ErfDerivative(V x)
    {
        const float FourthRoot = 1.0622519320271969f; // √(2/√π)
        x = L.Minimum(L.Broadcast(12f), L.Abs(x));
        V minusHalf = L.Broadcast(-0.5f);
        V square = L.Multiply(x, x);
        V rest = L.MultiplyAdd(x, x, L.Subtract(L.Broadcast(0f), square));
        V e = L.Multiply(L.Broadcast(FourthRoot), ExpNegative(L.Multiply(minusHalf, square), L.Multiply(minusHalf, rest)));
        return L.Multiply(e, e);
    }

    /// <summary>max(0, x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Relu(V x) => L.Maximum(L.Broadcast(0f), x);

    /// <summary>1 for x &gt; 0, 0 for x ≤ 0, NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ReluDerivative(V x)
    {
        V positivePart = Relu(x);
        return L.SelectLess(L.Broadcast(0f), positivePart, L.Broadcast(1f), positivePart);
    }

    /// <summary>
    /// Two independent standard normal numbers r·cos θ and r·sin θ (Box and Muller, 1958) with r² = −2 log((w₀ + ½)/2³²) and
    /// θ = 2π w₁/2³². Their magnitude is at most √(2 log 2³³) ≈ 6.764.
    /// </summary>
    /// <param name="w0">32 random bits, those of the radius.</param>
    /// <param name="w1">32 random bits, those of the angle.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normals(I w0, I w1, out V first, out V second)
    {
        V radius = L.Sqrt(L.Multiply(L.Broadcast(-2f), LogOfUniform(w0)));
        SinCosOfTurn(w1, out V sine, out V cosine);
        first = L.Multiply(radius, cosine);
        second = L.Multiply(radius, sine);
    }

    /// <summary>log((w + ½)/2³²) for the low 32 bits w; relative error below 2·10⁻⁷, near w = 2³² too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogOfUniform(I w)
    {
        const float SqrtHalf = 0.70710678f;
        const float Scale = 1f / (1L << 32);
        V x = L.Add(L.ConvertUnsigned32(w), L.Broadcast(0.5f));

        // x = 2^exponent · m with m in [√½, √2).
        I bits = L.Bits(x);
        I offset = L.BroadcastInteger(BitConverter.SingleToInt32Bits(SqrtHalf));
        I exponent = L.ShiftRight(L.Add(L.Subtract(bits, offset), L.BroadcastInteger((long)ExponentBias << MantissaBits)), MantissaBits);
        exponent = L.Subtract(exponent, L.BroadcastInteger(ExponentBias));
        V t = L.Subtract(L.FromBits(L.Subtract(bits, L.ShiftLeft(exponent, MantissaBits))), L.Broadcast(1f));

        // In the top interval m − 1 has lost what the conversion of w rounded off: 1 − (w + ½)/2³² is exact from the complement of w.
        V complement = L.Add(L.ConvertUnsigned32(L.Subtract(L.BroadcastInteger(-1), w)), L.Broadcast(0.5f));
        t = L.SelectLess(x, L.Broadcast(SqrtHalf * (1L << 32)), t, L.Multiply(complement, L.Broadcast(-Scale)));

        // log(1 + t) = t + t²·q(t); the fit errs by 4.1·10⁻⁹ of log(1 + t).
        V q = Step(L.Broadcast(-0.0762308482294f), t, 0.129055264792f);
        q = Step(Step(Step(q, t, -0.132429825426f), t, 0.141816305879f), t, -0.16609055797f);
        q = Step(Step(Step(Step(q, t, 0.200019848439f), t, -0.250015848706f), t, 0.333333255028f), t, -0.49999988313f);
        V logarithm = L.MultiplyAdd(L.Multiply(t, t), q, t);
        return L.MultiplyAdd(L.Convert(L.Subtract(exponent, L.BroadcastInteger(32))), L.Broadcast(LogOf2), logarithm);
    }

    /// <summary>sin and cos of 2πw/2³² for the low 32 bits w: the argument is reduced in integers, without error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SinCosOfTurn(I w, out V sine, out V cosine)
    {
        const float Scale = 1f / (1L << 32);
        I quadrant = L.ShiftRight(L.Add(w, L.BroadcastInteger(1L << 29)), 30);
        V x = L.Multiply(L.Convert(L.Subtract(w, L.ShiftLeft(quadrant, 30))), L.Broadcast(Scale));
        V z = L.Multiply(x, x);

        // On |x| ≤ 1/8 turn the fits err by 3.3·10⁻⁹ of the sine and 6.4·10⁻¹¹ of the cosine.
        V s = Step(Step(Step(L.Broadcast(-75.3937607696f), z, 81.5923589925f), z, -41.3416614977f), z, 6.28318528692f);
        s = L.Multiply(s, x);
        V c = Step(Step(L.Broadcast(59.2292468996f), z, -85.4432363825f), z, 64.939321848f);
        c = Step(Step(c, z, -19.7392086816f), z, 1f);

        I one = L.BroadcastInteger(1);
        I two = L.BroadcastInteger(2);
        I swap = L.Subtract(L.BroadcastInteger(0), L.And(quadrant, one));
        I sineSign = L.ShiftLeft(L.And(quadrant, two), 30);
        I cosineSign = L.ShiftLeft(L.And(L.Add(quadrant, one), two), 30);
        sine = L.FromBits(L.Xor(L.Bits(L.Select(swap, c, s)), sineSign));
        cosine = L.FromBits(L.Xor(L.Bits(L.Select(swap, s, c)), cosineSign));
    }

    /// <summary>exp(x + rest) for −87 ≤ x ≤ 0 and a rest below the last place of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpNegative(V x, V rest)
    {
        const float LogOf2High = 0.693359375f;
        const float LogOf2Low = -2.12194440e-4f;
        V shifted = L.MultiplyAdd(x, L.Broadcast(1.4426950408889634f), L.Broadcast(RoundToInteger));
        V n = L.Subtract(shifted, L.Broadcast(RoundToInteger));
        V r = L.MultiplyAdd(n, L.Broadcast(-LogOf2Low), L.MultiplyAdd(n, L.Broadcast(-LogOf2High), x));
        r = L.Add(r, rest);

        // exp r = 1 + r + r²·q(r) on |r| ≤ ½ log 2; the fit errs by 3.1·10⁻⁹.
        V q = Step(Step(L.Broadcast(0.00138145814509f), r, 0.00836872417855f), r, 0.0416683887836f);
        q = Step(Step(q, r, 0.16666520571f), r, 0.499999934436f);
        V e = L.Add(L.Broadcast(1f), L.MultiplyAdd(L.Multiply(r, r), q, r));
        return L.FromBits(L.Add(L.Bits(e), L.ShiftLeft(L.Bits(shifted), MantissaBits)));
    }

    /// <summary>x held between −<paramref name="bound"/> and +<paramref name="bound"/>; NaN passes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Clamp(V x, float bound) => L.Maximum(L.Broadcast(-bound), L.Minimum(L.Broadcast(bound), x));

    /// <summary>One step of Horner's scheme: p·x + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Step(V p, V x, float c) => L.MultiplyAdd(p, x, L.Broadcast(c));
}
