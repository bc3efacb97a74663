using Hpc.Ddpm.Comparison;
using Hpc.Ddpm.Data;
using Hpc.Ddpm.Measurement;
using Hpc.Ddpm.Network;
using Hpc.Ddpm.Sampling;
using Hpc.Ddpm.Spec;
using Hpc.Ddpm.Training;
using Hpc.Diffusion.Measurement;
using Hpc.Results;
using TorchSharp;

namespace Hpc.Ddpm.Running;

/// <summary>Runs one task: trains the network of a pair, measures it at the recorded steps, and simulates the random-features model of the pair.</summary>
/// <param name="task">The task.</param>
/// <param name="data">The data set.</param>
/// <param name="descriptors">Its classes.</param>
/// <param name="device">Where to compute.</param>
/// <param name="threads">Threads of the random-features model; those of libtorch are set.</param>
/// <param name="stage">Told what is done: a stage, or how far it is.</param>
/// <param name="checkpoint">State on disk; null for none.</param>
internal sealed class DdpmTaskRunner(
    DdpmTask task, ImageDataset data, ClassDescriptors descriptors, torch.Device device, int threads, Action<string, string?> stage, TrainingCheckpoint? checkpoint)
{
    /// <summary>Classes of a pair.</summary>
    private const int Classes = 2;

    /// <summary>Training steps between two looks at the clock for the user.</summary>
    private const int ProgressSteps = 50;

    private readonly DdpmSpec spec = task.Spec;
    private readonly uint seed = (uint)task.Seed;

    /// <summary>Trains and measures.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, with the state saved.</exception>
    public IReadOnlyList<Dataset> Run(CancellationToken cancellation)
    {
        var schedule = new NoiseSchedule(spec.Noise);
        PairData pair = PairData.Choose(data, (spec.Reference, task.Partner), spec.Images, spec.TestImages, new ImageScale(spec.ImageSize), seed);
        using var denoiser = new Denoiser(spec.Network, spec.ImageSize, spec.Noise.Steps, device);
        using var trainer = new Trainer(denoiser, schedule, pair.Training, spec.Training, seed);
        List<TrainingRecord> records = checkpoint?.Restore(trainer) ?? [];
        try
        {
            stage("training", null);
            foreach (long record in spec.RecordedSteps.Skip(records.Count))
            {
                while (trainer.Step < record)
                {
                    cancellation.ThrowIfCancellationRequested();
                    trainer.Advance();
                    if (trainer.Step % ProgressSteps == 0)
                    {
                        stage("training", $"{trainer.Step} of {spec.Training.Steps} steps");
                    }

                    if (checkpoint is { IsDue: true })
                    {
                        checkpoint.Save(trainer, records);
                    }
                }

                stage("samples", null);
                records.Add(Measure(denoiser, trainer, schedule, pair, cancellation));
                stage("training", null);
            }

            TimeScales[] features = RandomFeaturesModel.Of(spec, task.Partner, descriptors)
                .Simulate(task.Seed, threads, name => stage(name, null), cancellation);
            return new DdpmDatasets(spec, task, pair, descriptors).Of(records, features);
        }
        catch (OperationCanceledException) when (checkpoint is not null && trainer.Step > 0)
        {
            checkpoint.Save(trainer, records);
            throw;
        }
    }

    private TrainingRecord Measure(Denoiser denoiser, Trainer trainer, NoiseSchedule schedule, PairData pair, CancellationToken cancellation)
    {
        var sampler = new ImageSampler(schedule, spec.Sampling, seed);
        var neighbours = new List<Neighbours>();
        var kept = new List<long>();
        int total = spec.Sampling.Samples, pixels = pair.Training.Pixels;
        for (int first = 0; first < total; first += NetworkCost.SampleBatch)
        {
            int count = Math.Min(NetworkCost.SampleBatch, total - first);
            float[] images = sampler.Draw(
                (noised, t) => denoiser.Predict(trainer.Measured, noised, [.. Enumerable.Repeat((long)t, (int)noised.shape[0])]),
                first, count, [1, spec.ImageSize, spec.ImageSize], device, cancellation);
            neighbours.AddRange(Neighbours.Find(pair.Training, images));
            kept.AddRange(images.Take(Math.Max(0, spec.Sampling.Kept * pixels - first * pixels)).Select(ImageScale.Grey));
            stage("samples", $"{first + count} of {total} after step {trainer.Step}");
        }

        return new TrainingRecord([.. neighbours], Loss(pair.Training, 0), Loss(pair.Test, 1), [.. kept]);

        (double Mean, double Error)[] Loss(ImageBatch images, int stream) =>
            new DenoisingLoss(schedule, images, spec.LossDraws, stream, seed).Measure(denoiser, trainer.Measured, Classes, cancellation);
    }
}
