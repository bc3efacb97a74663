using System.Numerics;
using Hpc.Diffusion.Spec;

namespace Hpc.Theory.Tests;

public class ResolventTests
{
    private const double Rounding = 1e-11;

    /// <summary>
    /// Reference numbers of theory.md, an independent implementation, to their printed digits. Its case B at 0.05 + 0.02i is the value of 24 nodes per
    /// dimension (see <see cref="ReferenceNumberOfTwentyFourNodes"/>); the converged one is used here, as is that of C at −0.1 (7.4438534).
    /// </summary>
    [Theory]
    [InlineData('A', -0.1, 0, 8.8858, 0, 0.06349, 0, 5e-5)]
    [InlineData('A', -1, 0, 0.94507, 0, 0.04359, 0, 5e-6)]
    [InlineData('A', 1, 0.5, -0.71476, 0.39480, 0.08387, 0.03991, 5e-6)]
    [InlineData('B', -0.1, 0, 8.05023, 0, 0.06741, 0, 5e-6)]
    [InlineData('B', 0.05, 0.02, -13.54771, 10.48921, 0.05262, 0.03936, 5e-6)]
    [InlineData('C', -0.1, 0, 7.44385, 0, 0.34700, 0, 5e-6)]
    [InlineData('C', 10, 3, -0.09339, 0.02875, -0.04553, 0.01642, 5e-6)]
    public void ReferenceNumbers(char which, double re, double im, double gRe, double gIm, double fRe, double fIm, double digits)
    {
        ResolventSolution solution = new ResolventEquations(Cases.Reference(which)).Solve(new Complex(re, im));
        Assert.Equal(gRe, solution.Trace.Real, digits);
        Assert.Equal(gIm, solution.Trace.Imaginary, digits);
        Assert.Equal(fRe, solution.FeatureNoise.Real, 5e-6);
        Assert.Equal(fIm, solution.FeatureNoise.Imaginary, 5e-6);
        Assert.True(solution.Convergence.Residual < ResolventEquations.ResidualBound);
    }

    [Fact]
    public void ReferenceNumberOfTwentyFourNodes()
    {
        TheoryModel model = Cases.Reference('B');
        var equations = new ResolventEquations(model, CentroidQuadrature.Create(model.CentroidGram, 24));
        Complex trace = equations.Solve(new Complex(0.05, 0.02)).Trace;
        Assert.Equal(-13.54727, trace.Real, 5e-6);
        Assert.Equal(10.48878, trace.Imaginary, 5e-6);
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Erf)]
    [InlineData(Activation.Relu)]
    public void OneClassSolvesTheScalarSaddlePointEquations(Activation activation)
    {
        // Section 4 for one class, where δ and E are scalars: the saddle-point equations of Bonnaire et al., solved by damped iteration.
        var model = new TheoryModel(3, 2, activation, [new ClassSpec(1, 0.7)], [[0]], 0.05);
        EquivalentCoefficients at = new GaussianEquivalence(activation, 0.7, 0.05).At(0);
        double signal = Math.Exp(-0.1) * 0.7;
        double noise = 1 - Math.Exp(-0.1);
        double gain = at.LinearGain * at.LinearGain;
        foreach (Complex z in new[] { new Complex(0.3, 0.2), new Complex(-0.05, 0.01), new Complex(2, 1), new Complex(0.02, 0.02) })
        {
            Complex response = 0;
            Complex trace = 0;
            for (int i = 0; i < 20000; i++)
            {
                Complex q = signal / (1 + response) + noise;
                Complex correlation = 3 * gain * trace;
                Complex next = 1 / (at.SampleVariance / (1 + response) + at.NoiseVariance - z + gain * q / (1 + q * correlation));
                trace = 0.5 * (trace + next);
                correlation = 3 * gain * trace;
                response = 0.5 * (response + signal / 2 * correlation / (1 + q * correlation) + 1.5 * at.SampleVariance * trace);
            }

            ResolventSolution solution = new ResolventEquations(model).Solve(z);
            Assert.Equal(0, Complex.Abs(trace - solution.Trace) / Complex.Abs(trace), Rounding);
            Assert.Equal(0, Complex.Abs(response - solution.SampleResponse[0]), Rounding);
        }
    }

    [Fact]
    public void FewFeaturesGiveMarchenkoPastur()
    {
        // P ≪ N makes neurons independent: U = s² + κ²Δ + (v² + κ²e^{−2t}σ²) Wishart(P/M), up to O(χ_p).
        const double Ratio = 0.4;
        const double Small = 1e-9;
        var model = new TheoryModel(Small, Small / Ratio, Activation.Tanh, [new ClassSpec(1, 0.5)], [[0]], 0.1);
        EquivalentCoefficients at = new GaussianEquivalence(Activation.Tanh, 0.5, 0.1).At(0);
        double gain = at.LinearGain * at.LinearGain;
        double scale = at.SampleVariance + gain * 0.5 * Math.Exp(-0.2);
        double offset = at.NoiseVariance + gain * (1 - Math.Exp(-0.2));
        var z = new Complex(offset + 0.8 * scale, 0.05);
        Complex expected = MarchenkoPastur((z - offset) / scale, Ratio) / scale;
        Assert.Equal(0, Complex.Abs(expected - new ResolventEquations(model).Solve(z).Trace) / Complex.Abs(expected), 1e-7);
    }

    [Fact]
    public void ManySamplesOfSmallVarianceGiveMarchenkoPastur()
    {
        // Linear neurons (variance and noise small) and M ≫ N: U = Γ² WWᵀ/N, whose ratio is P/N.
        const double Ratio = 3;
        var model = new TheoryModel(Ratio, 1e9, Activation.Tanh, [new ClassSpec(1, 1e-6)], [[0]], 1e-7);
        double total = Math.Exp(-2e-7) * 1e-6 + 2e-7 - 2e-14;
        var z = new Complex(2 * total, 0.5 * total);
        Complex expected = MarchenkoPastur(z / total, Ratio) / total;
        Assert.Equal(0, Complex.Abs(expected - new ResolventEquations(model).Solve(z).Trace) / Complex.Abs(expected), 1e-5);
    }

    [Fact]
    public void PermutingClassesPermutesTheAnswer()
    {
        TheoryModel model = Cases.Reference('C');
        var swapped = model with { Classes = [model.Classes[1], model.Classes[0]], CentroidGram = [[2.25, 0.5], [0.5, 1]] };
        var z = new Complex(0.05, 0.02);
        ResolventSolution one = new ResolventEquations(model).Solve(z);
        ResolventSolution two = new ResolventEquations(swapped).Solve(z);
        Assert.Equal(0, Complex.Abs(one.Trace - two.Trace) / Complex.Abs(one.Trace), 1e-7);
        Assert.Equal(0, Complex.Abs(one.SampleResponse[0] - two.SampleResponse[1]) / Complex.Abs(one.SampleResponse[0]), 1e-7);
        Assert.Equal(0, Complex.Abs(one.ClassFeatureNoise[1] - two.ClassFeatureNoise[0]), 1e-7);
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Relu)]
    public void SplittingAClassIntoEqualHalvesChangesNothing(Activation activation)
    {
        TheoryModel whole = Cases.Reference('C') with { Activation = activation };
        var split = whole with
        {
            Classes = [new ClassSpec(0.3, 0.5), new ClassSpec(0.5, 0.5), new ClassSpec(0.2, 0.25)],
            CentroidGram = [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 2.25]],
        };
        ResolventSolution one = new ResolventEquations(whole).Solve(new Complex(0.05, 0.02));
        ResolventSolution two = new ResolventEquations(split).Solve(new Complex(0.05, 0.02));
        Assert.Equal(0, Complex.Abs(one.Trace - two.Trace) / Complex.Abs(one.Trace), 1e-7);
        Assert.Equal(0, Complex.Abs(one.FeatureNoise - two.FeatureNoise), 1e-8);
        Assert.Equal(0, Complex.Abs(two.SampleResponse[0] - two.SampleResponse[1]), 1e-9);
    }

    [Fact]
    public void TenClassesSolveAndHaveTheMomentsOfU()
    {
        ClassSpec[] classes = Enumerable.Range(0, 10).Select(c => new ClassSpec(0.1, 0.1 + 0.1 * c)).ToArray();
        double[][] gram = Enumerable.Range(0, 10).Select(i => Enumerable.Range(0, 10).Select(j => 1.0 + 0.1 * i * j).ToArray()).ToArray();
        var equations = new ResolventEquations(new TheoryModel(5, 3, Activation.Erf, classes, gram, 0.02), 1e-6);
        const double Far = 1e5;
        ResolventSolution solution = equations.Solve(new Complex(-Far, 0));

        // g(−x) = 1/x − m₁/x² + …
        double mean = Far - Far * Far * solution.Trace.Real;
        Assert.Equal(equations.MeanEigenvalue(), mean, 1e-3 * mean);
        Assert.True(equations.Solve(new Complex(0.05, 1e-4)).Trace.Imaginary > 0);
    }

    [Fact]
    public void LatticeOfHighRankAgreesWithAnIndependentLattice()
    {
        ClassSpec[] classes = Enumerable.Range(0, 5).Select(c => new ClassSpec(0.2, 0.2 + 0.1 * c)).ToArray();
        double[][] gram = Enumerable.Range(0, 5).Select(i => Enumerable.Range(0, 5).Select(j => i == j ? 1.0 : 0).ToArray()).ToArray();
        var model = new TheoryModel(5, 3, Activation.Tanh, classes, gram, 0.02);
        var z = new Complex(0.05, 0.05);
        Complex one = new ResolventEquations(model, CentroidQuadrature.Create(gram, 3000)).Solve(z).Trace;
        Complex two = new ResolventEquations(model, CentroidQuadrature.Create(gram, 4000, shift: 1)).Solve(z).Trace;
        Assert.Equal(0, Complex.Abs(one - two) / Complex.Abs(one), 3e-3);
        Assert.True(one != two);
    }

    [Fact]
    public void TheLowerHalfPlaneIsTheConjugate()
    {
        var equations = new ResolventEquations(Cases.Reference('A'));
        ResolventSolution upper = equations.Solve(new Complex(1, 0.5));
        ResolventSolution lower = equations.Solve(new Complex(1, -0.5));
        Assert.Equal(Complex.Conjugate(upper.Trace), lower.Trace);
        Assert.Equal(Complex.Conjugate(upper.FeatureNoise), lower.FeatureNoise);
    }

    [Fact]
    public void RealArgumentsInAGapAreSolvedAndOnTheSpectrumRefused()
    {
        // Case A has a gap between 0.03823 and 1.17887.
        var equations = new ResolventEquations(Cases.Reference('A'));
        Complex inGap = equations.Solve(new Complex(0.3, 0)).Trace;
        Complex above = equations.Solve(new Complex(0.3, 1e-9)).Trace;
        Assert.Equal(0, inGap.Imaginary);
        Assert.Equal(above.Real, inGap.Real, 1e-9);
        Assert.Contains("spectrum", Assert.Throws<ArgumentException>(() => equations.Solve(new Complex(3, 0))).Message);
        Assert.Throws<ArgumentException>(() => equations.Solve(new Complex(double.NaN, 0)));
    }

    [Fact]
    public void ImpossibleModelsAreRefused()
    {
        TheoryModel model = Cases.Reference('A');
        Assert.Throws<ArgumentException>(() => new ResolventEquations(model with { FeatureRatio = 0 }));
        Assert.Throws<ArgumentException>(() => new ResolventEquations(model with { Classes = [] }));
        Assert.Throws<ArgumentException>(() => new ResolventEquations(model with { Classes = [new ClassSpec(0.5, 1), new ClassSpec(0.4, 1)] }));
        Assert.Throws<ArgumentException>(() => new ResolventEquations(model with { CentroidGram = [[0]] }));
        Assert.Throws<ArgumentException>(() => new ResolventEquations(model with { DiffusionTime = -1 }));

        // 40 classes in 40 dimensions: 0.9 million products of features at 2048 nodes and more.
        ClassSpec[] classes = Enumerable.Repeat(new ClassSpec(1.0 / 40, 0.5), 40).ToArray();
        double[][] gram = Enumerable.Range(0, 40).Select(i => Enumerable.Range(0, 40).Select(j => i == j ? 1.0 : 0).ToArray()).ToArray();
        Assert.Contains("MB", Assert.Throws<ArgumentException>(() => new ResolventEquations(model with { Classes = classes, CentroidGram = gram })).Message);
    }

    /// <summary>Stieltjes transform ∫ρ/(λ − z) of XXᵀ/n for X of size (ratio·n)×n: ratio·z m² + (z + ratio − 1) m + 1 = 0.</summary>
    private static Complex MarchenkoPastur(Complex z, double ratio)
    {
        Complex b = z + ratio - 1;
        Complex root = Complex.Sqrt(b * b - 4 * ratio * z);
        Complex m = (-b + root) / (2 * ratio * z);
        return m.Imaginary > 0 ? m : (-b - root) / (2 * ratio * z);
    }
}
