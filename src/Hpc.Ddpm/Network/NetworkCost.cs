using Hpc.Ddpm.Spec;

namespace Hpc.Ddpm.Network;

/// <summary>What one task costs: operations of products, and memory.</summary>
public sealed class NetworkCost
{
    /// <summary>The way back has two products for each of the way forward.</summary>
    private const double TrainingFactor = 3;

    private readonly DdpmSpec spec;
    private readonly ParameterLayout layout;

    public NetworkCost(DdpmSpec spec) => (this.spec, layout) = (spec, new UNet(spec.Network, spec.ImageSize).Layout);

    /// <summary>Images that are drawn at a time.</summary>
    public const int SampleBatch = 256;

    /// <summary>Number of parameters.</summary>
    public long Parameters => layout.Count;

    /// <summary>Operations of one training step.</summary>
    public double StepFlops => TrainingFactor * layout.Flops * spec.Training.Batch;

    /// <summary>Operations of one record: samples and losses.</summary>
    public double RecordFlops => layout.Flops * ((double)spec.Sampling.Samples * spec.Sampling.Steps
        + spec.LossDraws * (spec.Images.Reference + spec.Images.Partner + 2.0 * spec.TestImages));

    /// <summary>Operations of a task.</summary>
    public double TaskFlops => StepFlops * spec.Training.Steps + RecordFlops * spec.RecordedSteps.Count;

    /// <summary>
    /// Bytes of a task: five numbers for each parameter, what a batch leaves behind for the way back (twice, for the workspace of the
    /// products), and the images.
    /// </summary>
    public double Bytes => sizeof(float) * (
        5.0 * layout.Count + 2 * layout.Activations * Math.Max(spec.Training.Batch, Math.Min(SampleBatch, spec.Sampling.Samples) / TrainingFactor)
        + (double)spec.ImageSize * spec.ImageSize * (spec.Images.Reference + spec.Images.Partner + 2 * spec.TestImages + spec.Sampling.Samples));
}
