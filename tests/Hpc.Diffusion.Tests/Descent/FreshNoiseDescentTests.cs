using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Tests.Descent;

public class FreshNoiseDescentTests
{
    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Erf)]
    [InlineData(Activation.Relu)]
    public void Fresh_noise_and_the_noise_average_agree_within_the_noise(Activation activation)
    {
        const int Seeds = 4;
        using var team = new ThreadTeam(2);
        var forward = new ForwardProcess(0.1);

        // Small steps: the floor that the fluctuating gradient adds to the loss is of the order of the learning rate.
        var descent = new DescentSpec(DescentDynamics.FreshNoise, 5e-4, 10_000, 6, 3000);
        double[,] difference = new double[6, 4], variance = new double[6, 4];
        double drop = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var realization = new Realization(TestModels.TwoClasses(20, 60, 50, activation), seed, team);
            DescentMeasurement fresh = new FreshNoiseDescent(realization, forward, descent, team).Run<float>(null, TestContext.Current.CancellationToken);
            using var eigensystem = new FeatureEigensystem(realization, new ExactStatistics(realization, forward, team), forward, descent.LearningRate, SymmetricEigensolvers.Find("auto"), team);
            var averaged = new NoiseAveragedDescent(eigensystem, descent.LearningRate);
            (ClassLosses train, ClassLosses test) = averaged.Losses(fresh.Epochs);
            Assert.Equal(6, fresh.Epochs.Length);
            drop += (1 - train[5, 0]) / Seeds;
            for (int r = 0; r < 6; r++)
            {
                for (int c = 0; c < 2; c++)
                {
                    difference[r, c] += (fresh.Train[r, c] - train[r, c]) / Seeds;
                    variance[r, c] += Math.Pow(fresh.TrainError![r, c] / Seeds, 2);
                    difference[r, 2 + c] += (fresh.Test[r, c] - test[r, c]) / Seeds;
                    variance[r, 2 + c] += Math.Pow(fresh.Sampled.TestError[r, c] / Seeds, 2);
                }
            }
        }

        for (int r = 0; r < 6; r++)
        {
            for (int q = 0; q < 4; q++)
            {
                Assert.True(
                    Math.Abs(difference[r, q]) < 4 * Math.Sqrt(variance[r, q]) + descent.LearningRate,
                    $"record {r}, column {q}: {difference[r, q]} ± {Math.Sqrt(variance[r, q])}");
            }
        }

        // The comparison says something only if the descent got somewhere.
        Assert.True(drop > 0.1, $"the train loss fell by {drop}");
    }

    [Fact]
    public void A_step_that_is_too_large_is_refused()
    {
        using var team = new ThreadTeam(1);
        using var realization = new Realization(TestModels.TwoClasses(20, 60, 50), 1, team);
        var descent = new DescentSpec(DescentDynamics.FreshNoise, 10, 100, 6, 10);
        SpecException error = Assert.Throws<SpecException>(
            () => new FreshNoiseDescent(realization, new ForwardProcess(0.1), descent, team).Run<double>(null, TestContext.Current.CancellationToken));
        Assert.Contains("2·learningRate·λ_max", error.Message);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e4)]
    public void A_descent_that_leaves_the_finite_numbers_names_the_epoch_and_the_cause(double loss)
    {
        DivergenceException.ThrowIfDiverged(6, [1.2, 0.9]);
        DivergenceException error = Assert.Throws<DivergenceException>(() => DivergenceException.ThrowIfDiverged(7, [0.9, loss]));
        Assert.Contains("epoch 7", error.Message);
        Assert.Contains("class 2", error.Message);
        Assert.Contains("lower descent.learningRate", error.Message);
    }
}
