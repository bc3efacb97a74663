using Hpc.Ddpm.Network;
using Hpc.Ddpm.Spec;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Training;

/// <summary>A network on a device, without its parameters: one vector of them is given with every call.</summary>
internal sealed class Denoiser : IDisposable
{
    /// <summary>Periods of the embedding run from 2π to 2π times this, in steps of the forward process.</summary>
    private const double LongestPeriod = 10_000;

    private readonly int side;
    private readonly long[] sizes;
    private readonly IReadOnlyList<long[]> shapes;
    private readonly Tensor embedding;

    /// <param name="network">Widths, levels and blocks.</param>
    /// <param name="side">Rows and columns of an image.</param>
    /// <param name="steps">T.</param>
    /// <param name="device">Where to compute.</param>
    public Denoiser(NetworkSpec network, int side, int steps, Device device)
    {
        (this.side, Device) = (side, device);
        Network = new UNet(network, side);
        (sizes, shapes) = (Network.Layout.Sizes, Network.Layout.Shapes);
        int half = network.TimeEmbedding / 2;
        float[] table = new float[steps * network.TimeEmbedding];
        for (int t = 0; t < steps; t++)
        {
            for (int i = 0; i < half; i++)
            {
                double phase = t * Math.Pow(LongestPeriod, -(double)i / half);
                table[t * network.TimeEmbedding + i] = (float)Math.Sin(phase);
                table[t * network.TimeEmbedding + half + i] = (float)Math.Cos(phase);
            }
        }

        embedding = tensor(table, [steps, network.TimeEmbedding], device: device);
    }

    public Device Device { get; }

    public UNet Network { get; }

    /// <summary>Pixels of an image.</summary>
    public int Pixels => side * side;

    /// <summary>Images of a batch as a tensor, B × 1 × side × side.</summary>
    public Tensor Images(float[] values) => tensor(values, [values.Length / Pixels, 1, side, side], device: Device);

    /// <summary>Predicts the noise in images.</summary>
    /// <param name="parameters">All parameters, one after the other.</param>
    /// <param name="images">Noised images, B × 1 × side × side.</param>
    /// <param name="times">The step of each.</param>
    public Tensor Predict(Tensor parameters, Tensor images, long[] times) =>
        Network.Forward(images, embedding.index_select(0, tensor(times, [times.Length], device: Device)), Arrays(parameters));

    public void Dispose() => embedding.Dispose();

    // One split, so that the way back puts the gradient together in one piece.
    private Tensor[] Arrays(Tensor parameters) => [.. parameters.split(sizes).Zip(shapes, (part, shape) => part.view(shape))];
}
