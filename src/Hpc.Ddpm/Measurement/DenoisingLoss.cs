using Hpc.Ddpm.Data;
using Hpc.Ddpm.Sampling;
using Hpc.Ddpm.Torch;
using Hpc.Ddpm.Training;
using Hpc.Numerics.Randomness;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Measurement;

/// <summary>
/// The denoising loss E‖ε̂(x_t, t) − ε‖²/N of images, over times and noise that are the same at every record: its changes over training are
/// not those of the noise.
/// </summary>
internal sealed class DenoisingLoss
{
    /// <summary>Noised images at a time.</summary>
    private const int Batch = 256;

    private readonly NoiseSchedule schedule;
    private readonly ImageBatch images;
    private readonly int draws;
    private readonly int stream;
    private readonly uint seed;

    /// <param name="schedule">The forward process.</param>
    /// <param name="images">Images of both classes.</param>
    /// <param name="draws">Times and noises for each image; the times of an image are spread evenly over the forward process.</param>
    /// <param name="stream">Which random numbers, so that training and test images have their own.</param>
    /// <param name="seed">Seed of times and noise.</param>
    public DenoisingLoss(NoiseSchedule schedule, ImageBatch images, int draws, int stream, uint seed) =>
        (this.schedule, this.images, this.draws, this.stream, this.seed) = (schedule, images, draws, stream, seed);

    /// <summary>Measures the loss of each class.</summary>
    /// <param name="denoiser">The network.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <returns>Mean over the images of each class, and its standard error over images (NaN for one image).</returns>
    public (double Mean, double Error)[] Measure(Denoiser denoiser, Tensor parameters, int classes, CancellationToken cancellation)
    {
        double[] losses = new double[images.Count];
        for (int first = 0; first < images.Count * draws; first += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(Batch, images.Count * draws - first);
            foreach ((int offset, double loss) in Losses(denoiser, parameters, first, count).Index())
            {
                losses[(first + offset) / draws] += loss / draws;
            }
        }

        return [.. Enumerable.Range(0, classes).Select(c =>
        {
            double[] own = [.. images.Of(c).Select(i => losses[i])];
            double mean = own.Average();
            return (mean, Math.Sqrt(own.Sum(v => (v - mean) * (v - mean)) / (own.Length - 1) / own.Length));
        })];
    }

    /// <summary>Losses of noised images first … first + count − 1; number n is draw n mod draws of image ⌊n/draws⌋.</summary>
    private float[] Losses(Denoiser denoiser, Tensor parameters, int first, int count)
    {
        int pixels = images.Pixels;
        float[] noise = new float[count * pixels], noised = new float[count * pixels];
        double[] uniform = new double[count];
        long[] times = new long[count];
        new RandomStream(seed, StreamPurpose.LossTimes).FillUniforms(stream, first, uniform);
        new RandomStream(seed, StreamPurpose.LossNoise).FillNormals(stream, (long)first * pixels, noise);
        for (int i = 0; i < count; i++)
        {
            (int image, int draw) = Math.DivRem(first + i, draws);
            int t = schedule.StepOf((draw + uniform[i]) / draws);
            times[i] = t;
            schedule.AddNoise(t, images[image], noise.AsSpan(i * pixels, pixels), noised.AsSpan(i * pixels, pixels));
        }

        using IDisposable mode = no_grad();
        using var scope = NewDisposeScope();
        Tensor difference = denoiser.Predict(parameters, denoiser.Images(noised), times) - denoiser.Images(noise);
        return Tensors.ToArray(Tensors.Square(difference).mean([1, 2, 3]));
    }
}
