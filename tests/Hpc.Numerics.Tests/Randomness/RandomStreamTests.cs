using Hpc.Numerics.Activations;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Tests.Randomness;

public class RandomStreamTests
{
    private const long BlockOverflow = 4L << 32; // from here on the number of the block needs its second word

    [Fact]
    public void NumbersComeFromTheDocumentedCounters()
    {
        const uint Seed = 12345;
        const long Step = (7L << 32) + 3;
        double[] numbers = new double[11];
        new RandomStream(Seed, StreamPurpose.TestNoise).FillUniforms(Step, BlockOverflow + 1, numbers);
        for (int i = 0; i < numbers.Length; i++)
        {
            long index = BlockOverflow + 1 + i;
            uint[] words = [(uint)(index / 4), (uint)(index / 4 >> 32), 3, 7];
            Philox4x32.Block(ref words[0], ref words[1], ref words[2], ref words[3], Seed, 6);
            Assert.Equal((words[index % 4] + 0.5) / 4294967296.0, numbers[i]);
        }
    }

    [Fact]
    public void NormalsAreBoxAndMullersOfTheUniformWords()
    {
        var stream = new RandomStream(1, StreamPurpose.FirstLayer);
        double[] uniforms = new double[40_000];
        double[] normals = new double[40_000];
        stream.FillUniforms(5, 0, uniforms);
        stream.FillNormals(5, 0, normals);
        for (int i = 0; i < normals.Length; i += 2)
        {
            double radius = Math.Sqrt(-2 * Math.Log(uniforms[i]));
            (double sin, double cos) = Math.SinCos(2 * Math.PI * (uniforms[i + 1] - 0.5 / 4294967296.0));

            // 2π rounded moves the angle by up to 4 ulp of 2π.
            Assert.InRange(normals[i], radius * cos - 4e-15 * radius, radius * cos + 4e-15 * radius);
            Assert.InRange(normals[i + 1], radius * sin - 4e-15 * radius, radius * sin + 4e-15 * radius);
        }
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(0xFFFFFFFFu, 0x80000000u)]
    [InlineData(0xFFFFFFFEu, 0x40000000u)]
    [InlineData(0xFFFFFF00u, 0xC0000000u)]
    [InlineData(0xB504F333u, 0x20000000u)]
    [InlineData(0xB504F334u, 0x1FFFFFFFu)]
    [InlineData(0xB504F400u, 0xE0000000u)]
    [InlineData(1u, 0xDFFFFFFFu)]
    public void ExtremeWordsAreAccurateInBothPrecisions(uint w0, uint w1)
    {
        double u = (w0 + 0.5) / 4294967296.0;
        double radius = Math.Sqrt(u > 0.5 ? 2 * Series(1 - u) : -2 * Math.Log(u));
        DoubleFunctions<double, long, ScalarDouble>.Normals(w0, w1, out double first, out double second);
        Assert.InRange(Math.Sqrt(first * first + second * second) / radius, 1 - 2e-15, 1 + 2e-15);
        Assert.True(radius <= Math.Sqrt(2 * Math.Log(8589934592.0)));

        SingleFunctions<float, int, ScalarSingle>.Normals((int)w0, (int)w1, out float firstSingle, out float secondSingle);
        Assert.InRange(firstSingle, first - 2.5e-7 * radius, first + 2.5e-7 * radius);
        Assert.InRange(secondSingle, second - 2.5e-7 * radius, second + 2.5e-7 * radius);

        // −log(1 − d), free of cancellation.
        static double Series(double d)
        {
            double sum = 0;
            for (int n = 60; n > 0; n--)
            {
                sum = d * (1.0 / n + sum);
            }

            return sum;
        }
    }

    [Fact]
    public void SingleAndDoubleAreTheSameNumbersUpToRounding()
    {
        var stream = new RandomStream(2, StreamPurpose.TrainingData);
        float[] single = new float[1 << 20];
        double[] twice = new double[1 << 20];
        stream.FillNormals(0, 0, single);
        stream.FillNormals(0, 0, twice);
        for (int i = 0; i < single.Length; i += 2)
        {
            double tolerance = 2.5e-7 * Math.Sqrt(twice[i] * twice[i] + twice[i + 1] * twice[i + 1]);
            Assert.True(Math.Abs(single[i] - twice[i]) <= tolerance && Math.Abs(single[i + 1] - twice[i + 1]) <= tolerance, $"{i}");
        }
    }

    [Theory]
    [InlineData(SimdWidth.Scalar)]
    [InlineData(SimdWidth.Vector256)]
    [InlineData(SimdWidth.Vector512)]
    public void AnyPartAtAnyWidthIsThatPartOfTheWhole(SimdWidth width)
    {
        Assert.SkipWhen(width > SimdSupport.Widest, $"This processor has no {width}.");
        var stream = new RandomStream(3, StreamPurpose.ProbeVectors);
        const long Origin = BlockOverflow - 150;
        float[] whole = new float[400];
        double[] wholeDouble = new double[400];
        stream.FillNormals(9, Origin, whole, SimdWidth.Scalar);
        stream.FillNormals(9, Origin, wholeDouble, SimdWidth.Scalar);
        for (int start = 0; start < 12; start++)
        {
            for (int length = 0; length < 300; length += length < 70 ? 1 : 37)
            {
                float[] part = new float[length];
                double[] partDouble = new double[length];
                stream.FillNormals(9, Origin + start, part, width);
                stream.FillNormals(9, Origin + start, partDouble, width);
                Assert.Equal(whole[start..(start + length)], part);
                Assert.Equal(wholeDouble[start..(start + length)], partDouble);
            }
        }
    }

    [Fact]
    public void FillingAllocatesNothing()
    {
        var stream = new RandomStream(4, StreamPurpose.TestData);
        float[] numbers = new float[1001];
        stream.FillNormals(0, 1, numbers);
        long before = GC.GetAllocatedBytesForCurrentThread();
        stream.FillNormals(0, 1, numbers);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void RefusesNegativePositions()
    {
        var stream = new RandomStream(1, StreamPurpose.FirstLayer);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.FillNormals(-1, 0, new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.FillUniforms(0, -1, new double[1]));
    }
}
