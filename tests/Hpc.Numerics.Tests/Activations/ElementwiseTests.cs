using System.Runtime.InteropServices;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Tests.Activations;

public class ElementwiseTests
{
    [Theory]
    [InlineData(SimdWidth.Vector256)]
    [InlineData(SimdWidth.Vector512)]
    public void WidthsAgreeBitForBit(SimdWidth width)
    {
        Assert.SkipWhen(width > SimdSupport.Widest, $"This processor has no {width}.");
        Compare<Tanh>(width);
        Compare<TanhDerivative>(width);
        Compare<Erf>(width);
        Compare<ErfDerivative>(width);
        Compare<Relu>(width);
        Compare<ReluDerivative>(width);
    }

    [Theory]
    [InlineData(SimdWidth.Scalar)]
    [InlineData(SimdWidth.Vector256)]
    [InlineData(SimdWidth.Vector512)]
    public void EveryLengthIsFilledAndNothingBeyond(SimdWidth width)
    {
        Assert.SkipWhen(width > SimdSupport.Widest, $"This processor has no {width}.");
        for (int length = 0; length < 70; length++)
        {
            float[] x = Enumerable.Range(0, length).Select(i => 0.1f * i - 3).ToArray();
            float[] y = new float[length + 1];
            y[length] = 42;
            Elementwise.Apply<float, Tanh>(x, y.AsSpan(0, length), width);
            Assert.Equal(x.Select(Tanh.Invoke).Append(42f), y);

            // In place.
            Elementwise.Apply<float, Tanh>(x, x, width);
            Assert.Equal(y[..length], x);
        }
    }

    [Fact]
    public void RefusesSpansThatDoNotFit()
    {
        float[] x = new float[20];
        Assert.Contains("20", Assert.Throws<ArgumentException>(() => Elementwise.Apply<float, Tanh>(x, new float[19])).Message);
        Assert.Throws<ArgumentException>(() => Elementwise.Apply<float, Tanh>(x.AsSpan(0, 16), x.AsSpan(1, 16)));
    }

    private static void Compare<TFunction>(SimdWidth width)
        where TFunction : struct, IElementwise<float>, IElementwise<double>
    {
        var random = new Random(3);
        float[] single = new float[100_003];
        double[] twice = new double[100_003];
        random.NextBytes(MemoryMarshal.AsBytes(single.AsSpan(0, 20_000)));
        random.NextBytes(MemoryMarshal.AsBytes(twice.AsSpan(0, 20_000)));
        for (int i = 20_000; i < single.Length; i++)
        {
            twice[i] = 20 * random.NextDouble() - 10;
            single[i] = (float)twice[i];
        }

        single[^1] = float.NaN;
        twice[^1] = double.NaN;
        CompareElements<float, TFunction>(single, width);
        CompareElements<double, TFunction>(twice, width);
    }

    private static void CompareElements<T, TFunction>(T[] x, SimdWidth width)
        where T : unmanaged
        where TFunction : struct, IElementwise<T>
    {
        T[] expected = new T[x.Length];
        T[] actual = new T[x.Length];
        Elementwise.Apply<T, TFunction>(x, expected, SimdWidth.Scalar);
        Elementwise.Apply<T, TFunction>(x, actual, width);
        for (int i = 0; i < x.Length; i++)
        {
            // Equals tells zeros of either sign apart only through the text; NaN equals NaN.
            if (!expected[i].Equals(actual[i]) || expected[i].ToString() != actual[i].ToString())
            {
                Assert.Fail($"{typeof(TFunction).Name}({x[i]}) = {actual[i]} at {width}, {expected[i]} in scalar");
            }
        }
    }
}
