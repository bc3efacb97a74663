using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Operators;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Operators;

public class ChebyshevDescentTests
{
    private static readonly ISymmetricEigensolver Eigensolver = SymmetricEigensolvers.Find("auto");

    [Theory]
    [InlineData(0.001, 1L << 30)]
    [InlineData(0.04, 1L << 17)]
    public void Losses_are_those_of_the_eigensystem(double learningRate, long workspace)
    {
        using var team = new ThreadTeam(2);
        using var realization = new Realization(TestModels.TwoClasses(25, 101, 60), 2, team);
        var forward = new ForwardProcess(0.05);
        var statistics = new ExactStatistics(realization, forward, team);
        long[] epochs = [1, 2, 7, 100, 3001, 100_000, 2_000_000];
        using var eigensystem = new FeatureEigensystem(realization, statistics, forward, learningRate, Eigensolver, team);
        var exact = new NoiseAveragedDescent(eigensystem, learningRate);
        (ClassLosses train, ClassLosses test) = exact.Losses(epochs);
        using var moments = new DenseMoments(realization, statistics, forward, team);
        ChebyshevLosses found = new ChebyshevDescent(realization, moments, learningRate, workspace, Eigensolver, team).Losses(epochs);
        Assert.InRange(found.ErrorBound, 1e-14, 1e-8);
        for (int i = 0; i < train.Values.Length; i++)
        {
            Assert.Equal(1, found.Train.Values[i] / train.Values[i], 1e-8);
            Assert.Equal(1, found.Test.Values[i] / test.Values[i], 1e-8);
        }
    }

    [Fact]
    public void The_error_bound_holds_and_the_degree_does_not_depend_on_the_records()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(25, 101, 60), 2, team);
        var forward = new ForwardProcess(0.05);
        using var moments = new DenseMoments(realization, new ExactStatistics(realization, forward, team), forward, team);
        long[] epochs = EpochSchedule.Logarithmic(100_000, 30);
        ChebyshevLosses fine = new ChebyshevDescent(realization, moments, 0.001, 1 << 28, Eigensolver, team).Losses(epochs);
        ChebyshevLosses coarse = new ChebyshevDescent(realization, moments, 0.001, 1 << 28, Eigensolver, team) { Tolerance = 1e-5 }.Losses(epochs);
        Assert.Equal(fine.Degree, new ChebyshevDescent(realization, moments, 0.001, 1 << 28, Eigensolver, team).Losses(epochs[^1..]).Degree);
        Assert.True(coarse.Degree < fine.Degree);
        double error = fine.Train.Values.Zip(coarse.Train.Values, (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(error, 1e-12, coarse.ErrorBound);
    }

    [Fact]
    public void Descent_on_sampled_moments_is_descent_on_the_draws_step_by_step()
    {
        const int N = 6, P = 19;
        const double LearningRate = 0.05;
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(N, P, 14), 2, team);
        var forward = new ForwardProcess(0.2);
        using var moments = new SampledMoments(realization, forward, 2, FeatureStorage.Double, team);
        ChebyshevLosses found = new ChebyshevDescent(realization, moments, LearningRate, 1 << 24, Eigensolver, team).Losses([40]);
        using Matrix<double> u = Dense(moments.TrainAll), v = Correlation(moments.TrainAll), b = new(P, N), image = new(P, N);

        // B ← B + 2η₀ (V − U B), since A = −Δ^{−1/2} Bᵀ.
        for (int epoch = 0; epoch < 40; epoch++)
        {
            v.Span.CopyTo(image.Span);
            Gemm.Multiply(team, -1, u.View, b.View, 1, image.View);
            for (int i = 0; i < b.Span.Length; i++)
            {
                b.Span[i] += 2 * LearningRate * image.Span[i];
            }
        }

        for (int c = 0; c < 2; c++)
        {
            Assert.Equal(Loss(moments.Train(c)), found.Train[0, c], 1e-10);
            Assert.Equal(Loss(moments.Test(c)), found.Test[0, c], 1e-10);
        }

        double Loss(FeatureMoments group)
        {
            using Matrix<double> covariance = Dense(group), correlation = Correlation(group);
            Gemm.Multiply(team, 1, covariance.View, b.View, 0, image.View);
            double sum = 0;
            for (int i = 0; i < b.Span.Length; i++)
            {
                sum += b.Span[i] * (image.Span[i] - 2 * correlation.Span[i]);
            }

            return 1 + sum / N;
        }

        static Matrix<double> Dense(FeatureMoments group)
        {
            var result = new Matrix<double>(P, P);
            using var unit = new Matrix<double>(P, P);
            for (int i = 0; i < P; i++)
            {
                unit[i, i] = 1;
            }

            group.Covariance.Apply(unit.View, result.View);
            return result;
        }

        static Matrix<double> Correlation(FeatureMoments group)
        {
            var result = new Matrix<double>(P, N);
            group.Correlation(0, result.View);
            return result;
        }
    }

    [Fact]
    public void Losses_at_P_3000_are_those_of_the_eigensystem_and_the_generalization_bulk_is_taken_out()
    {
        Assert.SkipWhen(Eigensolver is ManagedEigensolver, "a matrix of 3000 takes minutes without a LAPACK library");
        const int N = 60;
        using var team = new ThreadTeam(2);
        ModelSpec model = TestModels.TwoClasses(N, 3000, 1200) with { CentroidGram = Gram.Zero(2) };
        using var realization = new Realization(model, 4, team);
        var forward = new ForwardProcess(0.01);
        var statistics = new ExactStatistics(realization, forward, team);
        const double LearningRate = 0.002;
        long[] epochs = EpochSchedule.Logarithmic(1_000_000, 12);
        using var eigensystem = new FeatureEigensystem(realization, statistics, forward, LearningRate, Eigensolver, team);
        var exact = new NoiseAveragedDescent(eigensystem, LearningRate);
        (ClassLosses train, ClassLosses test) = exact.Losses(epochs);
        using var readouts = new NoiseAveragedReadouts(exact, epochs);
        SampledLosses sampled = new LossSampler(realization, forward, 1300, team).OnFreshSamples(readouts, TestContext.Current.CancellationToken);

        using var moments = new DenseMoments(realization, statistics, forward, team);
        var sampler = new ReadoutSampler(realization, forward, 1300, epochs.Length, team);
        ChebyshevLosses found = new ChebyshevDescent(realization, moments, LearningRate, 1L << 25, Eigensolver, team).Losses(epochs, sampler);
        Assert.InRange(found.Deflated, N, N + 4);
        Assert.InRange(found.ErrorBound, 0, 1e-8);
        AssertClose(train, found.Train);
        AssertClose(test, found.Test);
        AssertClose(sampled.Test, sampler.Result().Test);
        AssertClose(sampled.Score, sampler.Result().Score);
        AssertClose(sampled.TestError, sampler.Result().TestError);
        AssertClose(sampled.ScoreError, sampler.Result().ScoreError);

        static void AssertClose(ClassLosses expected, ClassLosses actual)
        {
            for (int i = 0; i < expected.Values.Length; i++)
            {
                Assert.Equal(1, actual.Values[i] / expected.Values[i], 1e-8);
            }
        }
    }

    [Fact]
    public void What_diverges_or_does_not_fit_is_refused()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(6, 19, 14), 2, team);
        var forward = new ForwardProcess(0.2);
        using var moments = new SampledMoments(realization, forward, 1, FeatureStorage.Double, team);
        Assert.Contains("diverges", Assert.Throws<SpecException>(() => new ChebyshevDescent(realization, moments, 10, 1 << 24, Eigensolver, team)).Message);
        Assert.Contains("workspace", Assert.Throws<ArgumentException>(() => new ChebyshevDescent(realization, moments, 0.01, 1000, Eigensolver, team).Losses([1])).Message);
    }
}
