using Hpc.Ddpm.Data;
using Hpc.Diffusion.Spec;

namespace Hpc.Ddpm.Spec;

/// <summary>How new images are drawn from the trained network.</summary>
public enum SamplingMethod
{
    /// <summary>The deterministic steps of denoising diffusion implicit models (J. Song, C. Meng, S. Ermon, arXiv:2010.02502).</summary>
    Ddim,

    /// <summary>The random steps of the reversed chain (J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239).</summary>
    Ancestral,
}

/// <summary>The network block of a spec: a U-Net.</summary>
/// <param name="BaseWidth">Channels of the highest level.</param>
/// <param name="Multipliers">Channels of each level over those of the highest; each level has half the rows and columns of the one above.</param>
/// <param name="AttentionLevels">Levels with self-attention, numbered from 0.</param>
/// <param name="ResidualBlocks">Residual blocks of each level, on the way down and on the way up.</param>
/// <param name="Groups">Groups of the group normalization.</param>
/// <param name="TimeEmbedding">Sines and cosines that the diffusion time is embedded in.</param>
public sealed record NetworkSpec(int BaseWidth, IReadOnlyList<int> Multipliers, IReadOnlyList<int> AttentionLevels, int ResidualBlocks, int Groups, int TimeEmbedding);

/// <summary>The noise block of a spec: variances β of the forward process, rising linearly.</summary>
/// <param name="Steps">T.</param>
/// <param name="First">β_1.</param>
/// <param name="Last">β_T.</param>
public sealed record NoiseSpec(int Steps, double First, double Last);

/// <summary>The training block of a spec: Adam on the squared error of the predicted noise.</summary>
/// <param name="Steps">Number of steps.</param>
/// <param name="Batch">Noised images of each.</param>
/// <param name="LearningRate">Step size of Adam.</param>
/// <param name="Averaging">Decay of the exponential average of the weights that is measured; 0 measures the weights themselves.</param>
public sealed record TrainingSpec(long Steps, int Batch, double LearningRate, double Averaging);

/// <summary>The records block of a spec: training steps after which everything is measured, evenly spaced in log step up to the last.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Count">Their number.</param>
public sealed record RecordSpec(long First, int Count)
{
    /// <summary>The recorded steps, ascending; fewer than <see cref="Count"/> where several would be the same.</summary>
    /// <param name="last">The last training step.</param>
    public IReadOnlyList<long> Steps(long last) =>
        [.. Enumerable.Range(0, Count).Select(i => (long)Math.Round(Count == 1 ? last : First * Math.Pow((double)last / First, i / (Count - 1.0)))).Distinct()];
}

/// <summary>The sampling block of a spec.</summary>
/// <param name="Method">How.</param>
/// <param name="Steps">Steps of the reversed process, evenly spaced in those of the forward process.</param>
/// <param name="Samples">Images drawn at every record.</param>
/// <param name="Kept">Number of them that are stored.</param>
public sealed record SamplingSpec(SamplingMethod Method, int Steps, int Samples, int Kept);

/// <summary>The memorization block of a spec.</summary>
/// <param name="Ratio">A sample is memorized when its distance to the nearest training image is below this part of that to the second nearest.</param>
/// <param name="Thresholds">Fractions of memorized samples at which a class counts as memorized.</param>
/// <param name="Resamples">Bootstrap resamples of the intervals.</param>
public sealed record MemorizationSpec(double Ratio, IReadOnlyList<double> Thresholds, int Resamples);

/// <summary>
/// The comparison block of a spec: the random-features model of a pair. Its classes have weights, variances and Gram matrix of the pair;
/// its sizes are free, since pictures have far fewer directions than pixels and a network is no random-features model.
/// </summary>
/// <param name="Dimension">N.</param>
/// <param name="FeatureRatio">P/N.</param>
/// <param name="SampleRatio">M/N.</param>
/// <param name="DiffusionTime">t.</param>
public sealed record ComparisonSpec(int Dimension, double FeatureRatio, double SampleRatio, double DiffusionTime);

/// <summary>A spec with a <c>ddpm</c> block: denoising diffusion models of pairs of classes of pictures.</summary>
public sealed record DdpmSpec
{
    public required string Name { get; init; }

    public required SeedSpec Seeds { get; init; }

    public required DatasetInfo Dataset { get; init; }

    /// <summary>Label of the class that every pair has in common: class 1 of the pair.</summary>
    public required int Reference { get; init; }

    /// <summary>Labels of the other classes: class 2 of each pair.</summary>
    public required IReadOnlyList<int> Partners { get; init; }

    /// <summary>Rows and columns of the images, see <see cref="ImageScale"/>.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Training images of the reference class and of its partner.</summary>
    public required (int Reference, int Partner) Images { get; init; }

    /// <summary>Test images of each class.</summary>
    public required int TestImages { get; init; }

    /// <summary>Noise draws for every image where a loss is measured.</summary>
    public required int LossDraws { get; init; }

    public required NetworkSpec Network { get; init; }

    public required NoiseSpec Noise { get; init; }

    public required TrainingSpec Training { get; init; }

    public required RecordSpec Records { get; init; }

    public required SamplingSpec Sampling { get; init; }

    public required MemorizationSpec Memorization { get; init; }

    public required ComparisonSpec Comparison { get; init; }

    /// <summary>The recorded training steps.</summary>
    public IReadOnlyList<long> RecordedSteps => Records.Steps(Training.Steps);

    /// <summary>Name of a pair: that of its group in the results.</summary>
    public string PairName(int partner) => $"{Dataset.Classes[Reference]}-{Dataset.Classes[partner]}";
}
