using Hpc.Diffusion.Kernels;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Bench;

/// <summary>The fresh-noise epoch at the size of the literature's figures: N = 100, P = 6000, M = 3000, tanh, single precision.</summary>
internal sealed class EpochWorkload : IDisposable
{
    public const int Dimension = 100;
    public const int Features = 6000;
    public const int Samples = 3000;
    public const double DiffusionTime = 0.01;
    public const double LearningRate = 5e-5;

    /// <summary>Three products of 2NPM operations.</summary>
    public const double Operations = 6.0 * Dimension * Features * Samples;

    private readonly ThreadTeam team;
    private readonly FreshNoiseEpoch<float> epoch;
    private readonly double[] losses = new double[2];
    private long next;

    public EpochWorkload(int threads)
    {
        team = new ThreadTeam(threads);
        using var firstLayer = new Matrix<float>(Features, Dimension);
        using var samples = new Matrix<float>(Samples, Dimension);
        new RandomStream(1, StreamPurpose.FirstLayer).FillNormals(0, 0, firstLayer.Span);
        new RandomStream(1, StreamPurpose.TrainingData).FillNormals(0, 0, samples.Span);
        var noise = new RandomStream(1, StreamPurpose.TrainingNoise);
        epoch = FreshNoiseEpoch<float>.Create<Tanh>(
            team, firstLayer.View, samples.View, [Samples / 2, Samples / 2], DiffusionTime, LearningRate,
            (number, firstSample, destination) => noise.FillNormals(number, (long)firstSample * Dimension, destination));
    }

    public void Run() => epoch.Run(next++, losses);

    public void Dispose()
    {
        epoch.Dispose();
        team.Dispose();
    }
}
