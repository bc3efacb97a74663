using System.Numerics;
using System.Runtime.InteropServices;
using Hpc.Diffusion.Kernels;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Kernels;

public abstract class FreshNoiseEpochTests<T, TTanh, TRelu>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTanh : struct, IElementwise<T>
    where TRelu : struct, IElementwise<T>
{
    private const double DiffusionTime = 0.3;
    private const double LearningRate = 0.05;

    public static IEnumerable<SimdWidth> Widths => Enum.GetValues<SimdWidth>().Where(width => width <= SimdSupport.Widest);

    /// <summary>Unit roundoff: 2⁻²⁴ or 2⁻⁵³, the distance from 1 to the next smaller number.</summary>
    private static double Unit => 1 - double.CreateChecked(T.BitDecrement(T.One));

    [Theory]
    [InlineData(7, 29, 37, 20)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(13, 50, 301, 100)]
    [InlineData(33, 270, 65, 65)]
    [InlineData(261, 15, 40, 1)]
    [InlineData(20, 131, 513, 200)]
    public void FollowsTheLoops(int dimension, int features, int samples, int firstClass)
    {
        foreach (SimdWidth width in Widths)
        {
            Compare<TTanh>(width, dimension, features, samples, firstClass, Math.Tanh, 6);
            Compare<TRelu>(width, dimension, features, samples, firstClass, x => Math.Max(x, 0), 0);
        }
    }

    [Fact]
    public void IsTheSameOnAnyNumberOfThreads()
    {
        foreach (SimdWidth width in Widths)
        {
            (double[] Losses, double[] Readout)[] results = [.. new[] { 1, 2, 3, 7 }.Select(threads => RunThree(width, threads))];
            foreach ((double[] losses, double[] readout) in results[1..])
            {
                Assert.Equal(results[0].Losses, losses);
                Assert.Equal(results[0].Readout, readout);
            }
        }
    }

    [Fact]
    public void AllocatesNothing()
    {
        using var team = new ThreadTeam(2);
        using Matrix<T> firstLayer = Normal(150, 12, 1);
        using Matrix<T> x = Normal(300, 12, 2);
        using var epoch = FreshNoiseEpoch<T>.Create<TTanh>(
            team, firstLayer.View, x.View, [100, 200], DiffusionTime, LearningRate, Noise(12));
        var losses = new double[2];
        var allocated = new long[2];
        Action<int> count = i => allocated[i] = GC.GetAllocatedBytesForCurrentThread() - allocated[i];
        epoch.Run(0, losses);
        team.Run(count);
        for (int i = 1; i < 20; i++)
        {
            epoch.Run(i, losses);
        }

        team.Run(count);
        Assert.Equal([0L, 0L], allocated);
    }

    [Fact]
    public void AsksForTheNoiseOfEverySampleOncePerEpoch()
    {
        const int Dimension = 5;
        const int Samples = 289;
        using var team = new ThreadTeam(2);
        using Matrix<T> firstLayer = Normal(9, Dimension, 1);
        using Matrix<T> x = Normal(Samples, Dimension, 2);
        var seen = new int[2, Samples];
        using var epoch = FreshNoiseEpoch<T>.Create<TTanh>(
            team, firstLayer.View, x.View, [Samples], DiffusionTime, LearningRate, (number, first, noise) =>
            {
                Assert.InRange(noise.Length, Dimension, 32 * Dimension);
                Assert.Equal(0, noise.Length % Dimension);
                noise.Clear();
                for (int i = 0; i < noise.Length / Dimension; i++)
                {
                    Interlocked.Increment(ref seen[number - 10, first + i]);
                }
            });
        epoch.Run(10, new double[1]);
        epoch.Run(11, new double[1]);
        foreach (int times in seen)
        {
            Assert.Equal(1, times);
        }
    }

    [Fact]
    public void StartsFromTheReadoutThatTheCallerSets()
    {
        using var team = new ThreadTeam(1);
        using Matrix<T> firstLayer = Normal(9, 5, 1);
        using Matrix<T> x = Normal(20, 5, 2);
        using var epoch = FreshNoiseEpoch<T>.Create<TTanh>(
            team, firstLayer.View, x.View, [20, 0], DiffusionTime, LearningRate, (_, _, noise) => noise.Clear());
        var losses = new double[2];
        epoch.Run(0, losses);
        Assert.Equal(0, losses[0]);
        Assert.Equal(double.NaN, losses[1]);
        Assert.Equal(5, epoch.Readout.Rows);
        Assert.Equal(9, epoch.Readout.Columns);

        // Without noise R = √Δ A φ(W e^{−t}x/√N): doubling A quadruples the loss.
        epoch.Readout[2, 7] = 0.5;
        double kept = Loss(epoch);
        for (int i = 0; i < 5; i++)
        {
            for (int j = 0; j < 9; j++)
            {
                epoch.Readout[i, j] = 0;
            }
        }

        epoch.Readout[2, 7] = 1;
        Assert.True(kept > 0);
        Assert.Equal(4 * kept, Loss(epoch), 10 * Unit * kept);

        static double Loss(FreshNoiseEpoch<T> epoch)
        {
            var losses = new double[2];
            epoch.Run(1, losses);
            return losses[0];
        }
    }

    [Fact]
    public void NamesWhatDoesNotFit()
    {
        using var team = new ThreadTeam(1);
        using Matrix<T> firstLayer = Normal(9, 5, 1);
        using Matrix<T> x = Normal(20, 5, 2);
        using Matrix<T> narrow = Normal(20, 4, 2);
        FreshNoiseEpoch<T> Create(Matrix<T> samples, int[] sizes, double time, double rate) => FreshNoiseEpoch<T>.Create<TTanh>(
            team, firstLayer.View, samples.View, sizes, time, rate, (_, _, _) => { });
        Assert.Contains("20×4", Assert.Throws<ArgumentException>(() => Create(narrow, [20], 1, 1)).Message);
        Assert.Contains("19", Assert.Throws<ArgumentException>(() => Create(x, [19], 1, 1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(x, [21, -1], 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(x, [20], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(x, [20], 1, double.NaN));
        using FreshNoiseEpoch<T> epoch = Create(x, [20], 1, 1);
        Assert.Throws<ArgumentException>(() => epoch.Run(0, new double[2]));
    }

    private static void Compare<TActivation>(
        SimdWidth width, int dimension, int features, int samples, int firstClass, Func<double, double> activation, double activationError)
        where TActivation : struct, IElementwise<T>
    {
        int[] sizes = [firstClass, samples - firstClass];
        using var team = new ThreadTeam(2);
        using Matrix<T> firstLayer = Normal(features, dimension, 1);
        using Matrix<T> x = Normal(samples, dimension, 2);
        var reference = new FreshNoiseReference(
            ToDouble(firstLayer), ToDouble(x), sizes, DiffusionTime, LearningRate, activation, activationError,
            2 * Unit); // in double the reference errs as much as what it judges
        NoiseSource<T> noise = Noise(dimension);
        using var epoch = FreshNoiseEpoch<T>.Create<TActivation>(
            width, team, firstLayer.View, x.View, sizes, DiffusionTime, LearningRate, noise);
        using var all = new Matrix<T>(samples, dimension);
        var losses = new double[2];
        for (int number = 0; number < 3; number++)
        {
            noise(number, 0, all.Span);
            (double[] expected, double[] errors) = reference.Run((sample, n) => double.CreateChecked(all[sample, n]));
            epoch.Run(number, losses);
            for (int c = 0; c < 2; c++)
            {
                if (sizes[c] > 0)
                {
                    Assert.InRange(losses[c] - expected[c], -errors[c], errors[c]);
                }
            }

            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < features; j++)
                {
                    double tolerance = reference.ReadoutError[i, j];
                    Assert.InRange(epoch.Readout[i, j] - reference.Readout[i, j], -tolerance, tolerance);
                }
            }
        }
    }

    private static (double[] Losses, double[] Readout) RunThree(SimdWidth width, int threads)
    {
        using var team = new ThreadTeam(threads);
        using Matrix<T> firstLayer = Normal(300, 35, 1);
        using Matrix<T> x = Normal(333, 35, 2);
        using var epoch = FreshNoiseEpoch<T>.Create<TTanh>(
            width, team, firstLayer.View, x.View, [133, 200], DiffusionTime, LearningRate, Noise(35));
        var losses = new double[6];
        for (int number = 0; number < 3; number++)
        {
            epoch.Run(number, losses.AsSpan(2 * number, 2));
        }

        var readout = new double[35 * 300];
        for (int i = 0; i < readout.Length; i++)
        {
            readout[i] = epoch.Readout[i / 300, i % 300];
        }

        return (losses, readout);
    }

    private static NoiseSource<T> Noise(int dimension) => (epoch, firstSample, noise) => Fill(7, epoch, (long)firstSample * dimension, noise);

    private static Matrix<T> Normal(int rows, int columns, uint seed)
    {
        var matrix = new Matrix<T>(rows, columns);
        Fill(seed, 0, 0, matrix.Span);
        return matrix;
    }

    private static void Fill(uint seed, long step, long first, Span<T> span)
    {
        var stream = new RandomStream(seed, default);
        if (typeof(T) == typeof(float))
        {
            stream.FillNormals(step, first, MemoryMarshal.Cast<T, float>(span));
        }
        else
        {
            stream.FillNormals(step, first, MemoryMarshal.Cast<T, double>(span));
        }
    }

    private static double[,] ToDouble(Matrix<T> matrix)
    {
        var copy = new double[matrix.Rows, matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                copy[i, j] = double.CreateChecked(matrix[i, j]);
            }
        }

        return copy;
    }
}

public sealed class FreshNoiseEpochSingleTests : FreshNoiseEpochTests<float, Tanh, Relu>;

public sealed class FreshNoiseEpochDoubleTests : FreshNoiseEpochTests<double, Tanh, Relu>;
