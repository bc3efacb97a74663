namespace Hpc.Kernels.Products;

/// <summary>One table of block sizes for every architecture.</summary>
internal static class BlockSizes
{
    /// <summary>
    /// CUDA and GPUs under OpenCL, register tile 8×8: 256 threads, 17 kB of shared memory in single and 34 kB in double precision, below
    /// the 48 kB that every GPU offers; 64 sums and 16 operands stay in registers.
    /// </summary>
    public readonly struct Gpu : IBlockSizes
    {
        public static int Edge => 128;

        public static int Depth => 8;

        public static int GroupSize => 256;
    }

    /// <summary>OpenCL on a CPU, register tile 4×4: fewer threads to a barrier, each of which ends a loop over the group.</summary>
    public readonly struct OpenClCpu : IBlockSizes
    {
        public static int Edge => 32;

        public static int Depth => 8;

        public static int GroupSize => 64;
    }

    /// <summary>
    /// ILGPU's emulation, register tile 4×4: sixteen lanes are all that it has, and fewer make a barrier of the other kernels cheaper.
    /// </summary>
    public readonly struct Emulation : IBlockSizes
    {
        public static int Edge => 16;

        public static int Depth => 4;

        public static int GroupSize => 4;
    }
}
