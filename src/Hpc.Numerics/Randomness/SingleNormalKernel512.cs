using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hpc.Numerics.Randomness;

/// <summary>Normal numbers, sixteen blocks at a time.</summary>
internal readonly unsafe struct SingleNormalKernel512 : IBlockKernel<float>
{
    public static int GroupBlocks => 16;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, float* destination, long groups)
    {
        // Lane 4q + i of the words belongs to block 4i + q: the 4×4 transposes of Store, which stay within 128 bits, then put every block
        // in its place. Even and odd lanes are generated apart.
        Vector512<ulong> evenBlocks = Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11) + Vector512.Create(block);
        Vector512<ulong> oddBlocks = Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15) + Vector512.Create(block);
        for (long g = 0; g < groups; g++, destination += 64)
        {
            Vector512<ulong> e0 = evenBlocks;
            Vector512<ulong> e1 = evenBlocks >>> 32;
            Vector512<ulong> e2 = Vector512.Create(step);
            Vector512<ulong> e3 = Vector512.Create(step >> 32);
            Vector512<ulong> o0 = oddBlocks;
            Vector512<ulong> o1 = oddBlocks >>> 32;
            Vector512<ulong> o2 = e2;
            Vector512<ulong> o3 = e3;
            Philox4x32.Blocks(ref e0, ref e1, ref e2, ref e3, key0, key1);
            Philox4x32.Blocks(ref o0, ref o1, ref o2, ref o3, key0, key1);
            Single512Functions.Normals(Merge(e0, o0), Merge(e1, o1), out Vector512<float> n0, out Vector512<float> n1);
            Single512Functions.Normals(Merge(e2, o2), Merge(e3, o3), out Vector512<float> n2, out Vector512<float> n3);
            Store(n0, n1, n2, n3, destination);
            evenBlocks += Vector512.Create(16UL);
            oddBlocks += Vector512.Create(16UL);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Merge(Vector512<ulong> even, Vector512<ulong> odd) =>
        Vector512.ConditionalSelect(Vector512.Create(0xFFFFFFFFUL), even, odd << 32).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> n0, Vector512<float> n1, Vector512<float> n2, Vector512<float> n3, float* destination)
    {
        Vector512<double> low01 = Avx512F.UnpackLow(n0, n1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(n2, n3).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(n0, n1).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(n2, n3).AsDouble();
        Avx512F.UnpackLow(low01, low23).AsSingle().Store(destination);
        Avx512F.UnpackHigh(low01, low23).AsSingle().Store(destination + 16);
        Avx512F.UnpackLow(high01, high23).AsSingle().Store(destination + 32);
        Avx512F.UnpackHigh(high01, high23).AsSingle().Store(destination + 48);
    }
}
