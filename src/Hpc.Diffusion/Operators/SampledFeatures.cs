using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Features φ(W x_t/√N) of training samples, m draws of the noise for each, made again from the random streams at every call. Draw d is the
/// noise of epoch d of <see cref="Descent.FreshNoiseDescent"/>; the vectors of a draw stand together.
/// </summary>
/// <param name="realization">W and x.</param>
/// <param name="forward">The noise.</param>
/// <param name="firstSample">First of the samples.</param>
/// <param name="samples">Number of samples.</param>
/// <param name="draws">m.</param>
/// <param name="team">Threads to compute with.</param>
public sealed class SampledFeatures(Realization realization, ForwardProcess forward, int firstSample, int samples, int draws,
    ThreadTeam team) : IFeatureTiles
{
    private readonly RandomStream noise = new(realization.Seed, StreamPurpose.TrainingNoise);

    public int Features => realization.Features.Count;

    public int Count { get; } = draws >= 1 && samples >= 1
        ? checked(samples * draws)
        : throw new ArgumentException($"{draws} draws of the noise for {samples} samples were asked for: give at least one of each.",
            nameof(draws));

    public long MemoryBytes => 0;

    public double FlopsPerVector => 2.0 * realization.Features.Count * realization.Model.Dimension;

    public void Fill(int first, MatrixView<double> tile)
    {
        using Matrix<double> inputs = new(tile.Rows, realization.Model.Dimension), noises = new(tile.Rows, realization.Model.Dimension);
        Fill(first, tile, inputs, noises);
    }

    /// <summary>Fills features and the noise ξ that made them, b×N.</summary>
    internal void Fill(int first, MatrixView<double> tile, Matrix<double> inputs, Matrix<double> noises)
    {
        int dimension = realization.Model.Dimension;
        team.For(tile.Rows, i =>
        {
            int sample = firstSample + (first + i) % samples;
            noise.FillNormals(1 + (first + i) / samples, (long)sample * dimension, noises.Row(i));
            TensorPrimitives.Multiply(realization.Samples.Row(sample), forward.Decay, inputs.Row(i));
            TensorPrimitives.MultiplyAdd(noises.Row(i), forward.NoiseAmplitude, inputs.Row(i), inputs.Row(i));
        });
        RandomFeatures.Compute(team, realization.Model.Activation, realization.FirstLayer.View, inputs.View.Slice(0, 0, tile.Rows,
            dimension), tile.Transposed);
    }
}
