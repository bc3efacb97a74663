using static TorchSharp.torch;

namespace Hpc.Bench.Torch;

/// <summary>
/// The fresh-noise epoch on whole tensors, single precision, in two ways: by automatic differentiation, as the training scripts of the
/// literature do, and at its best, by the formula of the gradient with noise, features and readout updated in place.
/// </summary>
internal sealed class TorchEpoch : IDisposable
{
    private const int ClassSize = EpochWorkload.Samples / 2;

    private readonly Tensor firstLayer = randn(EpochWorkload.Features, EpochWorkload.Dimension) / Math.Sqrt(EpochWorkload.Dimension);
    private readonly Tensor clean = randn(EpochWorkload.Samples, EpochWorkload.Dimension) * Math.Exp(-EpochWorkload.DiffusionTime);
    private readonly Tensor readout = zeros(EpochWorkload.Dimension, EpochWorkload.Features);
    private readonly Tensor trained = zeros(EpochWorkload.Dimension, EpochWorkload.Features).requires_grad_();
    private readonly Tensor noise = empty(EpochWorkload.Samples, EpochWorkload.Dimension);
    private readonly double noiseLevel = 1 - Math.Exp(-2 * EpochWorkload.DiffusionTime);

    public void RunAutomatic()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor fresh = randn_like(clean);
        Tensor features = mm(clean + Math.Sqrt(noiseLevel) * fresh, firstLayer.t()).tanh();
        Tensor losses = (Math.Sqrt(noiseLevel) * mm(features, trained.t()) + fresh).square().mean(new long[] { 1 });
        losses.mean().backward();
        Report(losses);
        using (no_grad())
        {
            trained.add_(trained.grad!, alpha: -EpochWorkload.LearningRate * EpochWorkload.Dimension / noiseLevel);
            trained.grad!.zero_();
        }
    }

    public void RunFormula()
    {
        using IDisposable scope = NewDisposeScope();
        using IDisposable mode = no_grad();
        double amplitude = Math.Sqrt(noiseLevel);
        noise.normal_();
        Tensor features = mm(add(clean, noise, alpha: amplitude), firstLayer.t()).tanh_();
        Tensor residuals = addmm(noise, features, readout.t(), beta: 1, alpha: (float)amplitude);
        Report(residuals.square().mean(new long[] { 1 }));
        double step = 2 * EpochWorkload.LearningRate / (amplitude * EpochWorkload.Samples);
        readout.addmm_(residuals.t(), features, beta: 1, alpha: (float)-step);
    }

    public void Dispose()
    {
        firstLayer.Dispose();
        clean.Dispose();
        readout.Dispose();
        trained.Dispose();
        noise.Dispose();
    }

    private static (float First, float Second) Report(Tensor losses)
        => (losses[..ClassSize].mean().item<float>(), losses[ClassSize..].mean().item<float>());
}
