using Hpc.Cli;
using Hpc.Numerics.Randomness;

namespace Hpc.Ddpm.Data;

/// <summary>What one task trains on and is tested on: pictures of two classes, chosen at random by the seed.</summary>
/// <param name="Training">Training pictures, those of the reference class first.</param>
/// <param name="Test">Test pictures, as many of each class.</param>
public sealed record PairData(ImageBatch Training, ImageBatch Test)
{
    /// <summary>
    /// Chooses the pictures. Those of a class depend on the seed and the class alone, so that all pairs of a seed have the same pictures of
    /// the reference class, and more pictures include those that fewer are.
    /// </summary>
    /// <param name="data">The data set.</param>
    /// <param name="labels">Labels of the reference class and of its partner.</param>
    /// <param name="counts">Training pictures of each.</param>
    /// <param name="testCount">Test pictures of each.</param>
    /// <param name="scale">As the network sees them.</param>
    /// <param name="seed">Seed of the task.</param>
    /// <exception cref="UsageException">A class has fewer pictures.</exception>
    public static PairData Choose(ImageDataset data, (int Reference, int Partner) labels, (int Reference, int Partner) counts, int testCount, ImageScale scale, uint seed)
    {
        return new PairData(
            Batch(data.Training, StreamPurpose.TrainingImages, counts.Reference, counts.Partner),
            Batch(data.Test, StreamPurpose.TestImages, testCount, testCount));

        ImageBatch Batch(LabelledImages images, StreamPurpose purpose, int references, int partners)
        {
            int[] sources = [.. Pick(images, purpose, labels.Reference, references), .. Pick(images, purpose, labels.Partner, partners)];
            float[] values = new float[sources.Length * scale.Pixels];
            for (int i = 0; i < sources.Length; i++)
            {
                scale.Scale(images[sources[i]], values.AsSpan(i * scale.Pixels, scale.Pixels));
            }

            return new ImageBatch(scale.Pixels, values, [.. Enumerable.Repeat(0, references), .. Enumerable.Repeat(1, partners)], sources);
        }

        int[] Pick(LabelledImages images, StreamPurpose purpose, int label, int count)
        {
            int[] all = images.ByClass[label];
            if (count > all.Length)
            {
                throw new UsageException($"{count} pictures of the class {data.Info.Classes[label]} are asked for, and {data.Info.Title} has {all.Length}: lower ddpm.images or ddpm.testImages");
            }

            double[] order = new double[all.Length];
            new RandomStream(seed, purpose).FillUniforms(label, 0, order);
            int[] sorted = [.. all];
            Array.Sort(order, sorted);
            return sorted[..count];
        }
    }
}
