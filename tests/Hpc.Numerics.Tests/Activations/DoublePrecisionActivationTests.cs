using Hpc.Numerics.Activations;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Tests.Activations;

public class DoublePrecisionActivationTests
{
    /// <summary>erf to 20 digits (mpmath, 60 digits of working precision).</summary>
    public static TheoryData<double, double> ErfTable => new()
    {
        { 5e-324, 5e-324 },
        { 1e-300, 1.1283791670955126022e-300 },
        { 1e-20, 1.128379167095512512e-20 },
        { 1e-08, 1.1283791670955125599e-8 },
        { 0.001, 0.0011283787909692364034 },
        { 0.0625, 0.070431977722387078051 },
        { 0.1, 0.1124629160182848984 },
        { 0.25, 0.27632639016823693299 },
        { 0.4, 0.42839235504666847645 },
        { 0.5, 0.52049987781304653768 },
        { 0.75, 0.7111556336535151316 },
        { 0.9, 0.79690821242283213966 },
        { 0.9999999999999999, 0.84270079294971482326 },
        { 1.0, 0.84270079294971486934 },
        { 1.0000000000000002, 0.84270079294971496151 },
        { 1.25, 0.92290012825645823014 },
        { 1.5, 0.96610514647531072707 },
        { 1.75, 0.98667167121918244377 },
        { 2.0, 0.99532226501895273416 },
        { 2.25, 0.9985372834133188483 },
        { 2.5, 0.99959304798255504106 },
        { 2.75, 0.99989937807788036316 },
        { 3.0, 0.99997790950300141456 },
        { 3.25, 0.99999569722053632488 },
        { 3.5, 0.99999925690162765859 },
        { 3.75, 0.9999998862727434302 },
        { 4.0, 0.99999998458274209972 },
        { 4.5, 0.99999999980338395585 },
        { 5.0, 0.99999999999846254021 },
        { 5.5, 0.99999999999999264215 },
        { 5.9, 0.9999999999999999281 },
        { 6.0, 0.99999999999999997848 },
        { 7.0, 1.0 },
        { 30.0, 1.0 },
    };

    [Theory]
    [MemberData(nameof(ErfTable))]
    public void ErfMatchesTable(double x, double expected)
    {
        // The table is itself rounded to the nearest double: half a unit more than the stated maximum.
        double tolerance = 3.5 * (Math.BitIncrement(expected) - expected);
        Assert.InRange(Erf.Invoke(x), expected - tolerance, expected + tolerance);
        Assert.Equal(-Erf.Invoke(x), Erf.Invoke(-x));
    }

    [Fact]
    public void TanhErrsByAtMost2Ulps() => Sweep<Tanh>(DecimalReference.Tanh, 18, 2.5);

    [Fact]
    public void ErfErrsByAtMost3Ulps() => Sweep<Erf>(DecimalReference.Erf, 5.9, 3.0);

    [Fact]
    public void TanhDerivativeErrsByAtMost5Ulps() => Sweep<TanhDerivative>(DecimalReference.TanhDerivative, 12, 5.5);

    [Fact]
    public void ErfDerivativeErrsByAtMost5Ulps() => Sweep<ErfDerivative>(DecimalReference.ErfDerivative, 4.5, 5.5);

    [Fact]
    public void TanhAgreesWithTheRuntimeAtEveryScale()
    {
        var random = new Random(1);
        for (int i = 0; i < 200_000; i++)
        {
            double x = Math.ScaleB(1 + random.NextDouble(), random.Next(-1074, 10));
            double expected = Math.Tanh(x);
            double ulp = Math.BitIncrement(expected) - expected;
            Assert.True(Math.Abs(Tanh.Invoke(x) - expected) <= 4 * ulp, $"x = {x:R}");
            Assert.Equal(-Tanh.Invoke(x), Tanh.Invoke(-x));
        }
    }

    [Fact]
    public void DerivativesKeepTheirRelativeAccuracyInTheTails()
    {
        // exp of the runtime errs by 1 ulp; its argument −x² is rounded, which the factorization into a coarse and a fine part avoids.
        for (double x = 5; x < 26; x += 0.0371)
        {
            double coarse = Math.Round(x * 16) / 16;
            double exact = 2 / Math.Sqrt(Math.PI) * Math.Exp(-coarse * coarse) * Math.Exp(-(x - coarse) * (x + coarse));
            Assert.InRange(ErfDerivative.Invoke(x) / exact, 1 - 2e-15, 1 + 2e-15);
            double sech = 1 / Math.Cosh(10 * x);
            Assert.InRange(TanhDerivative.Invoke(10 * x) / (sech * sech), 1 - 2e-15, 1 + 2e-15);
        }
    }

    [Fact]
    public void SpecialValues()
    {
        Assert.True(double.IsNaN(Tanh.Invoke(double.NaN)));
        Assert.True(double.IsNaN(TanhDerivative.Invoke(double.NaN)));
        Assert.True(double.IsNaN(Erf.Invoke(double.NaN)));
        Assert.True(double.IsNaN(ErfDerivative.Invoke(double.NaN)));
        Assert.True(double.IsNaN(Relu.Invoke(double.NaN)));
        Assert.True(double.IsNaN(ReluDerivative.Invoke(double.NaN)));
        Assert.Equal([1.0, -1.0], [Tanh.Invoke(double.PositiveInfinity), Tanh.Invoke(double.NegativeInfinity)]);
        Assert.Equal([1.0, -1.0], [Erf.Invoke(double.PositiveInfinity), Erf.Invoke(double.NegativeInfinity)]);
        Assert.Equal([0.0, 0.0], [TanhDerivative.Invoke(double.PositiveInfinity), ErfDerivative.Invoke(double.NegativeInfinity)]);
        Assert.Equal([2.5, 0.0, 0.0], [Relu.Invoke(2.5), Relu.Invoke(-2.5), Relu.Invoke(double.NegativeInfinity)]);
        Assert.Equal([1.0, 0.0, 0.0], [ReluDerivative.Invoke(2.5), ReluDerivative.Invoke(0.0), ReluDerivative.Invoke(-2.5)]);
        Assert.True(double.IsNegative(Tanh.Invoke(-0.0)) && double.IsNegative(Erf.Invoke(-0.0)));
        Assert.Equal(double.Epsilon, Tanh.Invoke(double.Epsilon));
    }

    private static void Sweep<TFunction>(Func<int, decimal> exact, double last, double maximumUlps)
        where TFunction : struct, IElementwise<double>
    {
        var random = new Random(2);
        double worst = 0;
        double worstAt = 0;
        for (int i = 0; i < 4000; i++)
        {
            int numerator = 1 + (int)(random.NextDouble() * (i % 2 == 0 ? last : 0.1 * last) * 1048576);
            double x = DecimalReference.Argument(numerator);
            double error = DecimalReference.ErrorInUlps(TFunction.Invoke(x), exact(numerator));
            if (error > worst)
            {
                worst = error;
                worstAt = x;
            }
        }

        Assert.True(worst <= maximumUlps, $"{worst} ulp at {worstAt:R}, allowed {maximumUlps}");
    }
}
