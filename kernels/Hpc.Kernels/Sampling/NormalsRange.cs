namespace Hpc.Kernels.Sampling;

/// <summary>
/// A run of the normal numbers of one step of a stream: number i goes to element i − FirstIndex of the target, row by row.
/// </summary>
/// <param name="Key0">Seed.</param>
/// <param name="Key1">Purpose, a <see cref="Hpc.Numerics.Randomness.StreamPurpose"/>.</param>
/// <param name="Step">Step of the stream.</param>
/// <param name="FirstIndex">Index of the first number.</param>
internal readonly struct NormalsRange(uint Key0, uint Key1, long Step, long FirstIndex)
{
    public readonly uint Key0 = Key0;
    public readonly uint Key1 = Key1;
    public readonly long Step = Step;
    public readonly long FirstIndex = FirstIndex;
}
