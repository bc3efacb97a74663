namespace Hpc.Numerics.Randomness;

/// <summary>Turns runs of consecutive Philox blocks into four numbers each, in the order of the blocks.</summary>
/// <typeparam name="T">Type of the numbers.</typeparam>
internal unsafe interface IBlockKernel<T>
    where T : unmanaged
{
    /// <summary>Number of blocks that are computed together.</summary>
    static abstract int GroupBlocks { get; }

    /// <summary>Writes 4·<see cref="GroupBlocks"/>·<paramref name="groups"/> numbers.</summary>
    /// <param name="key0">First word of the key.</param>
    /// <param name="key1">Second word of the key.</param>
    /// <param name="step">Upper half of the counter.</param>
    /// <param name="block">Lower half of the first counter.</param>
    /// <param name="destination">Where the numbers go.</param>
    /// <param name="groups">Number of groups.</param>
    static abstract void Generate(uint key0, uint key1, ulong step, ulong block, T* destination, long groups);
}
