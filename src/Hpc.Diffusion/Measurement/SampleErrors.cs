using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;

namespace Hpc.Diffusion.Measurement;

/// <summary>What a score network errs by on each of some noised samples (theory.md section 1).</summary>
public static class SampleErrors
{
    /// <summary>Computes both errors from the scores.</summary>
    /// <param name="scores">s_A(x_t), n×N; overwritten.</param>
    /// <param name="noise">ξ, n×N.</param>
    /// <param name="exact">∇log p_t(x_t), n×N.</param>
    /// <param name="amplitude">√Δ.</param>
    /// <param name="losses">Receives ‖√Δ s_A + ξ‖²/N, n numbers.</param>
    /// <param name="scoreErrors">Receives ‖s_A − ∇log p_t‖²/N, n numbers.</param>
    public static void Compute(
        Matrix<double> scores, Matrix<double> noise, Matrix<double> exact, double amplitude, Span<double> losses, Span<double> scoreErrors)
    {
        using KernelScope scope = SampleMoments.Enter(scores.Length);
        for (int i = 0; i < scores.Rows; i++)
        {
            double distance = TensorPrimitives.Distance<double>(scores.Row(i), exact.Row(i));
            scoreErrors[i] = distance * distance / scores.Columns;
            TensorPrimitives.MultiplyAdd(scores.Row(i), amplitude, noise.Row(i), scores.Row(i));
            losses[i] = TensorPrimitives.SumOfSquares<double>(scores.Row(i)) / scores.Columns;
        }
    }
}
