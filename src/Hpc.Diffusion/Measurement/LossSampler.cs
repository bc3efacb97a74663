using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Measurement;

/// <summary>
/// Monte Carlo averages of the class-conditional losses and of the score error (theory.md section 1): one noise draw for each of
/// <c>samples</c> inputs of a class, fresh ones or the training samples over and over.
/// </summary>
public sealed class LossSampler(Realization realization, ForwardProcess forward, int samples, ThreadTeam team)
{
    private const int BlockSamples = 1024;

    private readonly NoisedSamples noised = new(realization, forward, team);

    /// <summary>Losses and score errors of every readout on fresh samples of every class.</summary>
    public SampledLosses OnFreshSamples(IReadouts readouts, CancellationToken cancellation = default) =>
        Sample(readouts, StreamStep, realization.DrawTestSamples, cancellation);

    /// <summary>The same on the training samples, each drawn ⌈samples/M_c⌉ times or one time less with new noise.</summary>
    public SampledLosses OnTrainingSamples(IReadouts readouts, CancellationToken cancellation = default) =>
        Sample(readouts, c => StreamStep(c) + realization.ClassSizes.Length, CopyTrainingSamples, cancellation);

    private static long StreamStep(int c) => c;

    private void CopyTrainingSamples(int c, long first, Matrix<double> rows)
    {
        for (int i = 0; i < rows.Rows; i++)
        {
            realization.Samples.Row(realization.ClassStarts[c] + (int)((first + i) % realization.ClassSizes[c])).CopyTo(rows.Row(i));
        }
    }

    private SampledLosses Sample(IReadouts readouts, Func<int, long> noiseStep, Action<int, long, Matrix<double>> draw, CancellationToken cancellation)
    {
        int classes = realization.Model.Classes.Count, dimension = realization.Model.Dimension;
        var losses = new SampleMoments(readouts.Count, classes, samples);
        var scoreErrors = new SampleMoments(readouts.Count, classes, samples);
        for (int c = 0; c < classes; c++)
        {
            for (long first = 0; first < samples; first += BlockSamples)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = (int)Math.Min(BlockSamples, samples - first);
                using Matrix<double> inputs = new(count, dimension), noise = new(count, dimension), score = new(count, dimension);
                double[] errors = new double[count], distances = new double[count];
                draw(c, first, inputs);
                noised.Fill(noiseStep(c), first, inputs, noise, score);
                readouts.SetInputs(inputs.View);
                for (int r = 0; r < readouts.Count; r++)
                {
                    readouts.Errors(r, noise, score, forward.NoiseAmplitude, errors, distances);
                    for (int i = 0; i < count; i++)
                    {
                        losses.Add(r, c, errors[i]);
                        scoreErrors.Add(r, c, distances[i]);
                    }
                }
            }
        }

        return new SampledLosses(losses.Mean, losses.StandardError(), scoreErrors.Mean, scoreErrors.StandardError());
    }
}
