using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Quadrature;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using Complex = System.Numerics.Complex;

namespace Hpc.Theory.Tests;

/// <summary>
/// One realization of the model at finite N, as plainly as possible: U and V by the Mehler series of theory.md section 2, population averages
/// by the same series with a Gaussian instead of a sample, losses from one eigendecomposition (section 1). The reference for the theory.
/// </summary>
internal sealed class ExactSimulation
{
    private const int Terms = 10;

    /// <summary>The noise alone is narrow; population averages are wide but few.</summary>
    private static readonly GaussHermite NarrowRule = new(32);

    private static readonly GaussHermite WideRule = new(80);

    private readonly Vector<double> eigenvalues;
    private readonly Matrix<double> vectors;
    private readonly Matrix<double> rotatedV;
    private readonly Matrix<double>[] testU;
    private readonly Matrix<double>[] testV;
    private readonly Matrix<double>[] trainU;
    private readonly Matrix<double>[] trainV;
    private readonly Matrix<double>[] meanFeatures;
    private readonly int dimension;

    public ExactSimulation(ModelSpec spec, double time, int seed)
    {
        var random = new Random(seed);
        dimension = spec.Dimension;
        int classes = spec.Classes.Count;
        double decay = Math.Exp(-time);
        double noise = 1 - Math.Exp(-2 * time);
        Matrix<double> w = Gaussian(spec.Features, dimension, random);
        double[][] factor = Gram.Factor(spec.CentroidGram);
        int[] sizes = Sizes(spec);

        // Centroids: factor rows times √N on the first axes; W is isotropic.
        Matrix<double> centroids = Matrix<double>.Build.Dense(classes, dimension);
        for (int c = 0; c < classes; c++)
        {
            for (int k = 0; k < factor[c].Length; k++)
            {
                centroids[c, k] = factor[c][k] * Math.Sqrt(dimension);
            }
        }

        Matrix<double> overlaps = w * w.Transpose() / dimension;
        double[] norms = overlaps.Diagonal().Select(Math.Sqrt).ToArray();
        trainU = new Matrix<double>[classes];
        trainV = new Matrix<double>[classes];
        testU = new Matrix<double>[classes];
        testV = new Matrix<double>[classes];
        meanFeatures = new Matrix<double>[classes];
        Matrix<double> u = Matrix<double>.Build.Dense(spec.Features, spec.Features);
        Matrix<double> v = Matrix<double>.Build.Dense(spec.Features, dimension);
        for (int c = 0; c < classes; c++)
        {
            Matrix<double> data = Gaussian(sizes[c], dimension, random) * Math.Sqrt(spec.Classes[c].Variance);
            for (int m = 0; m < sizes[c]; m++)
            {
                data.SetRow(m, data.Row(m) + centroids.Row(c));
            }

            Matrix<double> mean = centroids.SubMatrix(c, 1, 0, dimension);
            (trainU[c], trainV[c], _) = Average(w * data.Transpose() * decay / Math.Sqrt(dimension), Math.Sqrt(noise));
            double spread = Math.Sqrt(decay * decay * spec.Classes[c].Variance + noise);
            (testU[c], testV[c], meanFeatures[c]) = Average(w * mean.Transpose() * decay / Math.Sqrt(dimension), spread);
            u += trainU[c] * sizes[c] / spec.Samples;
            v += trainV[c] * sizes[c] / spec.Samples;
        }

        var decomposition = u.Evd(Symmetricity.Symmetric);
        eigenvalues = decomposition.EigenValues.Real();
        vectors = decomposition.EigenVectors;
        rotatedV = vectors.TransposeThisAndMultiply(v);

        (Matrix<double> U, Matrix<double> V, Matrix<double> Mean) Average(Matrix<double> means, double deviation)
        {
            int count = means.ColumnCount;
            GaussHermite rule = count > 1 ? NarrowRule : WideRule;
            var coefficients = new Matrix<double>[Terms];
            for (int k = 0; k < Terms; k++)
            {
                coefficients[k] = Matrix<double>.Build.Dense(spec.Features, count);
            }

            var energy = new double[spec.Features];
            for (int i = 0; i < spec.Features; i++)
            {
                for (int m = 0; m < count; m++)
                {
                    for (int n = 0; n < rule.Order; n++)
                    {
                        double z = rule.Nodes[n];
                        double value = Apply(spec.Activation, means[i, m] + deviation * norms[i] * z);
                        energy[i] += rule.Weights[n] * value * value / count;
                        double previous = 0;
                        double polynomial = rule.Weights[n] * value;
                        for (int k = 0; k < Terms; k++)
                        {
                            coefficients[k][i, m] += polynomial;
                            (previous, polynomial) = (polynomial, (z * polynomial - Math.Sqrt(k) * previous) / Math.Sqrt(k + 1));
                        }
                    }
                }
            }

            Matrix<double> total = Matrix<double>.Build.Dense(spec.Features, spec.Features);
            Matrix<double> power = Matrix<double>.Build.Dense(spec.Features, spec.Features, 1);
            Matrix<double> correlation = overlaps.MapIndexed((i, j, x) => x / (norms[i] * norms[j]));
            for (int k = 0; k < Terms; k++)
            {
                total += power.PointwiseMultiply(coefficients[k].TransposeAndMultiply(coefficients[k])) / count;
                power = power.PointwiseMultiply(correlation);
            }

            for (int i = 0; i < spec.Features; i++)
            {
                total[i, i] = energy[i];
            }

            // E[φ ξ] = √Δ E φ' w/√N, and E φ' = C_1/(deviation n_i).
            Vector<double> slope = coefficients[1].RowSums() / count * (Math.Sqrt(noise) / deviation);
            Matrix<double> cross = w.MapIndexed((i, _, x) => x * slope[i] / norms[i] / Math.Sqrt(dimension));
            return (total, cross, coefficients[0]);
        }
    }

    public IReadOnlyList<double> Eigenvalues => [.. eigenvalues];

    /// <summary>(1/P) tr G(z).</summary>
    public Complex Trace(Complex z) => eigenvalues.Aggregate(Complex.Zero, (sum, x) => sum + 1 / (x - z)) / eigenvalues.Count;

    /// <summary>Train and test loss of every class at s; discrete descent when a learning rate is given.</summary>
    public (double[] Train, double[] Test) Losses(double s, double? learningRate = null)
    {
        Matrix<double> b = vectors * Matrix<double>.Build.Dense(rotatedV.RowCount, dimension, (i, j) =>
        {
            double x = eigenvalues[i];
            double left = learningRate is { } rate ? Math.Pow(1 - 2 * rate * x, s / (2 * rate)) : Math.Exp(-x * s);
            return (1 - left) / x * rotatedV[i, j];
        });
        return (
            trainU.Select((u, c) => Loss(u, trainV[c])).ToArray(),
            testU.Select((u, c) => Loss(u, testV[c])).ToArray());

        double Loss(Matrix<double> u, Matrix<double> v) =>
            1 - 2.0 / dimension * b.PointwiseMultiply(v).RowSums().Sum() + b.PointwiseMultiply(u * b).RowSums().Sum() / dimension;
    }

    /// <summary>(α_c·ψ)²/‖α_c‖² summed over the largest eigenvectors, square root.</summary>
    public double[] Rms(int count) => meanFeatures.Select(mean => Math.Sqrt(Enumerable.Range(1, count).Sum(k =>
        Math.Pow(vectors.Column(vectors.ColumnCount - k) * mean.Column(0), 2)) / mean.Column(0).DotProduct(mean.Column(0)))).ToArray();

    private static Matrix<double> Gaussian(int rows, int columns, Random random) =>
        Matrix<double>.Build.Dense(rows, columns, (_, _) => Normal.Sample(random, 0, 1));

    private static double Apply(Activation activation, double x) => activation switch
    {
        Activation.Erf => SpecialFunctions.Erf(x),
        Activation.Relu => Math.Max(0, x),
        _ => Math.Tanh(x),
    };

    private static int[] Sizes(ModelSpec spec)
    {
        int[] sizes = spec.Classes.Select(c => (int)Math.Round(c.Weight * spec.Samples)).ToArray();
        sizes[^1] += spec.Samples - sizes.Sum();
        return sizes;
    }
}
