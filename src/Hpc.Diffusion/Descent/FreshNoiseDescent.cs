using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Diffusion.Kernels;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Descent;

/// <summary>
/// Gradient descent as the literature runs it: every epoch draws one new noise vector for each sample (theory.md section 1). The losses
/// at the recorded epochs are averages over <c>testSamples</c> draws of a class, of fresh samples and of training samples with noise of
/// their own, so that they are those of the averaged loss and not of one epoch's noise.
/// </summary>
public sealed class FreshNoiseDescent(Realization realization, ForwardProcess forward, DescentSpec descent, ThreadTeam team)
{
    private const int ProbeBlock = 256;

    private readonly int features = realization.Features.Count;
    private readonly int dimension = realization.Model.Dimension;

    /// <summary>Follows the descent to its last epoch, from where a checkpoint left it.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>: precision of the products; the readout is kept in double.</typeparam>
    /// <param name="stage">Told what is being done.</param>
    /// <param name="cancellation">Looked at after every epoch.</param>
    /// <param name="checkpoint">Keeps the state when it is due and when the descent is cancelled; null keeps nothing.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    /// <exception cref="DivergenceException">The train loss is not finite, or far above its value at the start.</exception>
    public DescentMeasurement Run<T>(Action<string>? stage = null, CancellationToken cancellation = default, IDescentCheckpoint? checkpoint = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using FreshNoiseEpoch<T> epoch = Create<T>();
        long[] records = EpochSchedule.Logarithmic(descent.Epochs, descent.Records);
        int classes = realization.Model.Classes.Count;
        var readout = new CurrentReadout(epoch.Readout);
        var sampler = new LossSampler(realization, forward, descent.TestSamples, team);
        ClassLosses train = new(records.Length, classes), trainError = new(records.Length, classes);
        var sampled = new SampledLosses(new(records.Length, classes), new(records.Length, classes), new(records.Length, classes), new(records.Length, classes));
        double[][] losses = [train.Values, trainError.Values, sampled.Test.Values, sampled.TestError.Values, sampled.Score.Values, sampled.ScoreError.Values];
        double[] epochLosses = new double[classes];
        (long done, int record) = checkpoint?.Load(epoch.Readout.Transposed, losses) ?? (0, 0);
        if (done == 0)
        {
            stage?.Invoke("step size");
            StepSize.Check(ApplyCovariance, realization.Features, descent.LearningRate, realization.Seed);
        }

        try
        {
            while (record < records.Length)
            {
                if (done == records[record])
                {
                    stage?.Invoke($"epoch {done} of {descent.Epochs}");
                    Record(record);
                    record++;
                    continue;
                }

                (bool stop, bool save) = Agree(cancellation, checkpoint);
                if (save && done > 0)
                {
                    checkpoint!.Save(done, record, epoch.Readout.Transposed, losses);
                }

                if (stop)
                {
                    throw new OperationCanceledException(cancellation);
                }

                epoch.Run(done + 1, epochLosses);
                done++;
                DivergenceException.ThrowIfDiverged(done, epochLosses);
            }
        }
        catch (OperationCanceledException) when (done > 0)
        {
            // An epoch changes the readout at its very end, and a record counts once it is complete.
            checkpoint?.Save(done, record, epoch.Readout.Transposed, losses);
            throw;
        }

        return new DescentMeasurement
        {
            Epochs = records,
            TrainingTimes = [.. records.Select(k => 2 * descent.LearningRate * k)],
            Train = train,
            TrainError = trainError,
            Test = sampled.Test,
            Sampled = sampled,
        };

        void Record(int r)
        {
            // Processes that share the features stop together, between epochs.
            CancellationToken within = realization.Features.IsWhole ? cancellation : CancellationToken.None;
            SampledLosses fresh = sampler.OnFreshSamples(readout, within), training = sampler.OnTrainingSamples(readout, within);
            for (int c = 0; c < classes; c++)
            {
                (train[r, c], trainError[r, c]) = (training.Test[0, c], training.TestError[0, c]);
                (sampled.Test[r, c], sampled.TestError[r, c]) = (fresh.Test[0, c], fresh.TestError[0, c]);
                (sampled.Score[r, c], sampled.ScoreError[r, c]) = (fresh.Score[0, c], fresh.ScoreError[0, c]);
            }
        }
    }

    /// <summary>Whether any process is asked to stop, else whether all find that the state should be saved.</summary>
    private (bool Stop, bool Save) Agree(CancellationToken cancellation, IDescentCheckpoint? checkpoint)
    {
        Span<double> votes = [cancellation.IsCancellationRequested ? 1 : 0, checkpoint is { IsDue: true } ? 0 : 1];
        realization.Features.Sum(votes);
        return (votes[0] > 0, votes[0] == 0 && votes[1] == 0);
    }

    private FreshNoiseEpoch<T> Create<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var stream = new RandomStream(realization.Seed, StreamPurpose.TrainingNoise);
        if (typeof(T) == typeof(float))
        {
            using Matrix<float> layer = Narrow(realization.FirstLayer), samples = Narrow(realization.Samples);
            NoiseSource<float> noise = (epoch, first, block) => stream.FillNormals(epoch, (long)first * dimension, block);
            return (FreshNoiseEpoch<T>)(object)(realization.Model.Activation switch
            {
                Activation.Tanh => FreshNoiseEpoch<float>.Create<Tanh>(team, layer.View, samples.View, realization.ClassSizes, forward.Time, descent.LearningRate, noise, realization.Features),
                Activation.Erf => FreshNoiseEpoch<float>.Create<Erf>(team, layer.View, samples.View, realization.ClassSizes, forward.Time, descent.LearningRate, noise, realization.Features),
                _ => FreshNoiseEpoch<float>.Create<Relu>(team, layer.View, samples.View, realization.ClassSizes, forward.Time, descent.LearningRate, noise, realization.Features),
            });
        }

        NoiseSource<double> wide = (epoch, first, block) => stream.FillNormals(epoch, (long)first * dimension, block);
        MatrixView<double> w = realization.FirstLayer.View, x = realization.Samples.View;
        return (FreshNoiseEpoch<T>)(object)(realization.Model.Activation switch
        {
            Activation.Tanh => FreshNoiseEpoch<double>.Create<Tanh>(team, w, x, realization.ClassSizes, forward.Time, descent.LearningRate, wide, realization.Features),
            Activation.Erf => FreshNoiseEpoch<double>.Create<Erf>(team, w, x, realization.ClassSizes, forward.Time, descent.LearningRate, wide, realization.Features),
            _ => FreshNoiseEpoch<double>.Create<Relu>(team, w, x, realization.ClassSizes, forward.Time, descent.LearningRate, wide, realization.Features),
        });
    }

    private static Matrix<float> Narrow(Matrix<double> source)
    {
        var target = new Matrix<float>(source.Rows, source.Columns);
        for (int i = 0; i < source.Rows; i++)
        {
            TensorPrimitives.ConvertChecked<double, float>(source.Row(i), target.Row(i));
        }

        return target;
    }

    /// <summary>y = ΦΦᵀx/M with the features of the first epoch, in blocks of samples, for the step-size check.</summary>
    private void ApplyCovariance(ReadOnlySpan<double> x, Span<double> y)
    {
        int samples = realization.Model.Samples;
        var stream = new RandomStream(realization.Seed, StreamPurpose.TrainingNoise);
        using Matrix<double> input = new(1, features), output = new(1, features);
        x.CopyTo(input.Row(0));
        using Matrix<double> block = new(Math.Min(ProbeBlock, samples), dimension), featureBlock = new(features, block.Rows), weights = new(1, block.Rows);
        for (int first = 0; first < samples; first += block.Rows)
        {
            int count = Math.Min(block.Rows, samples - first), start = first;
            double[] noise = new double[count * dimension];
            stream.FillNormals(1, (long)first * dimension, noise);
            for (int m = 0; m < count; m++)
            {
                TensorPrimitives.Multiply(realization.Samples.Row(start + m), forward.Decay, block.Row(m));
                TensorPrimitives.MultiplyAdd(noise.AsSpan(m * dimension, dimension), forward.NoiseAmplitude, block.Row(m), block.Row(m));
            }

            MatrixView<double> phi = featureBlock.View.Slice(0, 0, features, count), projected = weights.View.Slice(0, 0, 1, count);
            RandomFeatures.Compute(team, realization.Model.Activation, realization.FirstLayer.View, block.View.Slice(0, 0, count, dimension), phi);
            Gemm.Multiply(team, 1.0 / samples, input.View, phi, 0, projected);
            realization.Features.Sum(weights.Span[..count]);
            Gemm.Multiply(team, 1, projected, phi.Transposed, 1, output.View);
        }

        output.Row(0).CopyTo(y);
    }

    /// <summary>The readout as it stands.</summary>
    private sealed class CurrentReadout(MatrixView<double> readout) : IReadouts
    {
        public int Count => 1;

        public MatrixView<double> Transform(MatrixView<double> block) => block;

        public void Load(int record, Matrix<double> target)
        {
            for (int n = 0; n < readout.Rows; n++)
            {
                for (int i = 0; i < readout.Columns; i++)
                {
                    target[i, n] = readout[n, i];
                }
            }
        }
    }
}
