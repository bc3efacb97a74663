namespace Hpc.Numerics.Randomness;

/// <summary>Normal numbers, one block at a time: the reference for the vector kernels.</summary>
internal readonly unsafe struct DoubleNormalKernel : IBlockKernel<double>
{
    public static int GroupBlocks => 1;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, double* destination, long groups)
    {
        for (long g = 0; g < groups; g++, block++, destination += 4)
        {
            (uint w0, uint w1, uint w2, uint w3) = ((uint)block, (uint)(block >> 32), (uint)step, (uint)(step >> 32));
            Philox4x32.Block(ref w0, ref w1, ref w2, ref w3, key0, key1);
            ScalarDoubleFunctions.Normals(w0, w1, out destination[0], out destination[1]);
            ScalarDoubleFunctions.Normals(w2, w3, out destination[2], out destination[3]);
        }
    }
}
