using System.Numerics;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Covariance;

/// <summary>
/// The Hermite coefficients of φ(x) = max(0, x) in closed form, which quadrature meets only slowly at the kink. With a = −h/σ, G the
/// normal density and Q its upper tail: C_0 = hQ(a) + σG(a), C_1 = σQ(a), C_k = σ He_(k−2)(a) G(a)/√(k!) for k ≥ 2 (integrate by parts
/// twice: φ″ is a point mass), and E[φ²] = (h² + σ²)Q(a) + hσG(a).
/// </summary>
/// <remarks>
/// One thread an element of h, padding included. Absolute error below 4 ulp of max(|h|, σ): Q is formed as ½(1 − erf), whose relative
/// accuracy in the tail is not needed. Arguments as in <see cref="HermiteCoefficientsKernel"/>, for any orders.
/// </remarks>
internal static class ReluCoefficientsKernel
{
    /// <param name="means">h, P×n.</param>
    /// <param name="deviations">σ, P×1.</param>
    /// <param name="recurrence">Row 0 is (1/√2, 1/2, 1/√8), row k is (1/√k, √(k−1)/√k, 1/√(k(k−1))).</param>
    /// <param name="coefficients">Receives C_firstOrder, C_(firstOrder + 1), …, ((end − firstOrder)·P)×n.</param>
    /// <param name="secondMoment">Receives E[φ²].</param>
    /// <param name="firstOrder">First order that is written.</param>
    /// <param name="end">One above the last.</param>
    public static void Run<T, TPrecision>(
        DeviceView<T> means, DeviceView<T> deviations, DeviceView<T> recurrence, DeviceView<T> coefficients, DeviceView<T> secondMoment,
        int firstOrder, int end)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TPrecision : struct, IPrecision<T>
    {
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / means.Stride), column = (int)(index % means.Stride);
        if (row >= means.Rows)
        {
            return;
        }

        T inside = column < means.Columns ? T.One : T.Zero;
        T h = means.Get(row, column), deviation = deviations.Get(row, 0), a = -h / deviation;
        T root = recurrence.Get(0, 0), x = a * root;
        T tail = recurrence.Get(0, 1) * (T.One - TPrecision.Erf(x)) * inside;
        T density = recurrence.Get(0, 2) * TPrecision.ErfDerivative(x) * inside;
        T scaled = deviation * density;
        secondMoment.Set(row, column, T.FusedMultiplyAdd(h * h + deviation * deviation, tail, h * scaled));
        T before = T.Zero, current = T.One;
        for (int k = 0; k < end; k++)
        {
            if (k > 2)
            {
                T next = a * current * recurrence.Get(k - 2, 0) - recurrence.Get(k - 2, 1) * before;
                before = current;
                current = next;
            }

            if (k >= firstOrder)
            {
                T value = k == 0 ? T.FusedMultiplyAdd(h, tail, scaled) : k == 1 ? deviation * tail : scaled * current * recurrence.Get(k, 2);
                coefficients.Set((k - firstOrder) * means.Rows + row, column, value);
            }
        }
    }
}
