using Hpc.Ddpm.Network;
using Hpc.Ddpm.Spec;
using Hpc.Ddpm.Torch;
using Hpc.Ddpm.Training;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Tests;

public class NetworkTests
{
    public static TheoryData<int, int[], int[], int, int, int> Networks => new()
    {
        { 32, [1, 2, 4], [1, 2], 2, 64, 32 },
        { 16, [1, 2, 2], [1, 2], 1, 64, 16 },
        { 8, [1], [], 1, 16, 8 },
        { 8, [2, 1, 3], [0], 3, 32, 16 },
    };

    /// <summary>Counted by hand from the architecture: a residual block, an attention block, and what is between the levels.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Parameters_and_shape_follow_from_the_architecture(int width, int[] multipliers, int[] attention, int blocks, int embedding, int side)
    {
        var network = new UNet(new NetworkSpec(width, multipliers, attention, blocks, 8, embedding), side);
        Assert.Equal(Parameters(width, multipliers, attention, blocks, embedding), network.Layout.Count);

        using var scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        var denoiser = new Denoiser(new NetworkSpec(width, multipliers, attention, blocks, 8, embedding), side, 10, CPU);
        float[] values = network.Layout.Initial(3);
        Tensor images = randn(3, 1, side, side);
        Tensor predicted = denoiser.Predict(tensor(values), images, [0, 4, 9]);
        Assert.Equal([3, 1, side, side], predicted.shape);

        // The last convolution begins with zeros; with all parameters at random the result depends on image and time.
        Assert.All(Tensors.ToArray(predicted), v => Assert.Equal(0, v));
        Tensor random = randn(values.Length) * 0.1;
        float[] full = Tensors.ToArray(denoiser.Predict(random, images, [0, 4, 9])), later = Tensors.ToArray(denoiser.Predict(random, images, [1, 4, 9]));
        int pixels = side * side;
        Assert.NotEqual(full[..pixels], later[..pixels]);

        // Images of a batch do not see each other.
        Assert.All(full[pixels..].Zip(later[pixels..]), p => Assert.Equal(p.First, p.Second, 1e-5));
    }

    /// <summary>Operations of the products, counted convolution by convolution.</summary>
    [Fact]
    public void Operations_are_those_of_the_convolutions()
    {
        // Width 8, one level, one block, embedding 16, side 8: time 16→32→32; input 1→8; a residual block 8→8 down, two in the middle, one
        // 16→8 with a skip up; attention in the middle on 64 pixels; output 8→1.
        const double Pixels = 64;
        static double Block(double a, double b) => 2 * Pixels * 9 * (a * b + b * b) + 2 * 32 * b + (a == b ? 0 : 2 * Pixels * a * b);
        double expected = 2 * (16 * 32 + 32 * 32) + 2 * Pixels * 9 * 8 + 3 * Block(8, 8) + Block(16, 8) + 2 * Pixels * (8 * 24 + 8 * 8) + 4 * Pixels * Pixels * 8 + 2 * Pixels * 9 * 8;
        Assert.Equal(expected, new UNet(new NetworkSpec(8, [1], [], 1, 8, 16), 8).Layout.Flops);
    }

    [Fact]
    public void Parameters_begin_with_variance_one_over_their_inputs()
    {
        var layout = new ParameterLayout();
        layout.AddRandom("a", [200, 50], 50);
        layout.AddConstant("b", [10], 1);
        layout.AddRandom("c", [100, 100], 400);
        float[] values = layout.Initial(1);
        Assert.Equal(1.0 / 50, values[..10_000].Average(v => (double)v * v), 0.05 / 50);
        Assert.All(values[10_000..10_010], v => Assert.Equal(1, v));
        Assert.Equal(1.0 / 400, values[10_010..].Average(v => (double)v * v), 0.05 / 400);
        Assert.Equal(values, layout.Initial(1));
        Assert.NotEqual(values, layout.Initial(2));
    }

    /// <summary>Group normalization, one head of attention and the residual sum, written out in doubles.</summary>
    [Fact]
    public void Attention_is_that_of_the_definition()
    {
        const int Channels = 4, Side = 3, Pixels = Side * Side, Groups = 2;
        var layout = new ParameterLayout();
        var block = new AttentionBlock(layout, "a", Channels, Side, Groups);
        using var scope = NewDisposeScope();
        Tensor flat = randn(layout.Count), input = randn(1, Channels, Side, Side);
        Tensor[] parameters = [.. flat.split(layout.Sizes).Zip(layout.Shapes, (part, shape) => part.view(shape))];
        float[] actual = Tensors.ToArray(block.Forward(input, parameters));

        double[][] p = [.. parameters.Select(t => Array.ConvertAll(Tensors.ToArray(t), v => (double)v))];
        (double[] normWeight, double[] normBias, double[] weight, double[] bias, double[] outputWeight, double[] outputBias) = (p[0], p[1], p[2], p[3], p[4], p[5]);
        double[] x = Array.ConvertAll(Tensors.ToArray(input), v => (double)v), y = new double[x.Length];
        for (int g = 0; g < Groups; g++)
        {
            int first = g * (Channels / Groups) * Pixels, count = Channels / Groups * Pixels;
            double mean = x[first..(first + count)].Average(), variance = x[first..(first + count)].Average(v => (v - mean) * (v - mean));
            for (int i = first; i < first + count; i++)
            {
                y[i] = (x[i] - mean) / Math.Sqrt(variance + 1e-5) * normWeight[i / Pixels] + normBias[i / Pixels];
            }
        }

        double[,] queries = new double[3 * Channels, Pixels];
        for (int o = 0; o < 3 * Channels; o++)
        {
            for (int i = 0; i < Pixels; i++)
            {
                queries[o, i] = bias[o] + Enumerable.Range(0, Channels).Sum(c => weight[o * Channels + c] * y[c * Pixels + i]);
            }
        }

        for (int i = 0; i < Pixels; i++)
        {
            double[] scores = [.. Enumerable.Range(0, Pixels).Select(j => Math.Exp(Enumerable.Range(0, Channels).Sum(c => queries[c, i] * queries[Channels + c, j]) / Math.Sqrt(Channels)))];
            double sum = scores.Sum();
            double[] attended = [.. Enumerable.Range(0, Channels).Select(c => Enumerable.Range(0, Pixels).Sum(j => scores[j] / sum * queries[2 * Channels + c, j]))];
            for (int o = 0; o < Channels; o++)
            {
                double expected = x[o * Pixels + i] + outputBias[o] + Enumerable.Range(0, Channels).Sum(c => outputWeight[o * Channels + c] * attended[c]);
                Assert.Equal(expected, actual[o * Pixels + i], 1e-4);
            }
        }
    }

    private static long Parameters(long width, int[] multipliers, int[] attention, int blocks, long embedding)
    {
        long time = 4 * width, total = embedding * time + time + time * time + time + 9 * width + width, channels = width;
        static long Convolution(long a, long b, long kernel = 9) => kernel * a * b + b;
        long Residual(long a, long b) => 2 * a + Convolution(a, b) + time * b + b + 2 * b + Convolution(b, b) + (a == b ? 0 : Convolution(a, b, 1));
        static long Attention(long c) => 2 * c + Convolution(c, 3 * c, 1) + Convolution(c, c, 1);
        for (int level = 0; level < multipliers.Length; level++)
        {
            long own = width * multipliers[level];
            long attends = attention.Contains(level) ? Attention(own) : 0;

            // Down: the first block changes the width. Up: every block takes what its mirror image left.
            total += Residual(channels, own) + (blocks - 1) * Residual(own, own) + blocks * (Residual(2 * own, own) + 2 * attends);
            total += level < multipliers.Length - 1 ? Convolution(own, own) + Convolution(width * multipliers[level + 1], own) : 0;
            channels = own;
        }

        return total + 2 * Residual(channels, channels) + Attention(channels) + 2 * width * multipliers[0] + Convolution(width * multipliers[0], 1);
    }
}
