using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.Randomness;

/// <summary>Normal numbers, eight blocks at a time.</summary>
internal readonly unsafe struct DoubleNormalKernel512 : IBlockKernel<double>
{
    public static int GroupBlocks => 8;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, double* destination, long groups)
    {
        // In this order of blocks the low halves of the pairs of lanes hold blocks 0…3 and the high halves blocks 4…7.
        Vector512<ulong> blocks = Vector512.Create(0UL, 4, 1, 5, 2, 6, 3, 7) + Vector512.Create(block);
        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL);
        Vector512<long> firstTwo = Vector512.Create(0L, 1, 8, 9, 2, 3, 10, 11);
        Vector512<long> lastTwo = Vector512.Create(4L, 5, 12, 13, 6, 7, 14, 15);
        for (long g = 0; g < groups; g++, destination += 32)
        {
            Vector512<ulong> w0 = blocks;
            Vector512<ulong> w1 = blocks >>> 32;
            Vector512<ulong> w2 = Vector512.Create(step);
            Vector512<ulong> w3 = Vector512.Create(step >> 32);
            Philox4x32.Blocks(ref w0, ref w1, ref w2, ref w3, key0, key1);
            Double512Functions.Normals(
                (w0 & low).AsInt64(), (w1 & low).AsInt64(), out Vector512<double> n0, out Vector512<double> n1);
            Double512Functions.Normals(
                (w2 & low).AsInt64(), (w3 & low).AsInt64(), out Vector512<double> n2, out Vector512<double> n3);
            Vector512<double> low01 = Avx512F.UnpackLow(n0, n1);
            Vector512<double> low23 = Avx512F.UnpackLow(n2, n3);
            Vector512<double> high01 = Avx512F.UnpackHigh(n0, n1);
            Vector512<double> high23 = Avx512F.UnpackHigh(n2, n3);
            Avx512F.PermuteVar8x64x2(low01, firstTwo, low23).Store(destination);
            Avx512F.PermuteVar8x64x2(low01, lastTwo, low23).Store(destination + 8);
            Avx512F.PermuteVar8x64x2(high01, firstTwo, high23).Store(destination + 16);
            Avx512F.PermuteVar8x64x2(high01, lastTwo, high23).Store(destination + 24);
            blocks += Vector512.Create(8UL);
        }
    }
}
