using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Randomness;

/// <summary>
/// A stream of random numbers with random access. Number i of a step depends on nothing but the seed, the purpose, the step and i, so any
/// split of a range into parts, threads or ranks gives the same numbers.
/// </summary>
/// <remarks>
/// Number i is lane i mod 4 of the Philox4x32-10 block with key (seed, purpose) and counter words (low and high half of ⌊i/4⌋, low and high
/// half of the step). Normal and uniform numbers of the same step come from the same words: take one kind per step.
/// </remarks>
/// <param name="seed">Seed of the realization.</param>
/// <param name="purpose">What the numbers are for; streams of different purposes are independent.</param>
public readonly struct RandomStream(uint seed, StreamPurpose purpose)
{
    private readonly uint key0 = seed;
    private readonly uint key1 = (uint)purpose;

    /// <summary>
    /// Standard normal numbers <paramref name="firstIndex"/>, <paramref name="firstIndex"/> + 1, … of a step, by the transform of Box and
    /// Muller from two 32-bit words a pair. Their magnitude is at most √(2 log 2³³) ≈ 6.764, beyond which lies a mass of 1.3·10⁻¹¹.
    /// The numbers of both precisions differ by at most 2.5·10⁻⁷ of the radius of the pair (measured over 3·10⁷ numbers: 2.15·10⁻⁷).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The step or the first index is negative.</exception>
    public void FillNormals(long step, long firstIndex, Span<float> destination) =>
        FillNormals(step, firstIndex, destination, SimdSupport.Widest);

    /// <inheritdoc cref="FillNormals(long, long, Span{float})"/>
    public void FillNormals(long step, long firstIndex, Span<double> destination) =>
        FillNormals(step, firstIndex, destination, SimdSupport.Widest);

    /// <summary>
    /// Uniform numbers (w + ½)/2³² of 32-bit words w: in the open interval (0, 1), each exact, with mean ½.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The step or the first index is negative.</exception>
    public void FillUniforms(long step, long firstIndex, Span<double> destination) =>
        Fill<double, UniformKernel>(step, firstIndex, destination);

    internal void FillNormals(long step, long firstIndex, Span<float> destination, SimdWidth width)
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                Fill<float, SingleNormalKernel512>(step, firstIndex, destination);
                break;
            case SimdWidth.Vector256:
                Fill<float, SingleNormalKernel256>(step, firstIndex, destination);
                break;
            default:
                Fill<float, SingleNormalKernel>(step, firstIndex, destination);
                break;
        }
    }

    internal void FillNormals(long step, long firstIndex, Span<double> destination, SimdWidth width)
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                Fill<double, DoubleNormalKernel512>(step, firstIndex, destination);
                break;
            case SimdWidth.Vector256:
                Fill<double, DoubleNormalKernel256>(step, firstIndex, destination);
                break;
            default:
                Fill<double, DoubleNormalKernel>(step, firstIndex, destination);
                break;
        }
    }

    private unsafe void Fill<T, TKernel>(long step, long firstIndex, Span<T> destination)
        where T : unmanaged
        where TKernel : struct, IBlockKernel<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(firstIndex);
        int groupLength = 4 * TKernel.GroupBlocks;
        T* group = stackalloc T[groupLength];
        fixed (T* start = destination)
        {
            ulong index = (ulong)firstIndex;
            int position = 0;
            while (position < destination.Length)
            {
                int lane = (int)(index % 4);
                int groups = lane == 0 ? (destination.Length - position) / groupLength : 0;
                int count;
                if (groups > 0)
                {
                    count = groups * groupLength;
                    TKernel.Generate(key0, key1, (ulong)step, index / 4, start + position, groups);
                }
                else
                {
                    count = Math.Min(groupLength - lane, destination.Length - position);
                    TKernel.Generate(key0, key1, (ulong)step, index / 4, group, 1);
                    new ReadOnlySpan<T>(group + lane, count).CopyTo(destination[position..]);
                }

                position += count;
                index += (ulong)count;
            }
        }
    }
}
