using Hpc.Ddpm.Measurement;

namespace Hpc.Ddpm.Running;

/// <summary>What is measured after one of the recorded steps.</summary>
/// <param name="Neighbours">Training images next to every sample.</param>
/// <param name="Train">Denoising loss on the training images of each class, and its standard error.</param>
/// <param name="Test">The same on the test images.</param>
/// <param name="Samples">Grey values of the samples that are kept, one after the other.</param>
public sealed record TrainingRecord(Neighbours[] Neighbours, (double Mean, double Error)[] Train, (double Mean, double Error)[] Test, long[] Samples);
