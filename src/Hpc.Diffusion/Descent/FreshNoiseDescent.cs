using System.Numerics;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Descent;

/// <summary>
/// Gradient descent as the literature runs it: every epoch draws one new noise vector for each sample (theory.md section 1). The losses
/// at the recorded epochs are averages over <c>testSamples</c> draws of a class, of fresh samples and of training samples with noise of
/// their own, so that they are those of the averaged loss and not of one epoch's noise.
/// </summary>
/// <param name="realization">W and the training samples.</param>
/// <param name="forward">The noise.</param>
/// <param name="descent">η₀, epochs and records.</param>
/// <param name="team">Threads to compute with.</param>
/// <param name="backend">Where to compute; null stands for the processor.</param>
public sealed class FreshNoiseDescent(Realization realization, ForwardProcess forward, DescentSpec descent, ThreadTeam team, IBackend? backend = null)
{
    /// <summary>Follows the descent to its last epoch, from where a checkpoint left it.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>: precision of the products; the readout is kept in double.</typeparam>
    /// <param name="stage">Told what is being done.</param>
    /// <param name="cancellation">Looked at after every few epochs.</param>
    /// <param name="checkpoint">Keeps the state when it is due and when the descent is cancelled; null keeps nothing.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    /// <exception cref="DivergenceException">The train loss is not finite, or far above its value at the start.</exception>
    public DescentMeasurement Run<T>(Action<string>? stage = null, CancellationToken cancellation = default, IDescentCheckpoint? checkpoint = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using IFreshNoiseModel model = (backend ?? new SimdBackend()).CreateFreshNoise(realization, forward, descent.LearningRate, typeof(T) == typeof(float), team);
        long[] records = EpochSchedule.Logarithmic(descent.Epochs, descent.Records);
        int classes = realization.Model.Classes.Count;
        var sampler = new LossSampler(realization, forward, descent.TestSamples, team);
        ClassLosses train = new(records.Length, classes), trainError = new(records.Length, classes);
        var sampled = new SampledLosses(new(records.Length, classes), new(records.Length, classes), new(records.Length, classes), new(records.Length, classes));
        double[][] losses = [train.Values, trainError.Values, sampled.Test.Values, sampled.TestError.Values, sampled.Score.Values, sampled.ScoreError.Values];
        double[] epochLosses = new double[classes];
        (long done, int record) = checkpoint?.Load(model.Readout, model.Remainder, losses) ?? (0, 0);
        if (done == 0)
        {
            stage?.Invoke("step size");
            StepSize.Check(model.ApplyCovariance, realization.Features, descent.LearningRate, realization.Seed);
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
                    checkpoint!.Save(done, record, model.Readout, model.Remainder, losses);
                }

                if (stop)
                {
                    throw new OperationCanceledException(cancellation);
                }

                int count = (int)Math.Min(model.EpochsAtATime, records[record] - done);
                model.Run(done + 1, count, epochLosses);
                done += count;
                DivergenceException.ThrowIfDiverged(done, epochLosses);
            }
        }
        catch (OperationCanceledException) when (done > 0)
        {
            // A model changes the readout when its epochs are complete, and a record counts once it is.
            checkpoint?.Save(done, record, model.Readout, model.Remainder, losses);
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
            SampledLosses fresh = sampler.OnFreshSamples(model, within), training = sampler.OnTrainingSamples(model, within);
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
}
