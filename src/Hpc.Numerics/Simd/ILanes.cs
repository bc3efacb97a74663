namespace Hpc.Numerics.Simd;

/// <summary>
/// The arithmetic of one register, passed as a type argument: a formula written once over it gives the scalar reference and both vector
/// widths. Every operation rounds once, in the order written, so the widths agree bit for bit.
/// </summary>
/// <typeparam name="T">Element: <see cref="float"/> or <see cref="double"/>.</typeparam>
/// <typeparam name="V">Register of elements: <typeparamref name="T"/> itself or a vector of it.</typeparam>
/// <typeparam name="I">Register of integers as wide as the elements.</typeparam>
public interface ILanes<T, V, I>
    where T : unmanaged
    where V : struct
    where I : struct
{
    static abstract V Broadcast(T value);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    static abstract V Divide(V a, V b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    static abstract V Sqrt(V a);

    /// <summary>a where a &lt; b, else b: b when either is NaN.</summary>
    static abstract V Minimum(V a, V b);

    /// <summary>a where a &gt; b, else b: b when either is NaN.</summary>
    static abstract V Maximum(V a, V b);

    static abstract V Abs(V a);

    static abstract V CopySign(V magnitude, V sign);

    /// <summary><paramref name="then"/> where a &lt; b, else <paramref name="otherwise"/>.</summary>
    static abstract V SelectLess(V a, V b, V then, V otherwise);

    /// <summary>Bits of <paramref name="then"/> where the mask has ones, of <paramref name="otherwise"/> where it has zeros.</summary>
    static abstract V Select(I mask, V then, V otherwise);

    static abstract I Bits(V a);

    static abstract V FromBits(I bits);

    static abstract I BroadcastInteger(long value);

    static abstract I Add(I a, I b);

    static abstract I Subtract(I a, I b);

    static abstract I And(I a, I b);

    static abstract I Xor(I a, I b);

    static abstract I ShiftLeft(I a, int count);

    /// <summary>Shift that fills with zeros.</summary>
    static abstract I ShiftRight(I a, int count);

    /// <summary>The nearest <typeparamref name="T"/> to a signed integer.</summary>
    static abstract V Convert(I a);

    /// <summary>The nearest <typeparamref name="T"/> to the low 32 bits read as an unsigned integer.</summary>
    static abstract V ConvertUnsigned32(I a);
}
