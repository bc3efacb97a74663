using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.Randomness;

/// <summary>Normal numbers, four blocks at a time.</summary>
internal readonly unsafe struct DoubleNormalKernel256 : IBlockKernel<double>
{
    public static int GroupBlocks => 4;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, double* destination, long groups)
    {
        Vector256<ulong> blocks = Vector256.Create(0UL, 1, 2, 3) + Vector256.Create(block);
        Vector256<ulong> low = Vector256.Create(0xFFFFFFFFUL);
        for (long g = 0; g < groups; g++, destination += 16)
        {
            Vector256<ulong> w0 = blocks;
            Vector256<ulong> w1 = blocks >>> 32;
            Vector256<ulong> w2 = Vector256.Create(step);
            Vector256<ulong> w3 = Vector256.Create(step >> 32);
            Philox4x32.Blocks(ref w0, ref w1, ref w2, ref w3, key0, key1);
            Double256Functions.Normals(
                (w0 & low).AsInt64(), (w1 & low).AsInt64(), out Vector256<double> n0, out Vector256<double> n1);
            Double256Functions.Normals(
                (w2 & low).AsInt64(), (w3 & low).AsInt64(), out Vector256<double> n2, out Vector256<double> n3);
            Vector256<double> even01 = Avx.UnpackLow(n0, n1);
            Vector256<double> even23 = Avx.UnpackLow(n2, n3);
            Vector256<double> odd01 = Avx.UnpackHigh(n0, n1);
            Vector256<double> odd23 = Avx.UnpackHigh(n2, n3);
            Avx.Permute2x128(even01, even23, 0x20).Store(destination);
            Avx.Permute2x128(odd01, odd23, 0x20).Store(destination + 4);
            Avx.Permute2x128(even01, even23, 0x31).Store(destination + 8);
            Avx.Permute2x128(odd01, odd23, 0x31).Store(destination + 12);
            blocks += Vector256.Create(4UL);
        }
    }
}
