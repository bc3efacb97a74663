namespace Hpc.Numerics.Randomness;

/// <summary>
/// What a stream of random numbers is for: the second word of the key. The values are part of what makes a run reproducible and never
/// change.
/// </summary>
public enum StreamPurpose : uint
{
    FirstLayer = 1,
    Centroids = 2,
    TrainingData = 3,
    TrainingNoise = 4,
    TestData = 5,
    TestNoise = 6,
    ProbeVectors = 7,
    EquivalentFeatures = 8,
    ConditionalLoss = 9,
    ClonedTrajectories = 10,
    TrainingImages = 11,
    TestImages = 12,
    NetworkWeights = 13,
    ImageOrder = 14,
    NoiseTimes = 15,
    SampledImages = 16,
    SamplingNoise = 17,
    LossNoise = 18,
    LossTimes = 19,
    Bootstrap = 20,
}
