using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Theory;

/// <summary>
/// <see cref="IFeatureStatistics"/> of the Gaussian-equivalent features f^μ = α_c + D_κc e^{−t}σ_c W z^μ/√N + D_vc ω^μ, plus the parts
/// averaged over the noise (theory.md section 3): U_gep = (1/M) Σ_μ f^μ f^μᵀ + Σ_c b_c [Δ D_κc (WWᵀ/N) D_κc + D_{s_c²}] and
/// V_gep = √Δ D_κ̄ W/√N. It has the realization's own W and z^μ, so that it can be compared with the exact statistics seed by seed.
/// </summary>
public sealed class EquivalentStatistics : IFeatureStatistics
{
    private const int BlockSamples = 1024;

    private readonly Realization realization;
    private readonly NeuronGeometry geometry;
    private readonly ForwardProcess forward;
    private readonly ThreadTeam team;
    private readonly IReadOnlyList<NeuronCoefficients> coefficients;
    private readonly RandomStream nonlinear;

    /// <exception cref="ArgumentException">The activation lacks the moments.</exception>
    public EquivalentStatistics(Realization realization, NeuronGeometry geometry, ForwardProcess forward, ThreadTeam team)
    {
        (this.realization, this.geometry, this.forward, this.team) = (realization, geometry, forward, team);
        nonlinear = new RandomStream(realization.Seed, StreamPurpose.EquivalentFeatures);
        coefficients = Coefficients(realization, forward, team);
    }

    public int SeriesOrder => 0;

    public double SeriesRemainder => 0;

    /// <summary>α_c, κ_c, v_c² and s_c² of every neuron that is here, for every class.</summary>
    /// <exception cref="ArgumentException">The activation lacks the moments.</exception>
    public static IReadOnlyList<NeuronCoefficients> Coefficients(Realization realization, ForwardProcess forward, ThreadTeam team) =>
        [.. realization.Model.Classes.Select((c, index) =>
        {
            var equivalence = new GaussianEquivalence(realization.Model.Activation, c.Variance, forward.Time);
            int features = realization.FirstLayer.Rows;
            var own = new NeuronCoefficients(new double[features], new double[features], new double[features], new double[features]);
            double[] centroid = realization.Centroids.Row(index).ToArray();
            team.For(features, i => (own.MeanFeature[i], own.LinearGain[i], own.SampleVariance[i], own.NoiseVariance[i]) =
                equivalence.At(TensorPrimitives.Dot<double>(realization.FirstLayer.Row(i), centroid) / Math.Sqrt(realization.Model.Dimension)));
            return own;
        })];

    public double[] Train(int c, Matrix<double> covariance)
    {
        covariance.Span.Clear();
        Add(c, realization.ClassSizes[c], covariance);
        return Gain(c);
    }

    public double[] TrainAll(Matrix<double> covariance)
    {
        covariance.Span.Clear();
        double[] gain = new double[realization.Model.Features];
        for (int c = 0; c < coefficients.Count; c++)
        {
            Add(c, realization.Model.Samples, covariance);
            double share = (double)realization.ClassSizes[c] / realization.Model.Samples;
            TensorPrimitives.MultiplyAdd(Gain(c), share, gain, gain);
        }

        return gain;
    }

    public double[] Test(int c, Matrix<double> covariance)
    {
        NeuronCoefficients own = coefficients[c];
        covariance.Span.Clear();
        AddLinear(c, forward.NoisedVariance(realization.Model.Classes[c].Variance), covariance);
        team.For(realization.Model.Features, i =>
        {
            Span<double> row = covariance.Row(i);
            for (int j = 0; j < row.Length; j++)
            {
                row[j] += own.MeanFeature[i] * own.MeanFeature[j];
            }

            row[i] += own.SampleVariance[i] + own.NoiseVariance[i];
        });
        return Gain(c);
    }

    private double[] Gain(int c) => (double[])coefficients[c].LinearGain.Clone();

    /// <summary>Adds the training samples of class <paramref name="c"/>, each with weight 1/<paramref name="samples"/>.</summary>
    private void Add(int c, int samples, Matrix<double> covariance)
    {
        NeuronCoefficients own = coefficients[c];
        int dimension = realization.Model.Dimension, size = realization.ClassSizes[c];
        double scale = forward.Decay / Math.Sqrt(dimension);
        using var centered = new Matrix<double>(Math.Min(size, BlockSamples), dimension);
        using var features = new Matrix<double>(realization.Model.Features, centered.Rows);
        for (int first = 0; first < size; first += centered.Rows)
        {
            int start = realization.ClassStarts[c] + first, count = Math.Min(centered.Rows, size - first);
            for (int m = 0; m < count; m++)
            {
                TensorPrimitives.Subtract(realization.Samples.Row(start + m), realization.Centroids.Row(c), centered.Row(m));
            }

            MatrixView<double> block = features.View.Slice(0, 0, realization.Model.Features, count);
            Gemm.Multiply(team, scale, realization.FirstLayer.View, centered.View.Slice(0, 0, count, dimension).Transposed, 0, block);
            team.For(realization.Model.Features, i =>
            {
                double[] omega = new double[count];
                nonlinear.FillNormals(i, start, omega);
                Span<double> row = features.Row(i)[..count];
                double deviation = Math.Sqrt(Math.Max(own.SampleVariance[i], 0));
                for (int m = 0; m < count; m++)
                {
                    row[m] = own.MeanFeature[i] + own.LinearGain[i] * row[m] + deviation * omega[m];
                }
            });
            Syrk.Multiply(team, 1.0 / samples, block, 1, covariance.View);
        }

        double share = (double)size / samples;
        AddLinear(c, share * forward.NoiseLevel, covariance);
        for (int i = 0; i < realization.Model.Features; i++)
        {
            covariance[i, i] += share * own.NoiseVariance[i];
        }
    }

    /// <summary>Adds <paramref name="factor"/> D_κc (WWᵀ/N) D_κc.</summary>
    private void AddLinear(int c, double factor, Matrix<double> covariance)
    {
        double[] scaled = [.. coefficients[c].LinearGain.Zip(geometry.Norms, (gain, norm) => gain * norm)];
        team.For(scaled.Length, i =>
        {
            Span<double> row = covariance.Row(i), correlations = geometry.Correlations.Row(i);
            double own = factor * scaled[i];
            for (int j = 0; j < row.Length; j++)
            {
                row[j] += own * correlations[j] * scaled[j];
            }
        });
    }
}
