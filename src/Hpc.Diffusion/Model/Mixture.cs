using Hpc.Diffusion.Spec;

namespace Hpc.Diffusion.Model;

/// <summary>Sizes and places of the classes among the training samples, which are stored class after class.</summary>
public static class Mixture
{
    /// <summary>
    /// M_c: b_c M rounded by largest remainder, so that the sizes sum to M (theory.md section 1). Of equal remainders the earlier class
    /// is rounded up.
    /// </summary>
    public static int[] ClassSizes(ModelSpec model)
    {
        double[] exact = [.. model.Classes.Select(c => c.Weight * model.Samples)];
        int[] sizes = [.. exact.Select(e => (int)Math.Floor(e + 1e-9))];
        int missing = model.Samples - sizes.Sum();
        foreach (int c in Enumerable.Range(0, sizes.Length).OrderByDescending(c => exact[c] - sizes[c]).Take(Math.Max(missing, 0)))
        {
            sizes[c]++;
        }

        return sizes;
    }
}
