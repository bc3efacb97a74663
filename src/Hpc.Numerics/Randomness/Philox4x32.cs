using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.Randomness;

/// <summary>
/// The counter-based generator Philox4x32-10: ten rounds turn a counter of four words and a key of two into four random words. J. K.
/// Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC '11.
/// </summary>
/// <remarks>
/// The vector forms hold one word of one block in the low half of every 64-bit lane, where the 32×32→64 multiplication reads it; the
/// high halves carry leftovers.
/// </remarks>
public static class Philox4x32
{
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9; // fraction of the golden ratio
    private const uint Weyl1 = 0xBB67AE85; // fraction of √3

    /// <summary>Replaces the four words of a counter by the four random words that belong to it under the key.</summary>
    public static void Block(ref uint w0, ref uint w1, ref uint w2, ref uint w3, uint key0, uint key1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * w0;
            ulong product1 = (ulong)Multiplier1 * w2;
            w0 = (uint)(product1 >> 32) ^ w1 ^ key0;
            w1 = (uint)product1;
            w2 = (uint)(product0 >> 32) ^ w3 ^ key1;
            w3 = (uint)product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }
    }

    /// <summary>Four blocks under one key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Blocks(
        ref Vector256<ulong> w0, ref Vector256<ulong> w1, ref Vector256<ulong> w2, ref Vector256<ulong> w3, uint key0, uint key1)
    {
        Vector256<uint> multiplier0 = Vector256.Create((ulong)Multiplier0).AsUInt32();
        Vector256<uint> multiplier1 = Vector256.Create((ulong)Multiplier1).AsUInt32();
        for (int round = 0; round < Rounds; round++)
        {
            Vector256<ulong> product0 = Avx2.Multiply(w0.AsUInt32(), multiplier0);
            Vector256<ulong> product1 = Avx2.Multiply(w2.AsUInt32(), multiplier1);
            w0 = (product1 >>> 32) ^ w1 ^ Vector256.Create((ulong)key0);
            w1 = product1;
            w2 = (product0 >>> 32) ^ w3 ^ Vector256.Create((ulong)key1);
            w3 = product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }
    }

    /// <summary>Eight blocks under one key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Blocks(
        ref Vector512<ulong> w0, ref Vector512<ulong> w1, ref Vector512<ulong> w2, ref Vector512<ulong> w3, uint key0, uint key1)
    {
        Vector512<uint> multiplier0 = Vector512.Create((ulong)Multiplier0).AsUInt32();
        Vector512<uint> multiplier1 = Vector512.Create((ulong)Multiplier1).AsUInt32();
        for (int round = 0; round < Rounds; round++)
        {
            Vector512<ulong> product0 = Avx512F.Multiply(w0.AsUInt32(), multiplier0);
            Vector512<ulong> product1 = Avx512F.Multiply(w2.AsUInt32(), multiplier1);
            w0 = (product1 >>> 32) ^ w1 ^ Vector512.Create((ulong)key0);
            w1 = product1;
            w2 = (product0 >>> 32) ^ w3 ^ Vector512.Create((ulong)key1);
            w3 = product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }
    }
}
