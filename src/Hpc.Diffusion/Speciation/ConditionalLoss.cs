using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Speciation;

/// <summary>What the exact scores lose and know at one diffusion time, per class c; averages over noised samples of the class.</summary>
/// <param name="Conditional">
/// Loss of the score that knows the class, E_c‖√Δ s_c + ξ‖²/N = e^{−2t}σ_c²/Γ_c², with s_c = (e^{−t}m_c − x)/Γ_c².
/// </param>
/// <param name="Mixture">
/// Loss of the mixture's score s = Σ_c' π_c' s_c' on the same samples; it exceeds the conditional one by Δ E_c‖s − s_c‖²/N (E[ξ|x, c] = −√Δ s_c).
/// </param>
/// <param name="MixtureError">Its standard error over samples.</param>
/// <param name="Gain">
/// What conditioning on the class saves, as a share of what it would save if x told nothing of its class:
/// E_c‖s − s_c‖²/E_c‖Σ_c' b_c' s_c' − s_c‖². 0 before the speciation time, 1 long after it; NaN where all classes have the same score.
/// </param>
/// <param name="GainError">Its standard error.</param>
/// <param name="Posterior">E_c[π_c(x)], from 1 before the speciation time to b_c after it.</param>
/// <param name="PosteriorError">Its standard error.</param>
public sealed record ConditionalLossPoint(
    double[] Conditional, double[] Mixture, double[] MixtureError, double[] Gain, double[] GainError, double[] Posterior, double[] PosteriorError);

/// <summary>
/// When conditioning on the class stops lowering the denoising loss of the exact score: a quantity of the mixture alone, with neither network nor
/// training data (theory.md section 6 and <see cref="MixtureScore"/>).
/// </summary>
/// <remarks>
/// Both scores see x only through its components along the r directions of the centroids and the length of the rest. A sample of the noised class,
/// e^{−t}m_c + Γ_c z, is drawn in all N dimensions and kept as these r + 1 numbers of z, the same for every time: curves over t are smooth.
/// For two classes of equal variance, Σ_c b_c E_c‖s − s_c‖² = e^{−2t}‖m_1 − m_2‖²/Γ⁴ · (1 − φ)/2, where φ = Σ_c b_c E_c π_c is the probability that
/// two backward trajectories from one x_t end in the same class (<see cref="CloningExperiment"/>): loss and cloning see the same transition.
/// With the transition in the spectrum (<see cref="FeatureOverlap"/>) they agree in this sense, computed for P = M = 2N, orthogonal centroids of norm √N
/// and σ² = 0.5. For classes of finite weight all three times are ½ log N plus a number that N does not change, so that in units of log N they meet at ½:
/// with weights 0.7 and 0.3 the numbers are −0.08 and −0.50 for the overlaps of the two classes, −0.53 and −0.17 for the gains of 1/2, −0.30 for φ half-way, all
/// to 0.01 from N = 500 to 10⁶. For a weight N^{−a} the overlap of the small class is lost at (1−a)/2 log N + 0.10 (a = 1/4 and 1/2, to 0.01 from N = 1000),
/// when U no longer holds it apart, while the posterior of the mixture still tells it up to ½ log N less a term that grows as log log N: there the
/// spectrum is first, and the experiments on the exact score do not follow it.
/// </remarks>
public sealed class ConditionalLoss
{
    private readonly ModelSpec model;
    private readonly double[][] factor;
    private readonly Matrix<double>[] samples;

    /// <param name="model">The mixture.</param>
    /// <param name="seed">Seed of the samples.</param>
    /// <param name="count">Samples of each class, at least 2.</param>
    /// <param name="team">Threads to draw with.</param>
    public ConditionalLoss(ModelSpec model, uint seed, int count, ThreadTeam team)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        this.model = model;
        factor = Gram.Factor(model.CentroidGram);
        int rank = factor[0].Length;
        var stream = new RandomStream(seed, StreamPurpose.ConditionalLoss);
        samples = new Matrix<double>[model.Classes.Count];
        for (int c = 0; c < samples.Length; c++)
        {
            Matrix<double> drawn = samples[c] = new Matrix<double>(count, rank + 1);
            int k = c;
            team.For(count, i =>
            {
                double[] z = new double[model.Dimension];
                stream.FillNormals(k, (long)i * model.Dimension, z);
                z.AsSpan(0, rank).CopyTo(drawn.Row(i));
                drawn[i, rank] = TensorPrimitives.SumOfSquares<double>(z.AsSpan(rank));
            });
        }
    }

    /// <summary>Measures at a diffusion time.</summary>
    public ConditionalLossPoint At(ForwardProcess forward)
    {
        int classes = model.Classes.Count, rank = factor[0].Length, dimension = model.Dimension;
        double[] variances = [.. model.Classes.Select(c => forward.NoisedVariance(c.Variance))], priors = [.. model.Classes.Select(c => c.Weight)];

        // Components of the noised centroids along the orthonormal directions.
        double[][] centroids = [.. factor.Select(row => row.Select(l => forward.Decay * Math.Sqrt(dimension) * l).ToArray())];
        double[] posterior = new double[classes], x = new double[rank];
        var point = new ConditionalLossPoint(
            new double[classes], new double[classes], new double[classes], new double[classes], new double[classes], new double[classes], new double[classes]);
        for (int c = 0; c < classes; c++)
        {
            int count = samples[c].Rows;
            double[] excess = new double[count], largest = new double[count], own = new double[count];
            for (int i = 0; i < count; i++)
            {
                Span<double> z = samples[c].Row(i);
                for (int k = 0; k < rank; k++)
                {
                    x[k] = centroids[c][k] + Math.Sqrt(variances[c]) * z[k];
                }

                double rest = variances[c] * z[rank];
                for (int d = 0; d < classes; d++)
                {
                    double distance = rest;
                    for (int k = 0; k < rank; k++)
                    {
                        distance += (x[k] - centroids[d][k]) * (x[k] - centroids[d][k]);
                    }

                    posterior[d] = Math.Log(priors[d]) - 0.5 * dimension * Math.Log(variances[d]) - distance / (2 * variances[d]);
                }

                MixtureScore.Normalize(posterior);
                own[i] = posterior[c];
                excess[i] = Distance(posterior, c, rest);
                largest[i] = Distance(priors, c, rest);
            }

            point.Conditional[c] = forward.Decay * forward.Decay * model.Classes[c].Variance / variances[c];
            (double mean, point.MixtureError[c]) = Average(excess, forward.NoiseLevel / dimension);
            point.Mixture[c] = point.Conditional[c] + mean;
            (point.Posterior[c], point.PosteriorError[c]) = Average(own, 1);
            double all = TensorPrimitives.Average<double>(largest), ratio = TensorPrimitives.Average<double>(excess) / all;
            point.Gain[c] = all > 0 ? ratio : double.NaN;

            // Error of a ratio of means: that of the mean of excess − ratio · largest.
            TensorPrimitives.MultiplyAdd(largest, -ratio, excess, excess);
            point.GainError[c] = all > 0 ? Average(excess, 1 / all).Error : double.NaN;
        }

        return point;

        // ‖Σ_d w_d s_d − s_c‖²
        double Distance(double[] weights, int c, double rest)
        {
            double total = 0, radial = -1 / variances[c];
            for (int k = 0; k < rank; k++)
            {
                double difference = -(centroids[c][k] - x[k]) / variances[c];
                for (int d = 0; d < classes; d++)
                {
                    difference += weights[d] * (centroids[d][k] - x[k]) / variances[d];
                }

                total += difference * difference;
            }

            for (int d = 0; d < classes; d++)
            {
                radial += weights[d] / variances[d];
            }

            return total + radial * radial * rest;
        }
    }

    private static (double Mean, double Error) Average(double[] values, double scale)
    {
        double mean = TensorPrimitives.Average<double>(values), squares = 0;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return (scale * mean, scale * Math.Sqrt(squares / (values.Length - 1.0) / values.Length));
    }
}
