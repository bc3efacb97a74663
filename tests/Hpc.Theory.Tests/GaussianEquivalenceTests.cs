using System.Numerics;
using Hpc.Diffusion.Spec;
using Hpc.Numerics;
using MathNet.Numerics;

namespace Hpc.Theory.Tests;

public class GaussianEquivalenceTests
{
    /// <summary>Bound of the doc comment of <see cref="GaussianEquivalence"/>, with the reference's own rounding (sums of 10^3 terms).</summary>
    private const double Tolerance = 2e-13;

    public static TheoryData<Activation, double, double, double> Grid()
    {
        var data = new TheoryData<Activation, double, double, double>();
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            foreach ((double variance, double time) in new[] { (0.5, 0.001), (0.25, 0.05), (3.0, 0.3), (1.0, 2.0), (0.0, 0.01) })
            {
                foreach (double projection in new[] { 0, 0.7, -1.9, 6 })
                {
                    data.Add(activation, variance, time, projection);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Grid))]
    public void CoefficientsMatchTheirDefiningIntegrals(Activation activation, double variance, double time, double projection)
    {
        EquivalentCoefficients at = new GaussianEquivalence(activation, variance, time).At(projection);
        double decay = Math.Exp(-time);
        double noise = -Elementary.ExpM1(-2 * time);
        double signal = decay * decay * variance;
        double total = Math.Sqrt(signal + noise);
        double mean = decay * projection;
        Func<double, double> smoothed = m => Smoothed(activation, m, Math.Sqrt(noise));
        double alpha = Smoothed(activation, mean, total);
        double kappa = Gain(activation, mean, total);
        double energy = Energy(activation, mean, total);
        double shared = Average(g => smoothed(mean + Math.Sqrt(signal) * g) * smoothed(mean + Math.Sqrt(signal) * g));
        double sample = shared - alpha * alpha - kappa * kappa * signal;

        Assert.Equal(alpha, at.MeanFeature, Tolerance);
        Assert.Equal(kappa, at.LinearGain, Tolerance);
        Assert.Equal(sample, at.SampleVariance, Tolerance * (1 + energy));
        Assert.Equal(energy - alpha * alpha - kappa * kappa * total * total - sample, at.NoiseVariance, Tolerance * (1 + energy));
        Assert.True(at.SampleVariance >= 0 && at.NoiseVariance >= 0);
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Erf)]
    [InlineData(Activation.Relu)]
    public void ComplexProjectionsContinueTheRealOnes(Activation activation)
    {
        var equivalence = new GaussianEquivalence(activation, 0.5, 0.01);
        foreach (double projection in new[] { 0.3, 1.5, 4.0 })
        {
            EquivalentCoefficients real = equivalence.At(projection);

            // The mean of an analytic function over a circle is its value at the centre; 32 points leave derivatives of order 32 and higher.
            Complex gain = 0;
            Complex sample = 0;
            Complex noise = 0;
            for (int j = 0; j < 32; j++)
            {
                (Complex g, Complex v, Complex s) = equivalence.At(projection + Complex.FromPolarCoordinates(0.4, Math.PI * (j + 0.5) / 16));
                gain += g / 32;
                sample += v / 32;
                noise += s / 32;
            }

            Assert.Equal(0, Complex.Abs(gain - real.LinearGain), 1e-12);
            Assert.Equal(0, Complex.Abs(sample - real.SampleVariance), 1e-12);
            Assert.Equal(0, Complex.Abs(noise - real.NoiseVariance), 1e-12);
        }
    }

    [Fact]
    public void CenteredErfAndReluFollowTheArcsineAndArccosineLaws()
    {
        const double Variance = 0.8;
        const double Time = 0.1;
        double signal = Math.Exp(-2 * Time) * Variance;
        double total = signal + 1 - Math.Exp(-2 * Time);

        // Williams 1998: E erf(X)erf(Y) = (2/π) asin(2c/(1 + 2q)).
        EquivalentCoefficients erf = new GaussianEquivalence(Activation.Erf, Variance, Time).At(0);
        double kappa = 2 / Math.Sqrt(Math.PI * (1 + 2 * total));
        Assert.Equal(2 / Math.PI * Math.Asin(2 * signal / (1 + 2 * total)) - kappa * kappa * signal, erf.SampleVariance, 1e-14);

        // Cho and Saul 2009: E relu(X)relu(Y) = q (sin θ + (π − θ) cos θ)/(2π).
        EquivalentCoefficients relu = new GaussianEquivalence(Activation.Relu, Variance, Time).At(0);
        double angle = Math.Acos(signal / total);
        double kernel = total * (Math.Sin(angle) + (Math.PI - angle) * Math.Cos(angle)) / (2 * Math.PI);
        Assert.Equal(kernel - total / (2 * Math.PI) - signal / 4, relu.SampleVariance, 1e-14);
    }

    [Fact]
    public void BadInputIsRefusedWithTheValueInTheMessage()
    {
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => new GaussianEquivalence(Activation.Tanh, -1, 0.1)).Message);
        Assert.Contains("time is 0", Assert.Throws<ArgumentException>(() => new GaussianEquivalence(Activation.Tanh, 1, 0)).Message);
        Assert.Contains("Relu", Assert.Throws<ArgumentException>(() => new GaussianEquivalence((Activation)77, 1, 0.1)).Message);
    }

    private static double Smoothed(Activation activation, double mean, double deviation) => activation switch
    {
        Activation.Relu => mean * Cumulative(mean / deviation) + deviation * Normal(mean / deviation),
        Activation.Erf => SpecialFunctions.Erf(mean / Math.Sqrt(1 + 2 * deviation * deviation)),
        _ => Average(z => Math.Tanh(mean + deviation * z)),
    };

    private static double Gain(Activation activation, double mean, double deviation) => activation switch
    {
        Activation.Relu => Cumulative(mean / deviation),
        Activation.Erf => Average(z => 2 / Math.Sqrt(Math.PI) * Math.Exp(-Math.Pow(mean + deviation * z, 2))),
        _ => Average(z => 1 - Math.Pow(Math.Tanh(mean + deviation * z), 2)),
    };

    private static double Energy(Activation activation, double mean, double deviation) => activation switch
    {
        Activation.Relu => (mean * mean + deviation * deviation) * Cumulative(mean / deviation) + mean * deviation * Normal(mean / deviation),
        Activation.Erf => Average(z => Math.Pow(SpecialFunctions.Erf(mean + deviation * z), 2)),
        _ => Average(z => Math.Pow(Math.Tanh(mean + deviation * z), 2)),
    };

    private static double Cumulative(double x) => 0.5 * SpecialFunctions.Erfc(-x / Math.Sqrt(2));

    private static double Normal(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>Trapezoidal rule: exponentially accurate for analytic functions; at step 1/48 down to features of width 0.02.</summary>
    private static double Average(Func<double, double> function)
    {
        const int Steps = 48;
        double sum = 0;
        for (int i = -9 * Steps; i <= 9 * Steps; i++)
        {
            double z = (double)i / Steps;
            sum += Normal(z) * function(z) / Steps;
        }

        return sum;
    }
}
