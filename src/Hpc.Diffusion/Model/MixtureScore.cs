using System.Numerics.Tensors;

namespace Hpc.Diffusion.Model;

/// <summary>
/// The exact score of the noised mixture: ∇log p_t(x) = Σ_c π_c(x)(e^{−t}m_c − x)/Γ_c², with posterior weights
/// π_c ∝ b_c Γ_c^{−N} exp(−‖x − e^{−t}m_c‖²/2Γ_c²) and Γ_c² = e^{−2t}σ_c² + Δ.
/// </summary>
public sealed class MixtureScore
{
    private readonly double[] logPrior;
    private readonly double[] noisedVariances;
    private readonly double[][] noisedCentroids;

    public MixtureScore(Realization realization, ForwardProcess forward)
    {
        int classes = realization.Model.Classes.Count;
        logPrior = new double[classes];
        noisedVariances = new double[classes];
        noisedCentroids = new double[classes][];
        for (int c = 0; c < classes; c++)
        {
            noisedVariances[c] = forward.NoisedVariance(realization.Model.Classes[c].Variance);
            logPrior[c] = Math.Log(realization.Model.Classes[c].Weight) - 0.5 * realization.Model.Dimension * Math.Log(noisedVariances[c]);
            noisedCentroids[c] = new double[realization.Model.Dimension];
            TensorPrimitives.Multiply(realization.Centroids.Row(c), forward.Decay, noisedCentroids[c]);
        }
    }

    /// <summary>Writes the posterior π_c(<paramref name="x"/>) of every class to <paramref name="weights"/>.</summary>
    public void Posterior(ReadOnlySpan<double> x, Span<double> weights)
    {
        for (int c = 0; c < weights.Length; c++)
        {
            double distance = TensorPrimitives.Distance(x, noisedCentroids[c]);
            weights[c] = logPrior[c] - distance * distance / (2 * noisedVariances[c]);
        }

        Normalize(weights);
    }

    /// <summary>Turns logarithms of weights into weights that sum to 1, whatever their common size.</summary>
    internal static void Normalize(Span<double> logarithms)
    {
        // SoftMax itself takes exponentials as they are: those of a few thousand dimensions underflow.
        TensorPrimitives.Subtract(logarithms, TensorPrimitives.Max<double>(logarithms), logarithms);
        TensorPrimitives.SoftMax(logarithms, logarithms);
    }

    /// <summary>Writes ∇log p_t(<paramref name="x"/>), length N, to <paramref name="score"/>.</summary>
    public void Evaluate(ReadOnlySpan<double> x, Span<double> score)
    {
        Span<double> weights = stackalloc double[logPrior.Length];
        Posterior(x, weights);
        score.Clear();
        double total = 0;
        for (int c = 0; c < weights.Length; c++)
        {
            double factor = weights[c] / noisedVariances[c];
            total += factor;
            TensorPrimitives.MultiplyAdd(noisedCentroids[c], factor, score, score);
        }

        TensorPrimitives.MultiplyAdd(x, -total, score, score);
    }
}
