using Hpc.Diffusion.Measurement;

namespace Hpc.Theory.Tests;

public class TimeScalesTests
{
    [Fact]
    public void CrossingsAreInterpolatedInLogTime()
    {
        // Drops linearly in log s to 0.5 at s = 100, then rises by 0.1 a decade; the train loss keeps falling by 0.1 a decade.
        double[] s = [1, 10, 100, 1000, 10000];
        double[] test = [0.9, 0.7, 0.5, 0.6, 0.7];
        double[] train = [0.9, 0.68, 0.46, 0.36, 0.26];
        TimeScales scales = TimeScales.Measure(s, train, test);

        // 90 % of the drop of 0.5 is the level 0.55, three quarters of the way from 0.7 to 0.5.
        Assert.Equal(Math.Pow(10, 1.75), scales.Generalization, 1e-9);

        // The gap goes from 0.04 to 0.24 between 100 and 1000.
        Assert.Equal(Math.Pow(10, 2.3), scales.Memorization, 1e-9);
        Assert.Equal(Math.Pow(10, 2.25), scales.MemorizationRise, 1e-9);
    }

    [Fact]
    public void TimesBeforeTheFirstRecordAreLinearFromTheUntrainedLoss()
    {
        TimeScales scales = TimeScales.Measure([2, 4], [0.6, 0.6], [0.8, 0.8]);
        Assert.Equal(1.8, scales.Generalization, 1e-12);
        Assert.Equal(1, scales.Memorization, 1e-12);
        Assert.Equal(double.NaN, scales.MemorizationRise);
    }

    [Fact]
    public void ARecordAtZeroChangesNothing()
    {
        double[] s = [0, 1, 10, 100];
        double[] train = [1, 0.8, 0.6, 0.4];
        double[] test = [1, 0.9, 0.65, 0.8];
        Assert.Equal(TimeScales.Measure(s[1..], train[1..], test[1..]), TimeScales.Measure(s, train, test));
    }

    [Fact]
    public void TimesThatAreNotReachedAreNaN()
    {
        TimeScales scales = TimeScales.Measure([1, 10], [1, 1], [1, 1.04]);
        Assert.Equal(double.NaN, scales.Generalization);
        Assert.Equal(double.NaN, scales.Memorization);
        Assert.Equal(double.NaN, scales.MemorizationRise);
    }

    [Fact]
    public void BadRecordsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => TimeScales.Measure([1, 1], [1, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => TimeScales.Measure([-1, 1], [1, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => TimeScales.Measure([1, 2], [1], [1, 1]));
        Assert.Throws<ArgumentException>(() => TimeScales.Measure([1], [1], [1], dropFraction: 1.5));
    }
}
