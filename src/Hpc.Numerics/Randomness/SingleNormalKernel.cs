namespace Hpc.Numerics.Randomness;

/// <summary>Normal numbers, one block at a time: the reference for the vector kernels.</summary>
internal readonly unsafe struct SingleNormalKernel : IBlockKernel<float>
{
    public static int GroupBlocks => 1;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, float* destination, long groups)
    {
        for (long g = 0; g < groups; g++, block++, destination += 4)
        {
            (uint w0, uint w1, uint w2, uint w3) = ((uint)block, (uint)(block >> 32), (uint)step, (uint)(step >> 32));
            Philox4x32.Block(ref w0, ref w1, ref w2, ref w3, key0, key1);
            ScalarSingleFunctions.Normals((int)w0, (int)w1, out destination[0], out destination[1]);
            ScalarSingleFunctions.Normals((int)w2, (int)w3, out destination[2], out destination[3]);
        }
    }
}
