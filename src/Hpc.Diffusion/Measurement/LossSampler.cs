using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Measurement;

/// <summary>
/// Monte Carlo averages of the class-conditional losses and of the score error (theory.md section 1): one noise draw for each of
/// <c>samples</c> inputs of a class, fresh ones or the training samples over and over.
/// </summary>
public sealed class LossSampler(Realization realization, ForwardProcess forward, int samples, ThreadTeam team)
{
    private const int BlockSamples = 1024;

    private static readonly Kernel NoisedSamples = Kernel.Of<double>("noised-samples");

    private readonly MixtureScore exactScore = new(realization, forward);

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
        int classes = realization.Model.Classes.Count, dimension = realization.Model.Dimension, features = realization.Model.Features;
        var losses = new Moments(readouts.Count, classes, samples);
        var scoreErrors = new Moments(readouts.Count, classes, samples);
        var noiseStream = new RandomStream(realization.Seed, StreamPurpose.TestNoise);
        using var readout = new Matrix<double>(features, dimension);
        for (int c = 0; c < classes; c++)
        {
            for (long first = 0; first < samples; first += BlockSamples)
            {
                cancellation.ThrowIfCancellationRequested();
                int count = (int)Math.Min(BlockSamples, samples - first);
                using Matrix<double> inputs = new(count, dimension), noise = new(count, dimension), score = new(count, dimension);
                using Matrix<double> featureBlock = new(features, count), output = new(count, dimension);
                DrawNoised(draw, noiseStream, noiseStep(c), c, first, inputs, noise, score);
                RandomFeatures.Compute(team, realization.Model.Activation, realization.FirstLayer.View, inputs.View, featureBlock.View);
                MatrixView<double> transformed = readouts.Transform(featureBlock.View);
                for (int r = 0; r < readouts.Count; r++)
                {
                    readouts.Load(r, readout);
                    Gemm.Multiply(team, 1, transformed.Transposed, readout.View, 0, output.View);
                    for (int i = 0; i < count; i++)
                    {
                        double distance = TensorPrimitives.Distance<double>(output.Row(i), score.Row(i));
                        scoreErrors.Add(r, c, distance * distance / dimension);
                        TensorPrimitives.MultiplyAdd(output.Row(i), forward.NoiseAmplitude, noise.Row(i), output.Row(i));
                        losses.Add(r, c, TensorPrimitives.SumOfSquares<double>(output.Row(i)) / dimension);
                    }
                }
            }
        }

        return new SampledLosses(losses.Mean, losses.StandardError(), scoreErrors.Mean, scoreErrors.StandardError());
    }

    /// <summary>Samples first, first + 1, … of a class with their noise, x_t, and the exact score there.</summary>
    private void DrawNoised(
        Action<int, long, Matrix<double>> draw, RandomStream noiseStream, long noiseStep, int c, long first, Matrix<double> inputs, Matrix<double> noise, Matrix<double> score)
    {
        // Of each component: two random numbers, three operations for x_t, five for each class in the score and two for their sum.
        using KernelScope scope = NoisedSamples.Enter(
            (7 + 5.0 * realization.Model.Classes.Count) * inputs.Length, 3.0 * sizeof(double) * inputs.Length);
        draw(c, first, inputs);
        team.For(inputs.Rows, i =>
        {
            noiseStream.FillNormals(noiseStep, (first + i) * inputs.Columns, noise.Row(i));
            TensorPrimitives.Multiply(inputs.Row(i), forward.Decay, inputs.Row(i));
            TensorPrimitives.MultiplyAdd(noise.Row(i), forward.NoiseAmplitude, inputs.Row(i), inputs.Row(i));
            exactScore.Evaluate(inputs.Row(i), score.Row(i));
        });
    }

    /// <summary>Running means and spreads (Welford), so that small spreads about large means keep their digits.</summary>
    private sealed class Moments(int records, int classes, int samples)
    {
        private readonly int[] counts = new int[records * classes];
        private readonly ClassLosses squares = new(records, classes);

        public ClassLosses Mean { get; } = new(records, classes);

        public void Add(int record, int c, double value)
        {
            ref double mean = ref Mean[record, c];
            double difference = value - mean;
            mean += difference / ++counts[record * classes + c];
            squares[record, c] += difference * (value - mean);
        }

        /// <summary>√(sample variance/n).</summary>
        public ClassLosses StandardError()
        {
            for (int i = 0; i < squares.Values.Length; i++)
            {
                squares.Values[i] = Math.Sqrt(squares.Values[i] / (samples - 1.0) / samples);
            }

            return squares;
        }
    }
}
