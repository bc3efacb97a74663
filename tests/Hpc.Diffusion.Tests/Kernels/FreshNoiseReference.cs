namespace Hpc.Diffusion.Tests.Kernels;

/// <summary>
/// The fresh-noise epoch by loops in double, together with a first-order bound on how far products in a precision of unit roundoff u may
/// lead away from it.
/// </summary>
/// <param name="activation">φ, with |φ'| ≤ 1.</param>
/// <param name="activationError">Largest error of the tested activation in units of u, relative.</param>
internal sealed class FreshNoiseReference(
    double[,] firstLayer, double[,] samples, int[] classSizes, double diffusionTime, double learningRate, Func<double, double> activation,
    double activationError, double unit)
{
    private readonly int n = firstLayer.GetLength(1);
    private readonly int p = firstLayer.GetLength(0);
    private readonly int m = samples.GetLength(0);

    public double[,] Readout { get; } = new double[firstLayer.GetLength(1), firstLayer.GetLength(0)];

    public double[,] ReadoutError { get; } = new double[firstLayer.GetLength(1), firstLayer.GetLength(0)];

    public (double[] Losses, double[] Errors) Run(Func<int, int, double> noise)
    {
        double level = 1 - Math.Exp(-2 * diffusionTime);
        double amplitude = Math.Sqrt(level);
        double decay = Math.Exp(-diffusionTime);
        var gradient = new double[n, p];
        var gradientError = new double[n, p];
        var gradientScale = new double[n, p];
        var losses = new double[classSizes.Length];
        var errors = new double[classSizes.Length];
        var feature = new double[p];
        var featureError = new double[p];
        int sample = 0;
        for (int c = 0; c < classSizes.Length; c++)
        {
            for (int end = sample + classSizes[c]; sample < end; sample++)
            {
                for (int i = 0; i < p; i++)
                {
                    double h = 0;
                    double scale = 0;
                    for (int k = 0; k < n; k++)
                    {
                        double w = firstLayer[i, k] / Math.Sqrt(n);
                        h += w * (decay * samples[sample, k] + amplitude * noise(sample, k));
                        scale += Math.Abs(w) * (Math.Abs(decay * samples[sample, k]) + Math.Abs(amplitude * noise(sample, k)));
                    }

                    // Inputs, constants and their products are rounded about six times, then n products are summed.
                    feature[i] = activation(h);
                    featureError[i] = (n + 8) * unit * scale + activationError * unit * Math.Abs(feature[i]);
                }

                for (int k = 0; k < n; k++)
                {
                    double score = 0;
                    double scale = 0;
                    double error = 0;
                    for (int i = 0; i < p; i++)
                    {
                        score += Readout[k, i] * feature[i];
                        scale += Math.Abs(Readout[k, i] * feature[i]);
                        error += Math.Abs(Readout[k, i]) * featureError[i] + Math.Abs(feature[i]) * ReadoutError[k, i];
                    }

                    double residual = amplitude * score + noise(sample, k);
                    double residualError =
                        amplitude * error + (p + 8) * unit * amplitude * scale + 4 * unit * Math.Abs(noise(sample, k));
                    losses[c] += residual * residual / n / classSizes[c];
                    errors[c] += (2 * Math.Abs(residual) * residualError + residualError * residualError) / n / classSizes[c];
                    for (int i = 0; i < p; i++)
                    {
                        gradient[k, i] += residual * feature[i];
                        gradientScale[k, i] += Math.Abs(residual * feature[i]);
                        gradientError[k, i] += Math.Abs(residual) * featureError[i] + (Math.Abs(feature[i]) + featureError[i]) * residualError;
                    }
                }
            }

            // Here one sum over components and samples, there a sum of sums, both in double.
            errors[c] += ((double)n * classSizes[c] + n + classSizes[c] + 8) * Math.ScaleB(1, -53) * losses[c];
        }

        double step = 2 * learningRate / (amplitude * m);
        for (int k = 0; k < n; k++)
        {
            for (int i = 0; i < p; i++)
            {
                Readout[k, i] -= step * gradient[k, i];
                ReadoutError[k, i] += step * (gradientError[k, i] + (m + 8) * unit * gradientScale[k, i]);
            }
        }

        return (losses, errors);
    }
}
