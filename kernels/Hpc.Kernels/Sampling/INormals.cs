using Hpc.Kernels.Memory;

namespace Hpc.Kernels.Sampling;

/// <summary>Four standard normal numbers from one Philox block, by the formulas of <see cref="Hpc.Numerics.Randomness.RandomStream"/>.</summary>
internal interface INormals<T>
    where T : unmanaged
{
    static abstract Four<T> Block(uint key0, uint key1, long step, long block);
}
