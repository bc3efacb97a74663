using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>
/// 8×8 sums: 64 fused multiply-adds for 4 vectorized loads from shared memory. The quadrants lie half a group's tile apart, so that
/// neighbouring threads read neighbouring quads and no bank of shared memory is asked twice.
/// </summary>
internal struct RegisterTile8<T> : IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Quadrant<T> upperLeft;
    private Quadrant<T> upperRight;
    private Quadrant<T> lowerLeft;
    private Quadrant<T> lowerRight;

    public static int Edge => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(ArrayView<Four<T>> shared, int left, int right, int half)
    {
        Four<T> upper = shared[left], lower = shared[left + half];
        Four<T> first = shared[right], second = shared[right + half];
        upperLeft.Accumulate(upper, first);
        upperRight.Accumulate(upper, second);
        lowerLeft.Accumulate(lower, first);
        lowerRight.Accumulate(lower, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weigh(DeviceView<T> factors, int row, int column, int half)
    {
        upperLeft.Weigh(factors, row, column);
        upperRight.Weigh(factors, row, column + 4 * half);
        lowerLeft.Weigh(factors, row + 4 * half, column);
        lowerRight.Weigh(factors, row + 4 * half, column + 4 * half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TEpilogue>(DeviceView<T> result, T alpha, T beta, int row, int column, int half)
        where TEpilogue : struct, IElementwise<T>
    {
        upperLeft.Store<TEpilogue>(result, alpha, beta, row, column);
        upperRight.Store<TEpilogue>(result, alpha, beta, row, column + 4 * half);
        lowerLeft.Store<TEpilogue>(result, alpha, beta, row + 4 * half, column);
        lowerRight.Store<TEpilogue>(result, alpha, beta, row + 4 * half, column + 4 * half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSymmetric(DeviceView<T> result, T alpha, int row, int column, int half)
    {
        upperLeft.AddSymmetric(result, alpha, row, column);
        upperRight.AddSymmetric(result, alpha, row, column + 4 * half);
        lowerLeft.AddSymmetric(result, alpha, row + 4 * half, column);
        lowerRight.AddSymmetric(result, alpha, row + 4 * half, column + 4 * half);
    }
}
