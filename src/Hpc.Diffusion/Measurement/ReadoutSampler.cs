using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Measurement;

/// <summary>
/// The averages of <see cref="LossSampler.OnFreshSamples"/>, from the same samples and noise, for readouts that exist a few columns at a
/// time: per sample, the squares over the columns add up. Memory 16·records·K·samples bytes.
/// </summary>
/// <param name="realization">The model.</param>
/// <param name="forward">The forward process.</param>
/// <param name="samples">Fresh samples of each class.</param>
/// <param name="records">Number of readouts.</param>
/// <param name="team">Threads to compute with.</param>
public sealed class ReadoutSampler(Realization realization, ForwardProcess forward, int samples, int records, ThreadTeam team)
{
    private const int BlockSamples = 1024;

    private readonly NoisedSamples noised = new(realization, forward, team);
    private readonly double[,,] losses = new double[realization.Model.Classes.Count, records, samples];
    private readonly double[,,] scoreErrors = new double[realization.Model.Classes.Count, records, samples];

    /// <summary>Adds columns first … first + count − 1 of B, with s_A = −Δ^{−1/2} Bᵀφ.</summary>
    /// <param name="first">First column.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="readouts">P×(records·count): the columns of one record side by side.</param>
    public void Add(int first, int count, MatrixView<double> readouts)
    {
        int dimension = realization.Model.Dimension, features = realization.Features.Count;
        for (int c = 0; c < losses.GetLength(0); c++)
        {
            for (int start = 0; start < samples; start += BlockSamples)
            {
                int rows = Math.Min(BlockSamples, samples - start);
                using Matrix<double> inputs = new(rows, dimension), noise = new(rows, dimension), score = new(rows, dimension);
                using Matrix<double> featureBlock = new(features, rows), output = new(rows, records * count);
                realization.DrawTestSamples(c, start, inputs);
                noised.Fill(c, start, inputs, noise, score);
                RandomFeatures.Compute(team, realization.Model.Activation, realization.FirstLayer.View, inputs.View, featureBlock.View);
                Gemm.Multiply(team, -1 / forward.NoiseAmplitude, featureBlock.Transposed, readouts, 0, output.View);
                realization.Features.Sum(output.Span);
                int k = c, origin = start;
                using KernelScope scope = SampleMoments.Enter(output.Length);
                team.For(rows, i =>
                {
                    ReadOnlySpan<double> exact = score.Row(i).Slice(first, count), xi = noise.Row(i).Slice(first, count);
                    for (int r = 0; r < records; r++)
                    {
                        Span<double> s = output.Row(i).Slice(r * count, count);
                        double distance = TensorPrimitives.Distance<double>(s, exact);
                        scoreErrors[k, r, origin + i] += distance * distance / dimension;
                        TensorPrimitives.MultiplyAdd(s, forward.NoiseAmplitude, xi, s);
                        losses[k, r, origin + i] += TensorPrimitives.SumOfSquares<double>(s) / dimension;
                    }
                });
            }
        }
    }

    /// <summary>The averages, once all columns were added.</summary>
    public SampledLosses Result()
    {
        int classes = losses.GetLength(0);
        SampleMoments loss = new(records, classes, samples), error = new(records, classes, samples);
        for (int c = 0; c < classes; c++)
        {
            for (int r = 0; r < records; r++)
            {
                for (int i = 0; i < samples; i++)
                {
                    loss.Add(r, c, losses[c, r, i]);
                    error.Add(r, c, scoreErrors[c, r, i]);
                }
            }
        }

        return new SampledLosses(loss.Mean, loss.StandardError(), error.Mean, error.StandardError());
    }
}
