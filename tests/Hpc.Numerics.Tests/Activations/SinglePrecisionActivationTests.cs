using Hpc.Numerics.Activations;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Tests.Activations;

public class SinglePrecisionActivationTests
{
    // Every 97th bit pattern: 97 is prime, so every exponent and every low-order bit occurs.
    private const uint Stride = 97;

    [Fact]
    public void TanhErrsByAtMost5Ulps() => Sweep<Tanh>(Math.Tanh, 5.3);

    [Fact]
    public void TanhDerivativeErrsByAtMost6Ulps() => Sweep<TanhDerivative>(x => 1 / (Math.Cosh(x) * Math.Cosh(x)), 6.0);

    [Fact]
    public void ErfErrsByAtMost6Ulps() => Sweep<Erf>(Erf.Invoke, 6.1);

    [Fact]
    public void ErfDerivativeErrsByAtMost5Ulps() => Sweep<ErfDerivative>(x => 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x), 4.7);

    [Fact]
    public void ReluIsExact()
    {
        Sweep<Relu>(x => Math.Max(0, x), 0);
        Sweep<ReluDerivative>(x => x > 0 ? 1 : 0, 0);
    }

    [Fact]
    public void TanhIsExactWhereItRoundsToItsArgument()
    {
        for (uint bits = 1; bits < 0x39000000; bits += 1_000_003)
        {
            float x = BitConverter.UInt32BitsToSingle(bits);
            if (x < 1e-4f)
            {
                Assert.Equal(x, Tanh.Invoke(x));
            }
        }
    }

    [Fact]
    public void SpecialValues()
    {
        Assert.True(float.IsNaN(Tanh.Invoke(float.NaN)));
        Assert.True(float.IsNaN(TanhDerivative.Invoke(float.NaN)));
        Assert.True(float.IsNaN(Erf.Invoke(float.NaN)));
        Assert.True(float.IsNaN(ErfDerivative.Invoke(float.NaN)));
        Assert.True(float.IsNaN(Relu.Invoke(float.NaN)));
        Assert.True(float.IsNaN(ReluDerivative.Invoke(float.NaN)));
        Assert.Equal([1f, -1f], [Tanh.Invoke(float.PositiveInfinity), Tanh.Invoke(float.NegativeInfinity)]);
        Assert.Equal([1f, -1f], [Erf.Invoke(float.PositiveInfinity), Erf.Invoke(float.NegativeInfinity)]);
        Assert.Equal([0f, 0f], [TanhDerivative.Invoke(float.PositiveInfinity), ErfDerivative.Invoke(float.NegativeInfinity)]);
        Assert.Equal([float.PositiveInfinity, 0f], [Relu.Invoke(float.PositiveInfinity), Relu.Invoke(float.NegativeInfinity)]);
        Assert.Equal([1f, 0f, 0f], [ReluDerivative.Invoke(1f), ReluDerivative.Invoke(0f), ReluDerivative.Invoke(float.NegativeInfinity)]);
        Assert.True(float.IsNegative(Tanh.Invoke(-0f)) && float.IsNegative(Erf.Invoke(-0f)));
        Assert.False(float.IsNegative(Tanh.Invoke(0f)) || float.IsNegative(Erf.Invoke(0f)));
        Assert.Equal(1f, TanhDerivative.Invoke(0f));
        Assert.Equal(float.Epsilon, Tanh.Invoke(float.Epsilon));
    }

    private static void Sweep<TFunction>(Func<double, double> exact, double maximumUlps)
        where TFunction : struct, IElementwise<float>
    {
        const int Block = 1 << 14;
        float[] x = new float[Block];
        float[] y = new float[Block];
        float[] mirrored = new float[Block];
        double worst = 0;
        float worstAt = 0;
        for (ulong start = 0; start < 0x7F800000; start += Block * Stride)
        {
            for (uint i = 0; i < Block; i++)
            {
                x[i] = BitConverter.UInt32BitsToSingle((uint)Math.Min(start + i * Stride, 0x7F7FFFFF));
            }

            Elementwise.Apply<float, TFunction>(x, y);
            for (int i = 0; i < Block; i++)
            {
                double truth = exact(x[i]);
                double ulp = Math.ScaleB(1, Math.Max(Math.ILogB(truth), -126) - 23);
                double error = y[i] == truth ? 0 : Math.Abs(y[i] - truth) / ulp;
                if (!(error <= worst))
                {
                    worst = error;
                    worstAt = x[i];
                }

                x[i] = -x[i];
            }

            // The negative half: compared through the symmetry of the function itself, which must hold exactly.
            Elementwise.Apply<float, TFunction>(x, mirrored);
            for (int i = 0; i < Block; i++)
            {
                double ratio = typeof(TFunction) == typeof(Tanh) || typeof(TFunction) == typeof(Erf) ? -1
                    : typeof(TFunction) == typeof(Relu) || typeof(TFunction) == typeof(ReluDerivative) ? 0 : 1;
                if (mirrored[i] != (float)(ratio * y[i]))
                {
                    Assert.Fail($"f({x[i]:R}) = {mirrored[i]:R} but f({-x[i]:R}) = {y[i]:R}");
                }
            }
        }

        Assert.True(worst <= maximumUlps, $"{worst} ulp at {worstAt:R}, allowed {maximumUlps}");
    }
}
