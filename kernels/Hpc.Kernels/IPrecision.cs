using Hpc.Kernels.Memory;

namespace Hpc.Kernels;

/// <summary>The functions of Hpc.Numerics at one precision, compiled for the device from the same source.</summary>
internal interface IPrecision<T>
    where T : unmanaged
{
    /// <summary>
    /// Four standard normal numbers from one Philox block, as <see cref="Hpc.Numerics.Randomness.RandomStream"/> makes them.
    /// </summary>
    static abstract Four<T> Normals(uint key0, uint key1, long step, long block);

    /// <summary>erf x.</summary>
    static abstract T Erf(T x);

    /// <summary>(2/√π)·exp(−x²).</summary>
    static abstract T ErfDerivative(T x);
}
