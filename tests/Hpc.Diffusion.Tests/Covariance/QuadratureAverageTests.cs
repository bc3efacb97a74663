using Hpc.Diffusion.Covariance;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Simd;

namespace Hpc.Diffusion.Tests.Covariance;

public class QuadratureAverageTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(0.8)]
    [InlineData(1.5)]
    public void Averages_at_many_means_are_those_at_each_of_them(double deviation)
    {
        Check<Tanh>(deviation);
        Check<Erf>(deviation);
    }

    private static void Check<T>(double deviation)
        where T : struct, IElementwise<double>
    {
        var average = new QuadratureAverage<T>(6, deviation);
        foreach (double width in (double[])[1e-6, 0.3, 3])
        {
            // An odd number of them, so that there is a tail behind the vectors; few means are not interpolated.
            double[] means = [.. Enumerable.Range(0, 1001).Select(i => 0.7 + width * Math.Sin(0.1 + i))], many = new double[means.Length], few = new double[means.Length];
            for (int order = -1; order <= 6; order++)
            {
                Evaluate(means, many);
                for (int i = 0; i < means.Length; i += 7)
                {
                    Evaluate(means.AsSpan(i, 7), few.AsSpan(i, 7));
                }

                double error = means.Select((_, i) => Math.Abs(many[i] - few[i])).Max();
                Assert.True(error <= 5e-14, $"order {order}, width {width}: {error}");

                void Evaluate(ReadOnlySpan<double> at, Span<double> result)
                {
                    if (order < 0)
                    {
                        average.SecondMoment(at, deviation, result);
                    }
                    else
                    {
                        average.HermiteCoefficient(order, at, deviation, result);
                    }
                }
            }
        }
    }
}
