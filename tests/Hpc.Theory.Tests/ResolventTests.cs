using System.Numerics;

namespace Hpc.Theory.Tests;

public class ResolventTests
{
    /// <summary>Reference numbers of theory.md, an independent implementation; printed digits are the tolerance.</summary>
    [Theory]
    [InlineData('A', -0.1, 0, 8.8858, 0, 0.06349, 0, 5e-5)]
    [InlineData('A', -1, 0, 0.94507, 0, 0.04359, 0, 5.1e-6)]
    [InlineData('A', 1, 0.5, -0.71476, 0.39480, 0.08387, 0.03991, 5.1e-6)]
    [InlineData('B', -0.1, 0, 8.05023, 0, 0.06741, 0, 5.1e-6)]
    [InlineData('B', 0.05, 0.02, -13.54727, 10.48878, 0.05262, 0.03936, 5.1e-6)]
    [InlineData('C', -0.1, 0, 7.44386, 0, 0.34700, 0, 5.1e-6)]
    [InlineData('C', 10, 3, -0.09339, 0.02875, -0.04553, 0.01642, 5.1e-6)]
    public void ReferenceNumbers(char which, double re, double im, double gRe, double gIm, double fRe, double fIm, double digits)
    {
        var equations = new ResolventEquations(Cases.Reference(which));
        ResolventSolution solution = equations.Solve(new Complex(re, im));
        Assert.Equal(gRe, solution.Trace.Real, digits);
        Assert.Equal(gIm, solution.Trace.Imaginary, digits);
        Assert.Equal(fRe, solution.FeatureNoise.Real, 5.1e-6);
        Assert.Equal(fIm, solution.FeatureNoise.Imaginary, 5.1e-6);
        Assert.True(solution.Convergence.Residual < ResolventEquations.ResidualBound);
    }
}
