using Hpc.Diffusion.Descent;

namespace Hpc.Diffusion.Tests.Descent;

public class EpochScheduleTests
{
    [Fact]
    public void Records_are_distinct_increasing_and_end_with_the_last_epoch()
    {
        foreach ((long epochs, int records) in ((long, int)[])[(1, 1), (1, 5), (10, 200), (2_000_000, 200), (1L << 50, 300)])
        {
            long[] schedule = EpochSchedule.Logarithmic(epochs, records);
            Assert.Equal(epochs, schedule[^1]);
            Assert.True(schedule.Length <= records);
            Assert.All(schedule.Zip(schedule.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        }

        Assert.Equal(Enumerable.Range(1, 10).Select(k => (long)k), EpochSchedule.Logarithmic(10, 200));
    }

    [Theory]
    [InlineData(0.3, 0.1, 1)]
    [InlineData(0.3, 0.1, 7)]
    [InlineData(9, 0.1, 5)]
    [InlineData(9, 0.1, 6)]
    [InlineData(5, 0.1, 3)]
    [InlineData(0, 0.1, 4)]
    public void The_filter_is_the_geometric_sum(double eigenvalue, double learningRate, long epoch)
    {
        // F_k = 2η₀ Σ_(j<k) (1 − 2η₀λ)^j.
        double sum = 0, power = 1;
        for (int j = 0; j < epoch; j++)
        {
            sum += 2 * learningRate * power;
            power *= 1 - 2 * learningRate * eigenvalue;
        }

        Assert.Equal(sum, EpochSchedule.Filter(eigenvalue, learningRate, epoch), 1e-13 * (1 + Math.Abs(sum)));
    }

    [Fact]
    public void The_filter_keeps_its_digits_where_the_direct_formula_loses_them()
    {
        // With x = 2η₀λ small, F_k = 2η₀ k (1 − (k − 1)x/2 + (k − 1)(k − 2)x²/6 − …).
        double x = 2e-14;
        Assert.Equal(2e-5 * 1000 * (1 - 999 * x / 2), EpochSchedule.Filter(1e-9, 1e-5, 1000), 1e-17);

        // After infinitely many epochs every mode is learned.
        Assert.Equal(1 / 1e-6, EpochSchedule.Filter(1e-6, 1e-3, 1L << 50), 1e-9);
    }
}
