namespace Hpc.Diffusion.Kernels;

/// <summary>
/// One register of doubles and what the products with stored features do with it: passed as a type argument, it makes the scalar and the
/// vector kernels out of one source.
/// </summary>
/// <typeparam name="T">Stored element: <see cref="float"/>, widened in the register, or <see cref="double"/>.</typeparam>
/// <typeparam name="V">The register.</typeparam>
internal unsafe interface IFeatureLanes<T, V>
    where T : unmanaged
    where V : struct
{
    /// <summary>Doubles in a register, a divisor of 8.</summary>
    static abstract int Count { get; }

    /// <summary>Whether there are 32 registers rather than 16, so that a tile may hold 16 sums.</summary>
    static abstract bool ManyRegisters { get; }

    static abstract V Load(double* source);

    /// <summary>Stored elements as doubles.</summary>
    static abstract V Widen(T* source);

    static abstract void Store(V value, double* target);

    static abstract V Broadcast(double value);

    /// <summary>a·b + c.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>Sum of the lanes.</summary>
    static abstract double Sum(V value);

    /// <summary>Asks for the cache line of an address, which need not be valid.</summary>
    static abstract void Prefetch(T* address);
}
