using System.Runtime.CompilerServices;

namespace Hpc.Numerics.Simd;

/// <summary>One <see cref="double"/>: the reference for the vector widths.</summary>
public readonly struct ScalarDouble : ILanes<double, double, long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Broadcast(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(double a, double b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Subtract(double a, double b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Multiply(double a, double b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Divide(double a, double b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MultiplyAdd(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sqrt(double a) => Math.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Minimum(double a, double b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Maximum(double a, double b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Abs(double a) => Math.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double CopySign(double magnitude, double sign) => Math.CopySign(magnitude, sign);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SelectLess(double a, double b, double then, double otherwise) => a < b ? then : otherwise;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Select(long mask, double then, double otherwise) =>
        FromBits((Bits(then) & mask) | (Bits(otherwise) & ~mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Bits(double a) => BitConverter.DoubleToInt64Bits(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double FromBits(long bits) => BitConverter.Int64BitsToDouble(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long BroadcastInteger(long value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Add(long a, long b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Subtract(long a, long b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long And(long a, long b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Xor(long a, long b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ShiftLeft(long a, int count) => a << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ShiftRight(long a, int count) => a >>> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Convert(long a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ConvertUnsigned32(long a) => (uint)a;
}
