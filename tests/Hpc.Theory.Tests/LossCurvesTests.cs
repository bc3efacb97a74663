using System.Numerics;
using Hpc.Diffusion.Spec;

namespace Hpc.Theory.Tests;

public class LossCurvesTests
{
    /// <summary>theory.md's table: exact simulation at N = 150, ±0.003, which differs from the limit by O(r/N) of the value.</summary>
    [Fact]
    public void TableOfExactSimulations()
    {
        double[] s = [1, 3, 10, 100, 1000];
        double[,] table =
        {
            { .8452, .8607, .8269, .8316 },
            { .7810, .8648, .7378, .7659 },
            { .7300, .9575, .6670, .7630 },
            { .5927, 1.3676, .5355, .9832 },
            { .5632, 1.7540, .5137, 1.1690 },
        };
        LossCurves curves = LossCurves.Compute(Cases.Losses, s);
        for (int i = 0; i < s.Length; i++)
        {
            double[] theory = [curves.Train[0][i], curves.Test[0][i], curves.Train[1][i], curves.Test[1][i]];
            for (int j = 0; j < 4; j++)
            {
                Assert.Equal(table[i, j], theory[j], 0.003 + 2.5 / 150 * table[i, j]);
            }
        }

        Assert.True(curves.Error <= LossCurves.DefaultTolerance);
    }

    [Theory]
    [InlineData(Activation.Tanh, 0)]
    [InlineData(Activation.Tanh, 1)]
    [InlineData(Activation.Erf, 1)]
    [InlineData(Activation.Relu, 1)]
    public void ExactSimulationsApproachTheTheoryAsOneOverDimension(Activation activation, double norm)
    {
        const double Time = 0.05;
        double[] s = [0.5, 1, 3, 8, 20, 60, 200];
        Complex[] points = [-0.1, new(0.05, 0.05), new(1, 0.5)];
        double small = MeanDeviation(20, 8);
        double large = MeanDeviation(64, 4);

        // 1/N would be 0.31; sampling errors of the eight and four seeds add to both.
        Assert.True(large < 0.6 * small, $"mean deviation {small} at N = 20, {large} at N = 64");

        double MeanDeviation(int dimension, int seeds)
        {
            var spec = new ModelSpec
            {
                Dimension = dimension,
                Features = 4 * dimension,
                Samples = 3 * dimension,
                Activation = activation,
                Classes = [new ClassSpec(0.6, 0.5), new ClassSpec(0.4, 0.25)],
                CentroidGram = [[norm, 0], [0, norm]],
            };
            TheoryModel model = TheoryModel.From(spec, Time);
            LossCurves theory = LossCurves.Compute(model, s);
            ExactSimulation[] runs = Enumerable.Range(0, seeds).Select(seed => new ExactSimulation(spec, Time, seed)).ToArray();
            var deviations = new List<double>();
            for (int i = 0; i < s.Length; i++)
            {
                (double[] Train, double[] Test)[] losses = runs.Select(run => run.Losses(s[i])).ToArray();
                for (int c = 0; c < 2; c++)
                {
                    // Largest measured N·(simulation − theory) is 1.7, for test losses at s = 200.
                    Compare(losses.Select(l => l.Train[c]), theory.Train[c][i], 2.5 / dimension);
                    Compare(losses.Select(l => l.Test[c]), theory.Test[c][i], 2.5 / dimension);
                }
            }

            var equations = new ResolventEquations(model);
            foreach (Complex z in points)
            {
                Complex trace = equations.Solve(z).Trace;
                Compare(runs.Select(run => run.Trace(z).Real / Complex.Abs(trace)), trace.Real / Complex.Abs(trace), 2.5 / dimension);
                Compare(runs.Select(run => run.Trace(z).Imaginary / Complex.Abs(trace)), trace.Imaginary / Complex.Abs(trace), 2.5 / dimension);
            }

            return deviations.Average();

            void Compare(IEnumerable<double> simulated, double expected, double bias)
            {
                double[] values = simulated.ToArray();
                double mean = values.Average();
                double standardError = Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Length - 1) / values.Length);
                deviations.Add(Math.Abs(mean - expected));
                Assert.True(
                    Math.Abs(mean - expected) <= 3 * standardError + bias,
                    $"N = {dimension}: theory {expected}, simulation {mean} ± {standardError}");
            }
        }
    }

    [Fact]
    public void DiscreteDescentFollowsItsOwnFilter()
    {
        // η₀λ_max = 0.9: far from continuous time at the first epochs.
        TheoryModel model = Cases.Reference('A');
        const double Rate = 0.13;
        double[] s = [2 * Rate, 10 * Rate, 200 * Rate];
        LossCurves discrete = LossCurves.Compute(model, s, Rate);
        LossCurves continuous = LossCurves.Compute(model, s);
        Assert.True(Math.Abs(discrete.Train[1][0] - continuous.Train[1][0]) > 0.01);

        var spec = new ModelSpec
        {
            Dimension = 24,
            Features = 360,
            Samples = 180,
            Classes = model.Classes,
            CentroidGram = model.CentroidGram,
        };
        ExactSimulation[] runs = [new(spec, model.DiffusionTime, 1), new(spec, model.DiffusionTime, 2)];
        for (int i = 0; i < s.Length; i++)
        {
            (double[] Train, double[] Test)[] losses = runs.Select(run => run.Losses(s[i], Rate)).ToArray();
            Assert.Equal(losses.Average(l => l.Test[0]), discrete.Test[0][i], 0.3 / 24);
            Assert.Equal(losses.Average(l => l.Train[1]), discrete.Train[1][i], 0.3 / 24);
        }

        // A small rate is continuous time up to O(η₀λ_max).
        LossCurves tiny = LossCurves.Compute(model, s, 1e-5);
        Assert.Equal(continuous.Test[1][1], tiny.Test[1][1], 1e-4);
    }

    [Fact]
    public void LossesStartAtOneAndWeightedTrainLossDecreases()
    {
        double[] s = [0, 0.1, 1, 10, 100, 1e4, 1e7];
        LossCurves curves = LossCurves.Compute(Cases.Reference('A'), s);
        double previous = double.PositiveInfinity;
        for (int c = 0; c < 2; c++)
        {
            Assert.Equal(1, curves.Train[c][0], 1e-12);
            Assert.Equal(1, curves.Test[c][0], 1e-12);
        }

        for (int i = 0; i < s.Length; i++)
        {
            double total = 0.5 * (curves.Train[0][i] + curves.Train[1][i]);
            Assert.True(total <= previous + 1e-9 && total > 0);
            previous = total;
        }
    }

    [Fact]
    public void WeightedTrainLossIsThatOfTheWholeSet()
    {
        // Σ_c b_c L_train^c = 1 + tr terms of U and V alone: 1 − (1/2πi)∮… (2F − F²z) f dz, here by its slope at s = 0, −2 (1/N) tr VᵀV.
        LossCurves curves = LossCurves.Compute(Cases.Losses, [1e-4, 2e-4], tolerance: 1e-6);
        double first = 1 - 0.7 * curves.Train[0][0] - 0.3 * curves.Train[1][0];
        double second = 1 - 0.7 * curves.Train[0][1] - 0.3 * curves.Train[1][1];
        var equations = new ResolventEquations(Cases.Losses);

        // f(−x) → (1/N) tr VᵀV / x far from the spectrum.
        double strength = equations.Solve(new Complex(-1e7, 0)).FeatureNoise.Real * 1e7;
        Assert.Equal(2 * strength, (2 * first - 0.5 * second) / 1e-4, 1e-2 * strength);
    }

    [Fact]
    public void SymmetricClassesAreEqualAndPermutationPermutes()
    {
        double[] s = [1, 10, 100];
        TheoryModel model = Cases.Losses;
        var symmetric = model with { Classes = [new ClassSpec(0.5, 0.4), new ClassSpec(0.5, 0.4)], CentroidGram = [[1, 0.2], [0.2, 1]] };
        LossCurves same = LossCurves.Compute(symmetric, s, tolerance: 1e-4);
        LossCurves one = LossCurves.Compute(model, s, tolerance: 1e-4);
        LossCurves two = LossCurves.Compute(
            model with { Classes = [model.Classes[1], model.Classes[0]], CentroidGram = [[1.5, 0.3], [0.3, 1]] }, s, tolerance: 1e-4);
        for (int i = 0; i < s.Length; i++)
        {
            Assert.Equal(same.Train[0][i], same.Train[1][i], 1e-5);
            Assert.Equal(same.Test[0][i], same.Test[1][i], 1e-5);
            Assert.Equal(one.Test[0][i], two.Test[1][i], 1e-5);
            Assert.Equal(one.Train[1][i], two.Train[0][i], 1e-5);
        }
    }

    [Fact]
    public void BadInputIsRefused()
    {
        TheoryModel model = Cases.Reference('A');
        Assert.Contains("-1", Assert.Throws<ArgumentException>(() => LossCurves.Compute(model, [1, -1])).Message);
        Assert.Throws<ArgumentException>(() => LossCurves.Compute(model, [double.NaN]));
        Assert.Throws<ArgumentException>(() => LossCurves.Compute(model, [1], 0));
        Assert.Contains("diverges", Assert.Throws<ArgumentException>(() => LossCurves.Compute(model, [1], 0.2)).Message);
    }

    /// <summary>
    /// theory.md section 7: log10 τ_1/τ_2 of exact simulations at N = 50. The limit keeps the signs and the order; finite size moves values by up to 0.15.
    /// </summary>
    [Theory]
    [InlineData(0.25, 0.05, -0.82, -0.31)]
    [InlineData(0.25, 0.3, -0.43, -0.38)]
    [InlineData(0.25, 0.5, -0.30, -0.45)]
    [InlineData(0.25, 0.9, 0.09, -0.75)]
    [InlineData(0.4, 0.1, -0.41, double.NaN)]
    [InlineData(0.4, 0.7, 0.03, double.NaN)]
    [InlineData(0.4, 0.95, 0.21, double.NaN)]
    public void OrderOfTimeScales(double variance, double weight, double memorization, double generalization)
    {
        var model = new TheoryModel(
            30, 20, Activation.Tanh, [new ClassSpec(weight, 0.5), new ClassSpec(1 - weight, variance)], [[1, 0], [0, 1]], 0.01);
        var times = ExactTimeScales.Compute(model);
        double difference = Math.Log10(times[0].Memorization / times[1].Memorization);
        Assert.Equal(memorization, difference, 0.15);
        Assert.True(Math.Abs(memorization) < 0.1 || Math.Sign(memorization) == Math.Sign(difference));
        if (!double.IsNaN(generalization))
        {
            Assert.Equal(generalization, Math.Log10(times[0].Generalization / times[1].Generalization), 0.15);
        }
    }

    [Fact]
    public void TimeScalesOfCurvesAgreeWithSolvedOnes()
    {
        double[] s = Enumerable.Range(0, 400).Select(i => Math.Pow(10, -3 + 8 * i / 399.0)).ToArray();
        LossCurves curves = LossCurves.Compute(Cases.Fig2, s);
        var exact = ExactTimeScales.Compute(Cases.Fig2);
        for (int c = 0; c < 2; c++)
        {
            var measured = curves.TimeScales(c);

            // The step is 0.02 in log10 s, in which the curves bend by less than their own size.
            Assert.Equal(1, measured.Generalization / exact[c].Generalization, 5e-3);
            Assert.Equal(1, measured.Memorization / exact[c].Memorization, 5e-3);
            Assert.Equal(1, measured.MemorizationRise / exact[c].MemorizationRise, 5e-3);
        }
    }
}
