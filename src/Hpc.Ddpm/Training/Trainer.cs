using Hpc.Ddpm.Data;
using Hpc.Ddpm.Sampling;
using Hpc.Ddpm.Spec;
using Hpc.Ddpm.Torch;
using Hpc.Numerics.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Training;

/// <summary>
/// Training by Adam on ‖ε̂(x_t, t) − ε‖² averaged over pixels and batch. Images, times and noise of step k depend on the seed and k alone, so that
/// parameters, moments, average and k are the whole state.
/// </summary>
internal sealed class Trainer : IDisposable
{
    private const double MeanDecay = 0.9;
    private const double SquareDecay = 0.999;
    private const double Epsilon = 1e-8;

    private readonly Denoiser denoiser;
    private readonly NoiseSchedule schedule;
    private readonly ImageBatch images;
    private readonly TrainingSpec spec;
    private readonly uint seed;
    private readonly Tensor parameters;
    private readonly Tensor mean;
    private readonly Tensor square;
    private readonly Tensor? average;
    private readonly float[] noised;
    private readonly float[] noise;
    private readonly double[] uniform;
    private readonly long[] times;
    private readonly int[] order;
    private long orderedEpoch = -1;

    /// <param name="denoiser">The network.</param>
    /// <param name="schedule">The forward process.</param>
    /// <param name="images">Training images.</param>
    /// <param name="spec">Batch, step size and averaging.</param>
    /// <param name="seed">Seed of parameters, order, times and noise.</param>
    public Trainer(Denoiser denoiser, NoiseSchedule schedule, ImageBatch images, TrainingSpec spec, uint seed)
    {
        (this.denoiser, this.schedule, this.images, this.spec, this.seed) = (denoiser, schedule, images, spec, seed);
        float[] initial = denoiser.Network.Layout.Initial(seed);
        parameters = tensor(initial, [initial.Length], device: denoiser.Device, requires_grad: true).DetachFromDisposeScope();
        mean = zeros(initial.Length, device: denoiser.Device).DetachFromDisposeScope();
        square = zeros(initial.Length, device: denoiser.Device).DetachFromDisposeScope();
        average = spec.Averaging > 0 ? tensor(initial, [initial.Length], device: denoiser.Device).DetachFromDisposeScope() : null;
        (noised, noise) = (new float[spec.Batch * images.Pixels], new float[spec.Batch * images.Pixels]);
        (uniform, times, order) = (new double[spec.Batch], new long[spec.Batch], new int[images.Count]);
    }

    /// <summary>Steps that are done.</summary>
    public long Step { get; private set; }

    /// <summary>What is measured: the average of the parameters, or they themselves.</summary>
    public Tensor Measured => average ?? parameters;

    /// <summary>Parameters, both moments and the average (empty where there is none), for a checkpoint.</summary>
    public IReadOnlyList<float[]> State => [Tensors.ToArray(parameters), Tensors.ToArray(mean), Tensors.ToArray(square), average is null ? [] : Tensors.ToArray(average)];

    /// <summary>Goes on from a checkpoint.</summary>
    /// <param name="step">Steps that are done.</param>
    /// <param name="state">As <see cref="State"/> was then.</param>
    public void Restore(long step, IReadOnlyList<float[]> state)
    {
        using IDisposable mode = no_grad();
        using var scope = NewDisposeScope();
        Step = step;
        foreach ((Tensor? target, float[] values) in ((Tensor?[])[parameters, mean, square, average]).Zip(state))
        {
            target?.copy_(tensor(values, [values.Length]));
        }
    }

    /// <summary>One step.</summary>
    public void Advance()
    {
        using var scope = NewDisposeScope();
        DrawBatch();
        Tensor predicted = denoiser.Predict(parameters, denoiser.Images(noised), times);
        Tensors.Square(predicted - denoiser.Images(noise)).mean().backward();
        Step++;
        using IDisposable mode = no_grad();
        Tensor gradient = parameters.grad!;
        using Scalar meanDecay = MeanDecay, meanPart = 1 - MeanDecay, squareDecay = SquareDecay, squarePart = 1 - SquareDecay;
        mean.mul_(meanDecay).add_(gradient, alpha: meanPart);
        square.mul_(squareDecay).addcmul_(gradient, gradient, squarePart);
        using Scalar rate = -spec.LearningRate / (1 - Math.Pow(MeanDecay, Step)), correction = 1 / Math.Sqrt(1 - Math.Pow(SquareDecay, Step));
        using Scalar epsilon = Epsilon;
        parameters.addcdiv_(mean, square.sqrt().mul_(correction).add_(epsilon, Tensors.One), rate);
        gradient.zero_();

        // The average forgets the beginning sooner than its decay would.
        average?.lerp_(parameters, 1 - Math.Min(spec.Averaging, Step / (Step + 10.0)));
    }

    public void Dispose()
    {
        parameters.grad?.Dispose();
        parameters.Dispose();
        mean.Dispose();
        square.Dispose();
        average?.Dispose();
    }

    /// <summary>Images in the order of one random permutation after the other, times and noise.</summary>
    private void DrawBatch()
    {
        int pixels = images.Pixels;
        new RandomStream(seed, StreamPurpose.NoiseTimes).FillUniforms(Step, 0, uniform);
        new RandomStream(seed, StreamPurpose.TrainingNoise).FillNormals(Step, 0, noise);
        for (int b = 0; b < spec.Batch; b++)
        {
            int t = schedule.StepOf(uniform[b]);
            times[b] = t;
            schedule.AddNoise(t, images[ImageAt(Step * spec.Batch + b)], noise.AsSpan(b * pixels, pixels), noised.AsSpan(b * pixels, pixels));
        }
    }

    private int ImageAt(long position)
    {
        (long epoch, long place) = Math.DivRem(position, images.Count);
        if (epoch != orderedEpoch)
        {
            double[] keys = new double[images.Count];
            new RandomStream(seed, StreamPurpose.ImageOrder).FillUniforms(epoch, 0, keys);
            for (int i = 0; i < order.Length; i++)
            {
                order[i] = i;
            }

            Array.Sort(keys, order);
            orderedEpoch = epoch;
        }

        return order[place];
    }
}
