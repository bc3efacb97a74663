using Hpc.Ddpm.Spec;
using Hpc.Ddpm.Torch;
using Hpc.Numerics.Randomness;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Sampling;

/// <summary>Draws images by the reversed process, from noise that depends on the seed and the number of the image alone.</summary>
public sealed class ImageSampler
{
    private readonly NoiseSchedule schedule;
    private readonly SamplingMethod method;
    private readonly int[] times;
    private readonly uint seed;

    /// <param name="schedule">The forward process.</param>
    /// <param name="spec">Method and number of steps.</param>
    /// <param name="seed">Seed of the noise.</param>
    public ImageSampler(NoiseSchedule schedule, SamplingSpec spec, uint seed)
    {
        (this.schedule, method, this.seed) = (schedule, spec.Method, seed);
        times = [.. Enumerable.Range(0, spec.Steps).Select(i => (int)Math.Round((double)i * (schedule.Steps - 1) / (spec.Steps - 1)))];
    }

    /// <summary>
    /// Draws images <paramref name="first"/>, <paramref name="first"/> + 1, …: with the prediction ε̂ of the noise and x̂_0 = (x_t − √(1 − ᾱ_t)
    /// ε̂)/√ᾱ_t, the step from t to s &lt; t is x_s = √ᾱ_s x̂_0 + √(1 − ᾱ_s − σ²) ε̂ + σ z. DDIM takes σ = 0, the ancestral chain
    /// σ² = (1 − ᾱ_s)/(1 − ᾱ_t) (1 − ᾱ_t/ᾱ_s) (arXiv:2010.02502, equations 12 and 16). The last step leads to x̂_0.
    /// </summary>
    /// <param name="predict">The noise in images (count × shape) at a step t.</param>
    /// <param name="first">Number of the first image.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="shape">Shape of one image.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <returns>count × shape.</returns>
    public float[] Draw(Func<Tensor, int, Tensor> predict, long first, int count, long[] shape, Device device, CancellationToken cancellation = default)
    {
        using IDisposable mode = no_grad();
        Tensor images = Noise(StreamPurpose.SampledImages, 0, first, count, shape, device);
        for (int i = times.Length - 1; i >= 0; i--)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            double now = schedule.Kept(times[i]), next = schedule.Kept(i > 0 ? times[i - 1] : -1);
            double variance = method == SamplingMethod.Ancestral ? (1 - next) / (1 - now) * (1 - now / next) : 0;
            Tensor noise = predict(images, times[i]);

            // Both steps in one: factors of x_t and of ε̂.
            double scale = Math.Sqrt(next / now);
            double noiseScale = Math.Sqrt(Math.Max(0, 1 - next - variance)) - scale * Math.Sqrt(1 - now);
            Tensor moved = Tensors.Add(Tensors.Scale(scale, images), Tensors.Scale(noiseScale, noise));
            if (variance > 0)
            {
                moved = Tensors.Add(moved, Tensors.Scale(Math.Sqrt(variance), Noise(StreamPurpose.SamplingNoise, i, first, count, shape, device)));
            }

            images.Dispose();
            images = moved.MoveToOuterDisposeScope();
        }

        float[] values = Tensors.ToArray(images);
        images.Dispose();
        return values;
    }

    private Tensor Noise(StreamPurpose purpose, long step, long first, int count, long[] shape, Device device)
    {
        long size = shape.Aggregate(1L, (product, length) => product * length);
        float[] values = new float[count * size];
        new RandomStream(seed, purpose).FillNormals(step, first * size, values);
        return tensor(values, [count, .. shape], device: device);
    }
}
