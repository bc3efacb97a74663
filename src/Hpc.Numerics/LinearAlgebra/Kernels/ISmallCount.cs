namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// A small number as a type, so that the compiler makes one kernel per size out of one source and drops the rows and columns beyond it.
/// </summary>
internal interface ISmallCount
{
    static abstract int Value { get; }
}
