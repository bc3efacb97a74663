using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Measurement;

/// <summary>Noise for the samples that losses are measured on, with the exact score at the noised samples.</summary>
internal sealed class NoisedSamples(Realization realization, ForwardProcess forward, ThreadTeam team)
{
    private static readonly Kernel Noising = Kernel.Of<double>("noised-samples");

    private readonly MixtureScore exactScore = new(realization, forward);
    private readonly RandomStream stream = new(realization.Seed, StreamPurpose.TestNoise);

    /// <summary>Turns rows x into x_t = e^{−t}x + √Δ ξ.</summary>
    /// <param name="step">Step of the stream of test noise.</param>
    /// <param name="first">Number of the first sample in that step.</param>
    /// <param name="inputs">x, n×N; receives x_t.</param>
    /// <param name="noise">Receives ξ.</param>
    /// <param name="score">Receives ∇log p_t(x_t).</param>
    public void Fill(long step, long first, Matrix<double> inputs, Matrix<double> noise, Matrix<double> score)
    {
        int dimension = realization.Model.Dimension;

        // Of each component: a random number, three operations for x_t, five for each class in the score and two for their sum.
        using KernelScope scope = Noising.Enter(
            (6 + 5.0 * realization.Model.Classes.Count) * inputs.Length, 4.0 * sizeof(double) * inputs.Length);
        team.For(inputs.Rows, i =>
        {
            stream.FillNormals(step, (first + i) * dimension, noise.Row(i));
            TensorPrimitives.Multiply(inputs.Row(i), forward.Decay, inputs.Row(i));
            TensorPrimitives.MultiplyAdd(noise.Row(i), forward.NoiseAmplitude, inputs.Row(i), inputs.Row(i));
            exactScore.Evaluate(inputs.Row(i), score.Row(i));
        });
    }
}
