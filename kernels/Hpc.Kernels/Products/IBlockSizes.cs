namespace Hpc.Kernels.Products;

/// <summary>
/// Sizes of the work of one group, as a type argument so that they are constants of the kernel. The table of architectures is
/// <see cref="BlockSizes"/>.
/// </summary>
internal interface IBlockSizes
{
    /// <summary>Rows and columns of the tile of the result that a group computes.</summary>
    static abstract int Edge { get; }

    /// <summary>
    /// Length of the sums between two barriers. Every thread loads one quad of each factor: Depth = 4·Edge/(edge of the register tile)²,
    /// a multiple of 4.
    /// </summary>
    static abstract int Depth { get; }

    /// <summary>Threads of a group of the elementwise and reduction kernels, a power of two.</summary>
    static abstract int GroupSize { get; }
}
