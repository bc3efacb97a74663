using System.Numerics;
using Hpc.Diffusion.Backends;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Distribution;

/// <summary>One realization whose features are divided among ranks gives what one process gives, 10⁻¹² of it apart by rounding.</summary>
public class SharedFeaturesTests
{
    private const double Tolerance = 1e-12;

    private static readonly ForwardProcess Forward = new(0.1);

    private static readonly ModelSpec Model = TestModels.TwoClasses(10, 83, 61);

    [Theory]
    [InlineData(2, Activation.Tanh)]
    [InlineData(3, Activation.Tanh)]
    [InlineData(5, Activation.Relu)]
    public void Fresh_noise_descent(int ranks, Activation activation)
    {
        ModelSpec model = TestModels.TwoClasses(10, 83, 301, activation);
        DescentMeasurement one = Fresh<double>(null, model);
        foreach (DescentMeasurement part in ThreadReduction.Run(ranks, reduction => Fresh<double>(reduction, model)))
        {
            AssertSame(one.Train.Values, part.Train.Values, Tolerance);
            AssertSame(one.TrainError!.Values, part.TrainError!.Values, Tolerance);
            AssertSame(one.Test.Values, part.Test.Values, Tolerance);
            AssertSame(one.Sampled.Score.Values, part.Sampled.Score.Values, Tolerance);
        }
    }

    [Fact]
    public void Fresh_noise_descent_in_single_precision()
    {
        DescentMeasurement one = Fresh<float>(null, Model);
        DescentMeasurement[] parts = ThreadReduction.Run(3, reduction => Fresh<float>(reduction, Model));
        AssertSame(one.Train.Values, parts[1].Train.Values, 1e-5);
        Assert.Equal(parts[0].Train.Values, parts[2].Train.Values);
    }

    /// <summary>Only the N numbers of every sample of a tile, and blocks of the measurement, are exchanged: nothing grows with P.</summary>
    [Fact]
    public void What_ranks_of_a_fresh_noise_descent_exchange_does_not_grow_with_the_features()
    {
        int[] Largest(int features) => ThreadReduction.Run(2, reduction =>
        {
            Fresh<double>(reduction, TestModels.TwoClasses(10, features, 61));
            return reduction.Largest;
        });

        Assert.Equal(Largest(40), Largest(160));
    }

    [Theory]
    [InlineData(2, CovarianceKind.Sampled, true)]
    [InlineData(3, CovarianceKind.Sampled, true)]
    [InlineData(3, CovarianceKind.Sampled, false)]
    [InlineData(2, CovarianceKind.Exact, true)]
    [InlineData(3, CovarianceKind.Exact, true)]
    [InlineData(3, CovarianceKind.Exact, false)]
    public void Products_spectra_and_descent_by_Krylov_methods(int ranks, CovarianceKind kind, bool stored)
    {
        FeatureStorage storage = stored ? FeatureStorage.Double : FeatureStorage.Regenerated;
        Krylov one = Measure(null, kind, storage);
        foreach (Krylov part in ThreadReduction.Run(ranks, reduction => Measure(reduction, kind, storage)))
        {
            AssertSame(one.Forms, part.Forms, Tolerance);
            AssertSame(one.Extremes, part.Extremes, Tolerance, one.Extremes.Max());
            AssertSame(one.Moments, part.Moments, Tolerance);
            AssertSame(one.Train, part.Train, Tolerance);
            AssertSame(one.Test, part.Test, Tolerance);
            AssertSame(one.Sampled, part.Sampled, Tolerance);
        }
    }

    /// <summary>
    /// Numbers of features at which tiles that followed from a rank's own share would differ by one between ranks: 1344 and 1345 (tiles of 4 MB),
    /// 1536 and 1537 (tiles of 3 MB, pieces of 16 features).
    /// </summary>
    [Theory]
    [InlineData(2, 2689, "Regenerated", true)]
    [InlineData(2, 2689, "Regenerated", false)]
    [InlineData(2, 2689, "Single", true)]
    [InlineData(3, 2689, "Double", true)]
    [InlineData(2, 3073, "Double", false)]
    public void Shares_that_differ_by_a_row_meet_in_blocks_of_one_size(int ranks, int features, string name, bool overlaps)
    {
        FeatureStorage storage = name switch { "Single" => FeatureStorage.Single, "Double" => FeatureStorage.Double, _ => FeatureStorage.Regenerated };
        ModelSpec model = TestModels.TwoClasses(6, features, 900);
        double[] one = Uneven(null, model, storage);
        foreach (double[] part in ThreadReduction.Run(ranks, reduction => Uneven(reduction, model, storage), overlaps))
        {
            AssertSame(one, part, Tolerance);
        }
    }

    /// <summary>Sums go on beside other work, or do not, to the same bits.</summary>
    [Theory]
    [InlineData("Regenerated")]
    [InlineData("Single")]
    public void Sums_beside_other_work_change_nothing(string name)
    {
        FeatureStorage storage = name == "Single" ? FeatureStorage.Single : FeatureStorage.Regenerated;
        ModelSpec model = TestModels.TwoClasses(6, 2689, 900);
        (double[] Values, int Begun)[] Results(bool overlaps) =>
            ThreadReduction.Run(2, reduction => (Uneven(reduction, model, storage), reduction.Begun), overlaps);

        (double[] Values, int Begun) beside = Results(true)[1], after = Results(false)[1];
        Assert.Equal(beside.Values, after.Values);
        Assert.True(beside.Begun > 2, $"{beside.Begun} sums were begun");
        Assert.Equal(0, after.Begun);
    }

    [Fact]
    public void Every_rank_has_its_rows_of_the_first_layer()
    {
        using var team = new ThreadTeam(1);
        using var whole = new Realization(Model, 3, team);
        double[][] rows = ThreadReduction.Run(3, reduction =>
        {
            using var own = new ThreadTeam(1);
            using var part = new Realization(Model, 3, own, reduction);
            Assert.Equal(whole.Samples.Span, part.Samples.Span);
            Assert.Equal(whole.FirstLayer.Span, part.WholeFirstLayer(own).Span);
            return part.FirstLayer.Span.ToArray();
        });
        Assert.Equal(whole.FirstLayer.Span.ToArray(), rows.SelectMany(r => r));
    }

    [Fact]
    public void More_ranks_than_features_are_refused()
    {
        AggregateException error = Assert.Throws<AggregateException>(
            () => ThreadReduction.Run(4, reduction => new Realization(TestModels.TwoClasses(10, 3, 20), 1, new ThreadTeam(1), reduction)));
        Assert.Contains(error.InnerExceptions, e => e.Message.Contains("3 rows cannot be shared by 4 ranks"));
    }

    private static DescentMeasurement Fresh<T>(ThreadReduction? reduction, ModelSpec model)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(model, 3, team, reduction);
        return new FreshNoiseDescent(realization, Forward, new DescentSpec(DescentDynamics.FreshNoise, 5e-3, 40, 5, 300), team)
            .Run<T>(null, TestContext.Current.CancellationToken);
    }

    private static Krylov Measure(ThreadReduction? reduction, CovarianceKind kind, FeatureStorage storage)
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(Model, 3, team, reduction);
        using IFeatureMoments moments = kind == CovarianceKind.Sampled
            ? new SampledMoments(realization, Forward, 2, storage, team)
            : storage == FeatureStorage.Regenerated ? new RegeneratedMoments(realization, team) : new ExactMoments(realization, Forward, single: false, team);
        RowShare share = realization.Features;
        ISymmetricOperator covariance = moments.TrainAll.Covariance;
        double[] forms = Products(covariance, 1, 5);
        StochasticQuadrature quadrature = StochasticQuadrature.Compute(covariance, 3, 12, 5, team);
        using Eigenpairs pairs = new BlockLanczos { BlockSize = 3, Seed = 3 }.Solve(covariance, 2, 4, team);
        Assert.True(pairs.Convergence.Converged);
        var sampler = new ReadoutSampler(realization, Forward, 100, 4, team);
        long[] epochs = moments is RegeneratedMoments ? [1, 5, 10, 20] : [1, 30, 1000, 30_000];

        // Three columns of V on the ranks with the smallest share, two on the others, if each went by its own.
        long workspace = 3 * ChebyshevDescent.BytesPerColumn(Model.Features / share.Ranks, epochs.Length);
        var descent = new ChebyshevDescent(realization, moments, 5e-3, workspace, SymmetricEigensolvers.Find("auto"), team);
        ChebyshevLosses losses = descent.Losses(epochs, sampler);
        return new Krylov(
            forms, pairs.Values, [.. Enumerable.Range(1, 3).Select(k => quadrature.Average(x => Math.Pow(x, k)).Value)], losses.Train.Values, losses.Test.Values,
            sampler.Result().Test.Values);
    }

    /// <summary>Quadratic forms and squared lengths of products with blocks of random vectors.</summary>
    private static double[] Products(ISymmetricOperator covariance, params ReadOnlySpan<int> blocks)
    {
        RowShare share = covariance.Share;
        var values = new List<double>();
        foreach (int count in blocks)
        {
            using Matrix<double> x = new(count, share.Count), y = new(count, share.Count);
            for (int l = 0; l < count; l++)
            {
                new RandomStream(9, StreamPurpose.ProbeVectors).FillNormals(l, share.First, x.Row(l));
            }

            covariance.Apply(x.Transposed, y.Transposed);
            double[] quadratic = new double[count];
            covariance.QuadraticForms(x.Transposed, quadratic);
            values.AddRange(quadratic);
            for (int l = 0; l < count; l++)
            {
                values.Add(share.Dot(y.Row(l), y.Row(l)));
            }
        }

        return [.. values];
    }

    /// <summary>Products with one and with twenty vectors, and quadratic forms.</summary>
    private static double[] Uneven(ThreadReduction? reduction, ModelSpec model, FeatureStorage storage)
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(model, 3, team, reduction);
        using var moments = new SampledMoments(realization, Forward, 1, storage, team);
        return Products(moments.TrainAll.Covariance, 1, 20);
    }

    private static void AssertSame(double[] expected, double[] actual, double tolerance, double? scale = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance * (scale ?? Math.Abs(expected[i])));
        }
    }

    private sealed record Krylov(double[] Forms, double[] Extremes, double[] Moments, double[] Train, double[] Test, double[] Sampled);

    /// <summary>Exact averages whose panels are made again at every product.</summary>
    private sealed class RegeneratedMoments(Realization realization, ThreadTeam team) : IFeatureMoments
    {
        private readonly SimdExactCovariances covariances = new(realization, Forward, single: false, team);

        public FeatureMoments TrainAll => Average(0, realization.Model.Samples);

        public FeatureMoments Train(int c) => Average(realization.ClassStarts[c], realization.ClassSizes[c]);

        public FeatureMoments Test(int c) => ExactAverage.Test(realization, Forward, c, covariances);

        public void Dispose() => covariances.Dispose();

        private FeatureMoments Average(int first, int count)
        {
            ExactCovariance covariance = covariances.Renew(realization.Samples.View.Slice(first, 0, count, realization.Model.Dimension), Forward.NoiseAmplitude);
            return new FeatureMoments(covariance.Operator, GainCorrelation.Columns(realization.FirstLayer, Forward, covariance.Series.Gain));
        }
    }
}
