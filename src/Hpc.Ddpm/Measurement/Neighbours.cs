using System.Numerics.Tensors;
using Hpc.Ddpm.Data;

namespace Hpc.Ddpm.Measurement;

/// <summary>The training images next to a sample, in Euclidean distance over all pixels.</summary>
/// <param name="Image">Position of the nearest.</param>
/// <param name="First">Distance d₁ to it.</param>
/// <param name="Second">Distance d₂ to the second nearest; infinite where there is no other.</param>
public readonly record struct Neighbours(int Image, double First, double Second)
{
    /// <summary>d₁/d₂, from 0 for a copy to 1 half-way between two; 1 where two training images are the same.</summary>
    public double Ratio => Second > 0 ? First / Second : 1;

    /// <summary>Finds the neighbours of every sample.</summary>
    /// <param name="images">Training images.</param>
    /// <param name="samples">Samples, one after the other.</param>
    public static Neighbours[] Find(ImageBatch images, float[] samples)
    {
        var found = new Neighbours[samples.Length / images.Pixels];
        for (int s = 0; s < found.Length; s++)
        {
            ReadOnlySpan<float> sample = samples.AsSpan(s * images.Pixels, images.Pixels);
            (int nearest, float first, float second) = (0, float.PositiveInfinity, float.PositiveInfinity);
            for (int i = 0; i < images.Count; i++)
            {
                float distance = TensorPrimitives.Distance(sample, images[i]);
                if (distance < first)
                {
                    (nearest, first, second) = (i, distance, first);
                }
                else if (distance < second)
                {
                    second = distance;
                }
            }

            found[s] = new Neighbours(nearest, first, second);
        }

        return found;
    }
}
