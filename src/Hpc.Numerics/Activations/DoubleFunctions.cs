using System.Runtime.CompilerServices;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Activations;

/// <summary>
/// Activations and the Box–Muller transform in double precision, written once for every register width. The coefficients are minimax
/// fits of this project (Lawson's reweighted least squares in 40 digits); the structs that apply the functions state the errors of the
/// whole formulas.
/// </summary>
public static class DoubleFunctions<V, I, L>
    where V : struct
    where I : struct
    where L : struct, ILanes<double, V, I>
{
    private const double RoundToInteger = 6755399441055744.0; // 1.5·2^52: the sum's last bits are the integer
    private const int MantissaBits = 52;
    private const long ExponentBias = 1023;
    private const double LogOf2High = 0.6931471803691238; // 20 trailing zero bits: its product with an exponent is exact
    private const double LogOf2Low = 1.9082149292705877e-10;

    /// <summary>tanh x = E/(E + 2) with E = exp(2|x|) − 1 computed without cancellation. Odd, and exact for tiny x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh(V x)
    {
        const double Saturation = 20; // 1 − tanh 20 = 8·10⁻¹⁸
        V magnitude = L.Minimum(L.Broadcast(Saturation), L.Abs(x));
        V y = L.Add(magnitude, magnitude);
        V m = ReducedExp(y, L.Broadcast(0.0), out I exponent);
        V scale = L.FromBits(L.Add(exponent, L.BroadcastInteger(ExponentBias << MantissaBits)));
        V e = L.MultiplyAdd(scale, m, L.Subtract(scale, L.Broadcast(1.0)));
        return L.CopySign(L.Divide(e, L.Add(e, L.Broadcast(2.0))), x);
    }

    /// <summary>1 − tanh² x = (2e/(1 + e²))² with e = exp(−|x|), which keeps its relative accuracy where tanh x is near 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhDerivative(V x)
    {
        V magnitude = L.Minimum(L.Broadcast(400.0), L.Abs(x));
        V e = ExpNegative(L.Subtract(L.Broadcast(0.0), magnitude), L.Broadcast(0.0));
        V s = L.Divide(L.Add(e, e), Step(e, e, 1.0));
        return L.Multiply(s, s);
    }

    /// <summary>
    /// erf x = x·P(x²)/Q(x²) for |x| &lt; 1 (degrees 4 and 5) and 1 − exp(−x²)·A(x)/B(x) beyond (degrees 5 and 6), with |x| held at the
    /// point beyond which erf rounds to ±1. Odd.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf(V x)
    {
        const double Saturation = 6; // 1 − erf 6 = 2·10⁻¹⁷
        V a = L.Minimum(L.Broadcast(Saturation), L.Abs(x));
        V z = L.Multiply(a, a);
        V one = L.Broadcast(1.0);

        V p = Step(L.Broadcast(0.00019495601751886756306), z, 0.0018272941718563880894);
        p = Step(Step(Step(p, z, 0.045303905674427561943), z, 0.14214928951678098888), z, 1.1283791670955125714);
        V q = Step(L.Broadcast(0.000020297403744668289365), z, 0.00068121558236308840333);
        q = Step(Step(q, z, 0.010582211019041393772), z, 0.09325282808255519871);
        q = Step(Step(q, z, 0.45930986113708373054), z, 1.0);

        V tailP = Step(L.Broadcast(0.008914535974275823526), a, 0.084243884382686422396);
        tailP = Step(Step(tailP, a, 0.37326966255436924322), a, 0.94896877771865125941);
        tailP = Step(Step(tailP, a, 1.3901333218748572374), a, 0.99999988896156796405);
        V tailQ = Step(L.Broadcast(0.015800726905020384296), a, 0.14931446967019137427);
        tailQ = Step(Step(tailQ, a, 0.66956335520440575392), a, 1.7560845218258532713);
        tailQ = Step(Step(Step(tailQ, a, 2.7908103727483471493), a, 2.5185113176122152964), a, 1.0);

        V ratio = L.Divide(L.SelectLess(a, one, p, tailP), L.SelectLess(a, one, q, tailQ));
        V minusZ = L.Subtract(L.Broadcast(0.0), z);
        V minusExp = L.Subtract(L.Broadcast(0.0), ExpNegative(minusZ, L.Broadcast(0.0)));
        V value = L.SelectLess(a, one, L.Multiply(a, ratio), L.MultiplyAdd(minusExp, ratio, one));
        return L.CopySign(value, x);
    }

    /// <summary>(2/√π)·exp(−x²), as the square of a quantity that does not underflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ErfDerivative(V x)
    {
        const double FourthRoot = 1.0622519320271969145; // √(2/√π)
        x = L.Minimum(L.Broadcast(36.0), L.Abs(x));
        V minusHalf = L.Broadcast(-0.5);
        V square = L.Multiply(x, x);
        V rest = L.MultiplyAdd(x, x, L.Subtract(L.Broadcast(0.0), square));
        V e = L.Multiply(L.Broadcast(FourthRoot), ExpNegative(L.Multiply(minusHalf, square), L.Multiply(minusHalf, rest)));
        return L.Multiply(e, e);
    }

    /// <summary>max(0, x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Relu(V x) => L.Maximum(L.Broadcast(0.0), x);

    /// <summary>1 for x &gt; 0, 0 for x ≤ 0, NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ReluDerivative(V x)
    {
        V positivePart = Relu(x);
        return L.SelectLess(L.Broadcast(0.0), positivePart, L.Broadcast(1.0), positivePart);
    }

    /// <summary>
    /// Two independent standard normal numbers r·cos θ and r·sin θ (Box and Muller, 1958) with r² = −2 log((w₀ + ½)/2³²) and
    /// θ = 2π w₁/2³². Their magnitude is at most √(2 log 2³³) ≈ 6.764.
    /// </summary>
    /// <param name="w0">Random bits of the radius, 32 in the low half and zeros above.</param>
    /// <param name="w1">Random bits of the angle, 32 in the low half and zeros above.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Normals(I w0, I w1, out V first, out V second)
    {
        V radius = L.Sqrt(L.Multiply(L.Broadcast(-2.0), LogOfUniform(w0)));
        SinCosOfTurn(w1, out V sine, out V cosine);
        first = L.Multiply(radius, cosine);
        second = L.Multiply(radius, sine);
    }

    /// <summary>log((w + ½)/2³²) for 0 ≤ w &lt; 2³²; relative error below 10⁻¹⁵.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LogOfUniform(I w)
    {
        const double SqrtHalf = 0.70710678118654752;
        V x = L.Add(L.ConvertUnsigned32(w), L.Broadcast(0.5));

        // x = 2^exponent · m with m in [√½, √2).
        I bits = L.Bits(x);
        I offset = L.BroadcastInteger(BitConverter.DoubleToInt64Bits(SqrtHalf));
        I exponent = L.ShiftRight(L.Add(L.Subtract(bits, offset), L.BroadcastInteger(ExponentBias << MantissaBits)), MantissaBits);
        exponent = L.Subtract(exponent, L.BroadcastInteger(ExponentBias));
        V m = L.FromBits(L.Subtract(bits, L.ShiftLeft(exponent, MantissaBits)));

        // log m = 2 artanh s = 2s + s³·R(s²), s = (m − 1)/(m + 1); the fit errs by 1.2·10⁻¹⁸ of log m.
        V s = L.Divide(L.Subtract(m, L.Broadcast(1.0)), L.Add(m, L.Broadcast(1.0)));
        V z = L.Multiply(s, s);
        V r = Step(L.Broadcast(0.14795469066845033999), z, 0.15314099445108829763);
        r = Step(Step(r, z, 0.18183562381115657493), z, 0.22222198611254022921);
        r = Step(Step(Step(r, z, 0.28571428742010778218), z, 0.39999999999416394344), z, 0.66666666666667341518);
        V logarithm = L.MultiplyAdd(L.Multiply(s, z), r, L.Add(s, s));
        V n = L.Convert(L.Subtract(exponent, L.BroadcastInteger(32)));
        return L.MultiplyAdd(n, L.Broadcast(LogOf2High), L.MultiplyAdd(n, L.Broadcast(LogOf2Low), logarithm));
    }

    /// <summary>sin and cos of 2πw/2³² for 0 ≤ w &lt; 2³²: the argument is reduced in integers, without error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SinCosOfTurn(I w, out V sine, out V cosine)
    {
        const double Scale = 1.0 / (1L << 32);
        I quadrant = L.ShiftRight(L.Add(w, L.BroadcastInteger(1L << 29)), 30);
        V x = L.Multiply(L.Convert(L.Subtract(w, L.ShiftLeft(quadrant, 30))), L.Broadcast(Scale));
        V z = L.Multiply(x, x);

        // On |x| ≤ 1/8 turn the fits err by 3.3·10⁻¹⁸ of the sine and 3.9·10⁻²⁰ of the cosine.
        V s = Step(Step(L.Broadcast(3.7807282105615086762), z, -15.093797608789692099), z, 42.058684904077598742);
        s = Step(Step(s, z, -76.705859703334107808), z, 81.605249275944596194);
        s = Step(Step(s, z, -41.341702240399631632), z, 6.2831853071795864562);
        s = L.Multiply(s, x);
        V c = Step(Step(L.Broadcast(-1.6968349202569079086), z, 7.9030915999532187298), z, -26.426250927493760789);
        c = Step(Step(c, z, 60.244641329387575662), z, -85.45681720652829193);
        c = Step(Step(Step(c, z, 64.939394022667984763), z, -19.739208802178717044), z, 1.0);

        I one = L.BroadcastInteger(1);
        I two = L.BroadcastInteger(2);
        I swap = L.Subtract(L.BroadcastInteger(0), L.And(quadrant, one));
        I sineSign = L.ShiftLeft(L.And(quadrant, two), 62);
        I cosineSign = L.ShiftLeft(L.And(L.Add(quadrant, one), two), 62);
        sine = L.FromBits(L.Xor(L.Bits(L.Select(swap, c, s)), sineSign));
        cosine = L.FromBits(L.Xor(L.Bits(L.Select(swap, s, c)), cosineSign));
    }

    /// <summary>exp(x + rest) for −708 ≤ x ≤ 0 and a rest below the last place of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpNegative(V x, V rest)
    {
        V e = L.Add(L.Broadcast(1.0), ReducedExp(x, rest, out I exponent));
        return L.FromBits(L.Add(L.Bits(e), exponent));
    }

    /// <summary>exp(r) − 1 with x + rest = n·log 2 + r, |r| ≤ ½ log 2; n is given shifted into the exponent's bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReducedExp(V x, V rest, out I exponent)
    {
        V shifted = L.MultiplyAdd(x, L.Broadcast(1.4426950408889634), L.Broadcast(RoundToInteger));
        V n = L.Subtract(shifted, L.Broadcast(RoundToInteger));
        V r = L.MultiplyAdd(n, L.Broadcast(-LogOf2Low), L.MultiplyAdd(n, L.Broadcast(-LogOf2High), x));
        r = L.Add(r, rest);
        exponent = L.ShiftLeft(L.Bits(shifted), MantissaBits);

        // exp r − 1 = r + r²·q(r); the fit errs by 1.8·10⁻¹⁷ of it.
        V q = Step(L.Broadcast(2.5053777490429908304e-8), r, 2.7626051884926163331e-7);
        q = Step(Step(q, r, 2.7557407571538892536e-6), r, 0.00002480150524025287528);
        q = Step(Step(q, r, 0.00019841269718938130731), r, 0.001388888893159116701);
        q = Step(Step(q, r, 0.0083333333333895978688), r, 0.041666666666576680578);
        q = Step(Step(q, r, 0.16666666666666589192), r, 0.50000000000000051847);
        return L.MultiplyAdd(L.Multiply(r, r), q, r);
    }

    /// <summary>One step of Horner's scheme: p·x + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Step(V p, V x, double c) => L.MultiplyAdd(p, x, L.Broadcast(c));
}
