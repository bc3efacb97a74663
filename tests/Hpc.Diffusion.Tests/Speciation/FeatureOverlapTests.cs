using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Diffusion.Speciation;
using Hpc.Numerics.Activations;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Speciation;

public sealed class FeatureOverlapTests : IDisposable
{
    private readonly ThreadTeam team = new(2);

    public void Dispose() => team.Dispose();

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(2.5)]
    public void Lanczos_gives_what_all_eigenvectors_give(double time)
    {
        using var realization = new Realization(TestModels.TwoClasses(40, 160, 120), 5, team);
        var forward = new ForwardProcess(time);
        FeatureOverlap dense = Dense(realization, forward);
        using var moments = new ExactMoments(realization, forward, single: false, team);
        FeatureOverlap lanczos = FeatureOverlap.Lanczos(moments.TrainAll.Covariance, MeanFeatures.Exact(realization, forward, team), 5, team);
        for (int c = 0; c < 2; c++)
        {
            Assert.Equal(dense.Rms[c], lanczos.Rms[c], 1e-8);
            Assert.Equal(dense.Eigenvalues[c], lanczos.Eigenvalues[c], 1e-8);
        }
    }

    /// <summary>E erf(h + σz) = erf(h/√(1 + 2σ²)), and E max(0, h + σz) = h Q(−h/σ) + σ G(h/σ).</summary>
    [Theory]
    [InlineData(Activation.Erf)]
    [InlineData(Activation.Relu)]
    public void Mean_features_are_the_closed_forms(Activation activation)
    {
        using var realization = new Realization(TestModels.TwoClasses(30, 50, 40, activation), 1, team);
        var forward = new ForwardProcess(0.7);
        double[][] means = MeanFeatures.Exact(realization, forward, team);
        for (int c = 0; c < 2; c++)
        {
            for (int i = 0; i < 50; i++)
            {
                Span<double> row = realization.FirstLayer.Row(i);
                double h = forward.Decay * TensorPrimitives.Dot<double>(row, realization.Centroids.Row(c)) / Math.Sqrt(30);
                double deviation = Math.Sqrt(forward.NoisedVariance(realization.Model.Classes[c].Variance) / 30) * TensorPrimitives.Norm<double>(row);
                double expected = activation == Activation.Erf
                    ? Erf.Invoke(h / Math.Sqrt(1 + 2 * deviation * deviation))
                    : h * 0.5 * (1 + Erf.Invoke(h / deviation / Math.Sqrt(2))) + deviation * Math.Exp(-0.5 * h * h / deviation / deviation) / Math.Sqrt(2 * Math.PI);
                Assert.Equal(expected, means[c][i], 1e-12);
            }
        }
    }

    [Fact]
    public void Opposite_centroids_have_the_same_overlap()
    {
        // tanh is odd: α_2 = −α_1, one direction and one outlier, whatever the weights.
        ModelSpec model = TestModels.TwoClasses(30, 120, 90) with
        {
            Classes = [new ClassSpec(0.9, 0.5), new ClassSpec(0.1, 0.5)],
            CentroidGram = [[1, -1], [-1, 1]],
        };
        using var realization = new Realization(model, 2, team);
        foreach (double time in (double[])[0.3, 1.5, 3])
        {
            double[] rms = Dense(realization, new ForwardProcess(time)).Rms;
            Assert.Equal(rms[0], rms[1], 1e-12);
        }
    }

    [Fact]
    public void Equal_classes_keep_their_plane_though_their_eigenvalues_meet()
    {
        // With equal weights and norms both outliers lie together: their vectors turn in the plane, the overlaps do not.
        // The random angle between Wm_1 and Wm_2, about 1/√P, keeps the eigenvalues of one seed apart by a few times that.
        ModelSpec model = TestModels.TwoClasses(60, 240, 240) with
        {
            Classes = [new ClassSpec(0.5, 0.5), new ClassSpec(0.5, 0.5)],
            CentroidGram = [[2, 0], [0, 2]],
        };
        using var realization = new Realization(model, 2, team);
        FeatureOverlap early = Dense(realization, new ForwardProcess(0.2));
        Assert.InRange(early.Eigenvalues[0] / early.Eigenvalues[1], 1, 1 + 5 / Math.Sqrt(240));
        Assert.All(early.Rms, value => Assert.InRange(value, 0.99, 1));
    }

    [Fact]
    public void Relu_keeps_a_mean_feature_when_everything_else_is_noise()
    {
        // e^{−t}m → 0 and Γ → 1: α_i → n_i/√(2π), the mean of the rectified Gaussian, and the top eigenvector is the mean feature.
        using var realization = new Realization(TestModels.TwoClasses(60, 120, 90, Activation.Relu), 3, team);
        var forward = new ForwardProcess(8);
        double[][] means = MeanFeatures.Exact(realization, forward, team);
        for (int i = 0; i < 120; i++)
        {
            double norm = TensorPrimitives.Norm<double>(realization.FirstLayer.Row(i)) / Math.Sqrt(60);
            Assert.Equal(norm / Math.Sqrt(2 * Math.PI), means[0][i], 1e-3);
        }

        Assert.All(Dense(realization, forward).Rms, value => Assert.InRange(value, 0.999, 1));
    }

    [Fact]
    public void Late_overlaps_are_those_of_a_direction_that_the_spectrum_does_not_know()
    {
        // α = D_κ W e^{−t}m/√N to first order: over isotropic m its square overlap with ψ_k is ‖Wᵀ D_κ ψ_k‖² of ‖D_κ W‖² on average.
        // The mean of the ratio is less than the ratio of the means, by a relative variance of the numerator, near 1, times the ratio.
        const int Features = 150, Dimension = 75, Seeds = 40;
        var forward = new ForwardProcess(7);
        double[] differences = new double[Seeds];
        double mean = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var realization = new Realization(TestModels.TwoClasses(Dimension, Features, 4), seed, team);
            using Matrix<double> covariance = new(Features, Features), scaled = new(Features, Dimension), projected = new(2, Dimension);
            double[] gain = new ExactStatistics(realization, forward, team).TrainAll(covariance);
            double square = FeatureOverlap.Dense(covariance, MeanFeatures.Exact(realization, forward, team), SymmetricEigensolvers.Find("auto"), 1).Rms.Average(r => r * r);
            for (int i = 0; i < Features; i++)
            {
                TensorPrimitives.Multiply(realization.FirstLayer.Row(i), gain[i], scaled.Row(i));
            }

            // The eigenvectors are the rows of what was the covariance.
            Gemm.Multiply(team, 1, covariance.View.Slice(Features - 2, 0, 2, Features), scaled.View, 0, projected.View);
            double expected = TensorPrimitives.SumOfSquares<double>(projected.Span) / TensorPrimitives.SumOfSquares<double>(scaled.Span);
            differences[seed] = square - expected;
            mean += square / Seeds;
        }

        double difference = differences.Average(), error = Math.Sqrt(differences.Sum(d => (d - difference) * (d - difference)) / Seeds / (Seeds - 1));
        Assert.InRange(difference, -3 * error - mean * mean, 3 * error);
        Assert.InRange(error, 0, 0.2 * mean);
    }

    [Fact]
    public void One_class_has_one_eigenvector_and_none_without_a_centroid()
    {
        ModelSpec one = TestModels.TwoClasses(40, 120, 100) with { Classes = [new ClassSpec(1, 0.5)], CentroidGram = [[2]] };
        using var realization = new Realization(one, 1, team);
        FeatureOverlap overlap = Dense(realization, new ForwardProcess(0.3));
        Assert.Single(overlap.Eigenvalues);
        Assert.InRange(overlap.Rms[0], 0.99, 1);
        using var centred = new Realization(one with { CentroidGram = [[0]] }, 1, team);
        Assert.Equal([double.NaN], Dense(centred, new ForwardProcess(0.3)).Rms);
    }

    [Fact]
    public void A_transition_is_where_the_curve_falls_through_the_threshold()
    {
        Assert.Equal(1.25, TransitionTimes.Falling([1, 2, 3], [0.6, 0.2, 0.7], 0.5), 1e-15);
        Assert.Equal(2.5, TransitionTimes.Falling([1, 2, 3], [0.9, 0.8, 0.2], 0.5), 1e-15);
        Assert.Equal(double.NaN, TransitionTimes.Falling([1, 2], [0.4, 0.2], 0.5));
        Assert.Equal(double.NaN, TransitionTimes.Falling([1, 2], [0.9, 0.8], 0.5));
        Assert.Equal(double.NaN, TransitionTimes.Falling([1, 2], [double.NaN, double.NaN], 0.5));
    }

    private FeatureOverlap Dense(Realization realization, ForwardProcess forward)
    {
        using var covariance = new Matrix<double>(realization.Model.Features, realization.Model.Features);
        new ExactStatistics(realization, forward, team).TrainAll(covariance);
        return FeatureOverlap.Dense(covariance, MeanFeatures.Exact(realization, forward, team), SymmetricEigensolvers.Find("auto"), team.Count);
    }
}
