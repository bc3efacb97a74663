using Hpc.Ddpm.Spec;

namespace Hpc.Ddpm.Sampling;

/// <summary>
/// The forward process x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε with ε of independent standard normal numbers, t = 0 … T − 1, ᾱ_t = Π_{s ≤ t} (1 − β_s)
/// and β rising linearly (J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239, section 2; their t begins at 1).
/// </summary>
public sealed class NoiseSchedule
{
    private readonly double[] kept;

    public NoiseSchedule(NoiseSpec spec)
    {
        kept = new double[spec.Steps];
        double product = 1;
        for (int t = 0; t < kept.Length; t++)
        {
            product *= 1 - (spec.First + (spec.Last - spec.First) * t / (spec.Steps - 1));
            kept[t] = product;
        }
    }

    /// <summary>T.</summary>
    public int Steps => kept.Length;

    /// <summary>ᾱ_t, the part of the variance of the data that is left; 1 for t = −1, before the first step.</summary>
    public double Kept(int t) => t < 0 ? 1 : kept[t];

    /// <summary>The step that a number from the open interval (0, 1) stands for.</summary>
    public int StepOf(double uniform) => Math.Min((int)(uniform * Steps), Steps - 1);

    /// <summary>Adds noise to an image.</summary>
    /// <param name="t">The step.</param>
    /// <param name="image">x_0.</param>
    /// <param name="noise">ε.</param>
    /// <param name="destination">x_t.</param>
    public void AddNoise(int t, ReadOnlySpan<float> image, ReadOnlySpan<float> noise, Span<float> destination)
    {
        float signal = (float)Math.Sqrt(kept[t]), amplitude = (float)Math.Sqrt(1 - kept[t]);
        for (int i = 0; i < image.Length; i++)
        {
            destination[i] = signal * image[i] + amplitude * noise[i];
        }
    }
}
