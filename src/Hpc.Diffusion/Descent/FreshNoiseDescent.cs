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
    /// <summary>Follows the descent to its last epoch.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>: precision of the products; the readout is kept in double.</typeparam>
    /// <param name="stage">Told what is being done.</param>
    /// <param name="cancellation">Looked at after every few epochs.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    /// <exception cref="DivergenceException">The train loss is not finite, or far above its value at the start.</exception>
    public DescentMeasurement Run<T>(Action<string>? stage = null, CancellationToken cancellation = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        stage?.Invoke("step size");
        using IFreshNoiseModel model = (backend ?? new SimdBackend()).CreateFreshNoise(
            realization, forward, descent.LearningRate, typeof(T) == typeof(float), team);
        StepSize.Check(model.ApplyCovariance, realization.Model.Features, descent.LearningRate, realization.Seed);
        long[] records = EpochSchedule.Logarithmic(descent.Epochs, descent.Records);
        int classes = realization.Model.Classes.Count;
        var sampler = new LossSampler(realization, forward, descent.TestSamples, team);
        ClassLosses train = new(records.Length, classes), trainError = new(records.Length, classes);
        var sampled = new SampledLosses(new(records.Length, classes), new(records.Length, classes), new(records.Length, classes), new(records.Length, classes));
        double[] epochLosses = new double[classes];
        int record = 0;
        for (long k = 0; k < descent.Epochs;)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(model.EpochsAtATime, records[record] - k);
            model.Run(k + 1, count, epochLosses);
            k += count;
            DivergenceException.ThrowIfDiverged(k, epochLosses);
            if (k == records[record])
            {
                stage?.Invoke($"epoch {k} of {descent.Epochs}");
                SampledLosses fresh = sampler.OnFreshSamples(model, cancellation), training = sampler.OnTrainingSamples(model, cancellation);
                for (int c = 0; c < classes; c++)
                {
                    (train[record, c], trainError[record, c]) = (training.Test[0, c], training.TestError[0, c]);
                    (sampled.Test[record, c], sampled.TestError[record, c]) = (fresh.Test[0, c], fresh.TestError[0, c]);
                    (sampled.Score[record, c], sampled.ScoreError[record, c]) = (fresh.Score[0, c], fresh.ScoreError[0, c]);
                }

                record++;
            }
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
    }
}
