using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;
using ILGPU;

namespace Hpc.Kernels.Covariance;

/// <summary>
/// C_k[i, μ] = Σ_q w_q He_k(z_q)/√(k!) φ(h[i, μ] + σ_i z_q) for up to eight consecutive orders k, and E[φ²] (theory.md section 2), by
/// Gauss–Hermite quadrature.
/// </summary>
/// <remarks>
/// One thread an element of h, padding included: each φ is computed once for all eight orders. For Q nodes: Q·(φ + 11 multiply-adds)
/// operations and one
/// element read, up to nine written, for each element.
/// </remarks>
internal static class HermiteCoefficientsKernel
{
    /// <summary>Orders of one launch.</summary>
    public const int Orders = 8;

    /// <param name="means">h, P×n.</param>
    /// <param name="deviations">σ, P×1.</param>
    /// <param name="nodes">z, Q×1.</param>
    /// <param name="weights">Column j of row q is w_q He_k(z_q)/√(k!) of order j of the launch; column 8 is w_q. Q×9.</param>
    /// <param name="coefficients">Receives C, order by order, (orders·P)×n.</param>
    /// <param name="secondMoment">Receives E[φ²], P×n.</param>
    /// <param name="orders">Number of orders of this launch, at most 8.</param>
    public static void Run<T, TActivation>(
        DeviceView<T> means, DeviceView<T> deviations, DeviceView<T> nodes, DeviceView<T> weights,
        DeviceView<T> coefficients, DeviceView<T> secondMoment, int orders)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TActivation : struct, IElementwise<T>
    {
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / means.Stride), column = (int)(index % means.Stride);
        if (row >= means.Rows)
        {
            return;
        }

        // The padding behind the last sample must stay zero: it enters the products that follow.
        int count = column < means.Columns ? nodes.Rows : 0;
        T mean = means.Get(row, column), deviation = deviations.Get(row, 0), square = T.Zero;
        Eight<T> sums = default;
        for (int q = 0; q < count; q++)
        {
            T value = TActivation.Invoke(T.FusedMultiplyAdd(deviation, nodes.Get(q, 0), mean));
            square = T.FusedMultiplyAdd(weights.Get(q, Orders) * value, value, square);
            sums.A = T.FusedMultiplyAdd(weights.Get(q, 0), value, sums.A);
            sums.B = T.FusedMultiplyAdd(weights.Get(q, 1), value, sums.B);
            sums.C = T.FusedMultiplyAdd(weights.Get(q, 2), value, sums.C);
            sums.D = T.FusedMultiplyAdd(weights.Get(q, 3), value, sums.D);
            sums.E = T.FusedMultiplyAdd(weights.Get(q, 4), value, sums.E);
            sums.F = T.FusedMultiplyAdd(weights.Get(q, 5), value, sums.F);
            sums.G = T.FusedMultiplyAdd(weights.Get(q, 6), value, sums.G);
            sums.H = T.FusedMultiplyAdd(weights.Get(q, 7), value, sums.H);
        }

        secondMoment.Set(row, column, square);
        Put(coefficients, means.Rows, row, column, 0, orders, sums.A);
        Put(coefficients, means.Rows, row, column, 1, orders, sums.B);
        Put(coefficients, means.Rows, row, column, 2, orders, sums.C);
        Put(coefficients, means.Rows, row, column, 3, orders, sums.D);
        Put(coefficients, means.Rows, row, column, 4, orders, sums.E);
        Put(coefficients, means.Rows, row, column, 5, orders, sums.F);
        Put(coefficients, means.Rows, row, column, 6, orders, sums.G);
        Put(coefficients, means.Rows, row, column, 7, orders, sums.H);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(DeviceView<T> coefficients, int features, int row, int column, int order, int orders, T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (order < orders)
        {
            coefficients.Set(order * features + row, column, value);
        }
    }
}
