namespace Hpc.Numerics.Randomness;

/// <summary>Uniform numbers, one block at a time.</summary>
internal readonly unsafe struct UniformKernel : IBlockKernel<double>
{
    public static int GroupBlocks => 1;

    public static void Generate(uint key0, uint key1, ulong step, ulong block, double* destination, long groups)
    {
        const double Scale = 1.0 / (1L << 32);
        for (long g = 0; g < groups; g++, block++, destination += 4)
        {
            (uint w0, uint w1, uint w2, uint w3) = ((uint)block, (uint)(block >> 32), (uint)step, (uint)(step >> 32));
            Philox4x32.Block(ref w0, ref w1, ref w2, ref w3, key0, key1);
            destination[0] = (w0 + 0.5) * Scale;
            destination[1] = (w1 + 0.5) * Scale;
            destination[2] = (w2 + 0.5) * Scale;
            destination[3] = (w3 + 0.5) * Scale;
        }
    }
}
