using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Cli.Tests;

/// <summary>
/// The operations of a backend as one would write them down, in plain loops and single precision throughout, for tanh: its distance from
/// double precision is the error that any single-precision backend may have.
/// </summary>
internal sealed class NaiveSingleBackend : IBackend
{
    public string Description => "naive";

    public IReadOnlyDictionary<string, string> Versions { get; } = new Dictionary<string, string>();

    public IFreshNoiseModel CreateFreshNoise(Realization realization, ForwardProcess forward, double learningRate, bool single, ThreadTeam team) =>
        new Model(realization, forward, learningRate);

    public IExactCovariances CreateCovariances(Realization realization, ForwardProcess forward, bool single, ThreadTeam team) =>
        new Covariances(realization, forward, new SimdBackend().CreateCovariances(realization, forward, single: false, team));

    public FeatureStorage Storage(FeatureStorage planned) => FeatureStorage.Single;

    private static float[,] Narrow(MatrixView<double> matrix)
    {
        float[,] result = new float[matrix.Rows, matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                result[i, j] = (float)matrix[i, j];
            }
        }

        return result;
    }

    /// <summary>Σ_n a[i, n] b[j, n] in order.</summary>
    private static float Dot(float[,] a, int i, float[,] b, int j)
    {
        float sum = 0;
        for (int n = 0; n < a.GetLength(1); n++)
        {
            sum += a[i, n] * b[j, n];
        }

        return sum;
    }

    private sealed class Model(Realization realization, ForwardProcess forward, double learningRate) : IFreshNoiseModel
    {
        private readonly int features = realization.Model.Features, dimension = realization.Model.Dimension, samples = realization.Model.Samples;
        private readonly float[,] layer = Narrow(realization.FirstLayer.View), data = Narrow(realization.Samples.View);
        private readonly float[,] readout = new float[realization.Model.Dimension, realization.Model.Features];
        private readonly float decay = (float)forward.Decay, amplitude = (float)forward.NoiseAmplitude;
        private readonly RandomStream stream = new(realization.Seed, StreamPurpose.TrainingNoise);
        private float[,] inputFeatures = new float[0, 0];

        public int Count => 1;

        public int EpochsAtATime => 1;

        public MatrixView<double> Readout => throw new NotSupportedException("The readout is in single precision.");

        public void Run(long first, int count, Span<double> classLosses)
        {
            for (long epoch = first; epoch < first + count; epoch++)
            {
                (float[,] noise, float[,] phi) = Features(epoch);
                float[,] residuals = new float[samples, dimension], scores = Apply(phi);
                float[] losses = new float[samples];
                for (int m = 0; m < samples; m++)
                {
                    for (int n = 0; n < dimension; n++)
                    {
                        residuals[m, n] = amplitude * scores[m, n] + noise[m, n];
                        losses[m] += residuals[m, n] * residuals[m, n] / dimension;
                    }
                }

                for (int n = 0; n < dimension; n++)
                {
                    for (int i = 0; i < features; i++)
                    {
                        float gradient = 0;
                        for (int m = 0; m < samples; m++)
                        {
                            gradient += residuals[m, n] * phi[m, i];
                        }

                        readout[n, i] -= (float)(2 * learningRate / (samples * forward.NoiseAmplitude)) * gradient;
                    }
                }

                for (int c = 0; c < classLosses.Length; c++)
                {
                    classLosses[c] = losses.Skip(realization.ClassStarts[c]).Take(realization.ClassSizes[c]).Average();
                }
            }
        }

        public void ApplyCovariance(ReadOnlySpan<double> x, Span<double> y)
        {
            (_, float[,] phi) = Features(1);
            y.Clear();
            for (int m = 0; m < samples; m++)
            {
                float overlap = 0;
                for (int i = 0; i < features; i++)
                {
                    overlap += phi[m, i] * (float)x[i];
                }

                for (int i = 0; i < features; i++)
                {
                    y[i] += overlap * phi[m, i] / samples;
                }
            }
        }

        public void SetInputs(MatrixView<double> inputs) => inputFeatures = Map(Narrow(inputs));

        public void Scores(int record, MatrixView<double> scores)
        {
            float[,] result = Apply(inputFeatures);
            for (int m = 0; m < scores.Rows; m++)
            {
                for (int n = 0; n < dimension; n++)
                {
                    scores[m, n] = result[m, n];
                }
            }
        }

        public void Dispose()
        {
        }

        private float[,] Map(float[,] inputs)
        {
            float[,] phi = new float[inputs.GetLength(0), features];
            for (int m = 0; m < phi.GetLength(0); m++)
            {
                for (int i = 0; i < features; i++)
                {
                    phi[m, i] = MathF.Tanh(Dot(layer, i, inputs, m) / MathF.Sqrt(dimension));
                }
            }

            return phi;
        }

        private float[,] Apply(float[,] phi)
        {
            float[,] scores = new float[phi.GetLength(0), dimension];
            for (int m = 0; m < phi.GetLength(0); m++)
            {
                for (int n = 0; n < dimension; n++)
                {
                    scores[m, n] = Dot(readout, n, phi, m);
                }
            }

            return scores;
        }

        private (float[,] Noise, float[,] Features) Features(long epoch)
        {
            float[] numbers = new float[samples * dimension];
            stream.FillNormals(epoch, 0, numbers);
            float[,] noise = new float[samples, dimension], inputs = new float[samples, dimension];
            for (int m = 0; m < samples; m++)
            {
                for (int n = 0; n < dimension; n++)
                {
                    noise[m, n] = numbers[m * dimension + n];
                    inputs[m, n] = decay * data[m, n] + amplitude * noise[m, n];
                }
            }

            return (noise, Map(inputs));
        }
    }

    /// <summary>The Mehler series up to the order that double precision chooses.</summary>
    private sealed class Covariances(Realization realization, ForwardProcess forward, IExactCovariances exact) : IExactCovariances
    {
        private readonly int features = realization.Model.Features, dimension = realization.Model.Dimension;
        private readonly float[,] layer = Narrow(realization.FirstLayer.View);

        public MehlerResult Compute(MatrixView<double> samples, double noise, Matrix<double> covariance)
        {
            MehlerResult wide = exact.Compute(samples, noise, covariance);
            float[,] x = Narrow(samples);
            int count = samples.Rows, orders = Math.Max(2, wide.Order + 1);
            var rule = new GaussHermite(64);
            float[] norms = [.. Enumerable.Range(0, features).Select(i => MathF.Sqrt(Dot(layer, i, layer, i) / dimension))];
            float[,,] coefficients = new float[orders, features, count];
            float[] second = new float[features];
            double[] gain = new double[features];
            for (int i = 0; i < features; i++)
            {
                for (int m = 0; m < count; m++)
                {
                    float mean = (float)forward.Decay * Dot(layer, i, x, m) / MathF.Sqrt(dimension);
                    for (int q = 0; q < rule.Nodes.Length; q++)
                    {
                        float z = (float)rule.Nodes[q], value = MathF.Tanh(mean + (float)noise * norms[i] * z);
                        float before = 0, current = (float)rule.Weights[q];
                        second[i] += current * value * value / count;
                        for (int k = 0; k < orders; k++)
                        {
                            coefficients[k, i, m] += current * value;
                            (before, current) = (current, (z * current - MathF.Sqrt(k) * before) / MathF.Sqrt(k + 1));
                        }
                    }

                    gain[i] += coefficients[1, i, m] / count;
                }

                gain[i] /= (float)noise * norms[i];
            }

            for (int i = 0; i < features; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    float correlation = Dot(layer, i, layer, j) / (dimension * norms[i] * norms[j]), power = 1, sum = 0;
                    for (int k = 0; k <= wide.Order; k++)
                    {
                        float order = 0;
                        for (int m = 0; m < count; m++)
                        {
                            order += coefficients[k, i, m] * coefficients[k, j, m];
                        }

                        sum += power * order / count;
                        power *= correlation;
                    }

                    covariance[i, j] = covariance[j, i] = i == j ? second[i] : sum;
                }
            }

            return wide with { Gain = gain };
        }

        public ExactCovariance Keep(MatrixView<double> samples, double noise)
        {
            var matrix = new Matrix<double>(features, features);
            MehlerResult result = Compute(samples, noise, matrix);
            return new ExactCovariance(new Kept(matrix), result);
        }

        public ExactCovariance Renew(MatrixView<double> sample, double noise) => Keep(sample, noise);

        public void Dispose() => exact.Dispose();
    }

    private sealed class Kept(Matrix<double> matrix) : ISymmetricOperator, IDisposable
    {
        public int Dimension => matrix.Rows;

        public long MemoryBytes => sizeof(double) * matrix.Length;

        public double Flops(int vectors) => 2.0 * matrix.Length * vectors;

        public void Apply(MatrixView<double> x, MatrixView<double> y)
        {
            for (int i = 0; i < Dimension; i++)
            {
                for (int l = 0; l < x.Columns; l++)
                {
                    y[i, l] = 0;
                    for (int j = 0; j < Dimension; j++)
                    {
                        y[i, l] += matrix[i, j] * x[j, l];
                    }
                }
            }
        }

        public void Dispose() => matrix.Dispose();
    }
}
