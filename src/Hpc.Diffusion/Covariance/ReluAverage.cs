using Hpc.Numerics.Activations;

namespace Hpc.Diffusion.Covariance;

/// <summary>
/// <see cref="IPreactivationAverage"/> in closed form for φ(x) = max(0, x). With a = −h/σ, G the normal density and Q its upper tail
/// probability: C_0 = hQ(a) + σG(a), C_1 = σQ(a), C_k = σ He_(k−2)(a) G(a)/√(k!) for k ≥ 2 (integrate by parts twice: φ'' is a point
/// mass), and E φ² = (h² + σ²)Q(a) + hσG(a).
/// </summary>
public sealed class ReluAverage : IPreactivationAverage
{
    /// <summary>Of the closed forms; the recurrence of high orders adds five an order.</summary>
    public double OperationsPerValue => 8;

    public void HermiteCoefficient(int order, ReadOnlySpan<double> means, double deviation, Span<double> result)
    {
        for (int i = 0; i < means.Length; i++)
        {
            double h = means[i], a = -h / deviation;
            result[i] = order switch
            {
                0 => h * UpperTail(a) + deviation * Density(a),
                1 => deviation * UpperTail(a),
                _ => deviation * Density(a) * ScaledHermite(order, a),
            };
        }
    }

    public void SecondMoment(ReadOnlySpan<double> means, double deviation, Span<double> result)
    {
        for (int i = 0; i < means.Length; i++)
        {
            double h = means[i], a = -h / deviation;
            result[i] = (h * h + deviation * deviation) * UpperTail(a) + h * deviation * Density(a);
        }
    }

    private static double Density(double a) => Math.Exp(-0.5 * a * a) / Math.Sqrt(2 * Math.PI);

    private static double UpperTail(double a) => 0.5 * (1 - Erf.Invoke(a / Math.Sqrt(2)));

    /// <summary>He_(k−2)(a)/√(k!).</summary>
    private static double ScaledHermite(int order, double a)
    {
        double previous = 0, current = 1;
        for (int k = 1; k <= order - 2; k++)
        {
            (previous, current) = (current, (a * current - Math.Sqrt(k - 1) * previous) / Math.Sqrt(k));
        }

        return current / Math.Sqrt((double)order * (order - 1));
    }
}
