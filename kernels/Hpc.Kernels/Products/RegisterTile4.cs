using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>4×4 sums: 16 fused multiply-adds for 2 vectorized loads from shared memory.</summary>
internal struct RegisterTile4<T> : IRegisterTile<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Quadrant<T> sums;

    public static int Edge => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(ArrayView<Four<T>> shared, int left, int right, int half) =>
        sums.Accumulate(shared[left], shared[right]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weigh(DeviceView<T> factors, int row, int column, int half) => sums.Weigh(factors, row, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TEpilogue>(DeviceView<T> result, T alpha, T beta, int row, int column, int half)
        where TEpilogue : struct, IElementwise<T> =>
        sums.Store<TEpilogue>(result, alpha, beta, row, column);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSymmetric(DeviceView<T> result, T alpha, int row, int column, int half) => sums.AddSymmetric(result, alpha, row, column);
}
