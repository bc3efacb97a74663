using System.Numerics.Tensors;

namespace Hpc.Diffusion.Covariance;

/// <summary>Where a Mehler series may end.</summary>
public static class SeriesOrder
{
    /// <summary>
    /// The first order whose remainder bound is below <see cref="MehlerSeries.RelativeTolerance"/> times the mean of T(1), or
    /// <see cref="MehlerSeries.LargestOrder"/>. T_i(k) = E[φ_i²] − Σ_(j≤k) mean C_j[i]² is the part of feature i beyond order k.
    /// </summary>
    /// <param name="secondMoment">E[φ_i²], averaged over the samples.</param>
    /// <param name="squares">C_k[i]² averaged over the samples, given k; asked for in turn.</param>
    /// <param name="remainder">√(Σ_(i≠j) ρ_ij^(2k+2) T_i T_j), given k and T.</param>
    public static (int Order, double Bound) Choose(double[] secondMoment, Func<int, double[]> squares, Func<int, double[], double> remainder)
    {
        double[] tail = (double[])secondMoment.Clone();
        double tolerance = 0;
        for (int k = 0; ; k++)
        {
            double[] captured = squares(k);
            for (int i = 0; i < tail.Length; i++)
            {
                // A difference of numbers of order one cannot be trusted below their rounding.
                tail[i] = Math.Max(tail[i] - captured[i], 1e-16 * secondMoment[i]);
            }

            if (k == 1)
            {
                tolerance = MehlerSeries.RelativeTolerance * TensorPrimitives.Sum<double>(tail) / tail.Length;
            }

            if (k >= 1)
            {
                double bound = remainder(k, tail);
                if (bound <= tolerance || k == MehlerSeries.LargestOrder)
                {
                    return (k, bound);
                }
            }
        }
    }
}
