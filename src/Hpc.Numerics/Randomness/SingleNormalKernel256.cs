using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.Randomness;

/// <summary>Normal numbers, eight blocks at a time.</summary>
internal readonly unsafe struct SingleNormalKernel256 : IBlockKernel<float>
{
    public static int GroupBlocks => 8;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, float* destination, long groups)
    {
        // Lane 4q + i of the words belongs to block 2i + q: the 4×4 transposes of Store, which stay within 128 bits, then put every block
        // in its place. Even and odd lanes are generated apart.
        Vector256<ulong> evenBlocks = Vector256.Create(0UL, 4, 1, 5) + Vector256.Create(block);
        Vector256<ulong> oddBlocks = Vector256.Create(2UL, 6, 3, 7) + Vector256.Create(block);
        for (long g = 0; g < groups; g++, destination += 32)
        {
            Vector256<ulong> e0 = evenBlocks;
            Vector256<ulong> e1 = evenBlocks >>> 32;
            Vector256<ulong> e2 = Vector256.Create(step);
            Vector256<ulong> e3 = Vector256.Create(step >> 32);
            Vector256<ulong> o0 = oddBlocks;
            Vector256<ulong> o1 = oddBlocks >>> 32;
            Vector256<ulong> o2 = e2;
            Vector256<ulong> o3 = e3;
            Philox4x32.Blocks(ref e0, ref e1, ref e2, ref e3, key0, key1);
            Philox4x32.Blocks(ref o0, ref o1, ref o2, ref o3, key0, key1);
            Single256Functions.Normals(Merge(e0, o0), Merge(e1, o1), out Vector256<float> n0, out Vector256<float> n1);
            Single256Functions.Normals(Merge(e2, o2), Merge(e3, o3), out Vector256<float> n2, out Vector256<float> n3);
            Store(n0, n1, n2, n3, destination);
            evenBlocks += Vector256.Create(8UL);
            oddBlocks += Vector256.Create(8UL);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Merge(Vector256<ulong> even, Vector256<ulong> odd) =>
        Vector256.ConditionalSelect(Vector256.Create(0xFFFFFFFFUL), even, odd << 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> n0, Vector256<float> n1, Vector256<float> n2, Vector256<float> n3, float* destination)
    {
        Vector256<double> low01 = Avx.UnpackLow(n0, n1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(n2, n3).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(n0, n1).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(n2, n3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(destination);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(destination + 8);
        Avx.UnpackLow(high01, high23).AsSingle().Store(destination + 16);
        Avx.UnpackHigh(high01, high23).AsSingle().Store(destination + 24);
    }
}
