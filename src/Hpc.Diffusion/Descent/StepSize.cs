using System.Globalization;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.Randomness;

namespace Hpc.Diffusion.Descent;

/// <summary>Refuses a learning rate with which descent diverges: 2η₀ λ_max must be below 2 (theory.md section 1).</summary>
public static class StepSize
{
    /// <summary>Relative residual to which λ_max is found; the bound leaves that much room.</summary>
    private const double Tolerance = 1e-6;

    /// <summary>Finds λ_max by Lanczos iteration and checks the learning rate against it.</summary>
    /// <param name="covariance">Product with U.</param>
    /// <param name="features">P, and which part of it is here.</param>
    /// <param name="learningRate">η₀.</param>
    /// <param name="seed">Seed of the start vector.</param>
    /// <returns>λ_max.</returns>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public static double Check(SymmetricOperator covariance, RowShare features, double learningRate, uint seed)
    {
        (double largest, double bound) = Largest(covariance, features, seed);
        Check(bound, learningRate);
        return largest;
    }

    /// <summary>Finds λ_max by Lanczos iteration, and an upper bound on it.</summary>
    /// <param name="covariance">Product with U.</param>
    /// <param name="features">P, and which part of it is here.</param>
    /// <param name="seed">Seed of the start vector.</param>
    public static (double Largest, double Bound) Largest(SymmetricOperator covariance, RowShare features, uint seed)
    {
        double[] start = new double[features.Count];
        new RandomStream(seed, StreamPurpose.ProbeVectors).FillNormals(0, features.First, start);
        (double largest, Convergence convergence) = LargestEigenvalue.Compute(covariance, start, Tolerance, 200, features);
        return (largest, largest + convergence.Residual);
    }

    /// <summary>Checks a learning rate.</summary>
    /// <param name="bound">Upper bound on λ_max.</param>
    /// <param name="learningRate">η₀.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public static void Check(double bound, double learningRate)
    {
        if (!(2 * learningRate * bound < 2))
        {
            throw new SpecException(string.Create(
                CultureInfo.InvariantCulture,
                $"descent diverges: 2·learningRate·λ_max = {2 * learningRate * bound:G4} with descent.learningRate = {learningRate:G6} and λ_max = {bound:G5}; it must be below 2: lower descent.learningRate below {0.99 / bound:G3}"));
        }
    }
}
