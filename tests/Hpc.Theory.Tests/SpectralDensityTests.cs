using Hpc.Diffusion.Spec;

namespace Hpc.Theory.Tests;

public class SpectralDensityTests
{
    [Fact]
    public void HomogeneousCaseMatchesTheReferenceValues()
    {
        // Independent solver, to its printed digits (the first with five).
        double[] density = SpectralDensity.At(new ResolventEquations(Cases.Homogeneous), [0.051515, 0.20303, 0.354545, 0.5]);
        Assert.Equal(1.4794, density[0], 5e-5);
        Assert.Equal(0.46317, density[1], 5e-6);
        Assert.Equal(0.29526, density[2], 5e-6);
        Assert.Equal(0.22196, density[3], 5e-6);
    }

    [Fact]
    public void BulksHaveTheMassesThatRanksDemand()
    {
        // Case A: N directions of signal, N of noise, M of samples, the rest at the floor.
        TheoryModel model = Cases.Reference('A');
        SpectralDensity spectrum = SpectralDensity.Compute(new ResolventEquations(model));
        Assert.Equal(1, spectrum.TotalMass, SpectralDensity.MassTolerance);
        Assert.Equal(
            [BulkKind.NoiseFloor, BulkKind.NoiseFloor, BulkKind.Memorization, BulkKind.Generalization],
            spectrum.Bulks.Select(bulk => bulk.Kind));
        double[] masses = spectrum.Bulks.Select(bulk => bulk.Mass).ToArray();
        Assert.Equal(1 - 8.5 / 15, masses[0], 1e-12);
        Assert.Equal(1 / 15.0, masses[1], 1e-7);
        Assert.Equal(6.5 / 15, masses[2], 1e-7);
        Assert.Equal(1 / 15.0, masses[3], 1e-7);
        double floor = model.Classes.Sum(c => c.Weight * new GaussianEquivalence(Activation.Tanh, c.Variance, 0.01).At(0).NoiseVariance);
        Assert.Equal(floor, spectrum.Bulks[0].Mean, 1e-15);
        Assert.Equal(0, spectrum.Bulks[2].Class);
        Assert.True(spectrum.MemorizationEigenvalues[0] > spectrum.MemorizationEigenvalues[1]);
        Assert.True(spectrum.GeneralizationEigenvalue > 100 * spectrum.MemorizationEigenvalues[0]);

        // The mean of the whole spectrum is the mean diagonal of U.
        double mean = spectrum.Bulks.Sum(bulk => bulk.Mass * bulk.Mean);
        double expected = model.Classes.Sum(c =>
        {
            var equivalence = new GaussianEquivalence(Activation.Tanh, c.Variance, 0.01);
            EquivalentCoefficients at = equivalence.At(0);
            return c.Weight * (at.LinearGain * at.LinearGain * equivalence.TotalVariance + at.SampleVariance + at.NoiseVariance);
        });
        Assert.Equal(expected, mean, 1e-6 * expected);
    }

    /// <summary>
    /// Late in diffusion the samples' bulks come within 1e-7 of the noise floor. Each class is there a Wishart spectrum of the neurons that signal and
    /// more varied samples leave over: edges v_c²(√P' ± √M_c)²/M above the floor, up to the ratio of v_c² of the classes, some 0.01.
    /// </summary>
    [Theory]
    [InlineData(0.8)]
    [InlineData(1)]
    [InlineData(1.4)]
    public void Bulks_next_to_the_noise_floor_are_those_of_Wishart_matrices(double time)
    {
        TheoryModel model = Cases.Reference('A') with { DiffusionTime = time, Classes = [new ClassSpec(0.5, 0.5), new ClassSpec(0.5, 0.05)] };
        SpectralDensity spectrum = SpectralDensity.Compute(new ResolventEquations(model));
        Assert.Equal([1 - 8.5 / 15, 0.25, 0.25, 1 / 15.0], spectrum.Bulks.Select(bulk => bulk.Mass), (a, b) => Math.Abs(a - b) < 1e-8);
        EquivalentCoefficients[] at = [.. model.Classes.Select(c => new GaussianEquivalence(Activation.Tanh, c.Variance, time).At(0))];
        double floor = spectrum.Bulks[0].Mean;
        Check(spectrum.Bulks[1].From, at[1], 15 - 1 - 3.75, -1, 0.015);
        Check(spectrum.Bulks[1].To, at[1], 15 - 1 - 3.75, 1, 0.015);
        Check(spectrum.Bulks[2].To, at[0], 15 - 1, 1, 0.015);

        void Check(double edge, EquivalentCoefficients coefficients, double neurons, int side, double accuracy) => Assert.Equal(
            1, (edge - floor) / (coefficients.SampleVariance * Math.Pow(Math.Sqrt(neurons) + side * Math.Sqrt(3.75), 2) / 7.5), accuracy);
    }

    /// <summary>Where rounding leaves no edges, both classes are one bulk, of the mass that ranks demand.</summary>
    [Fact]
    public void Bulks_within_rounding_of_the_noise_floor_are_one()
    {
        SpectralDensity spectrum = SpectralDensity.Compute(new ResolventEquations(Cases.Reference('A') with { DiffusionTime = 5 }));
        Assert.Equal(1, spectrum.TotalMass, SpectralDensity.MassTolerance);
        Assert.Equal([1 / 15.0, 1 - 8.5 / 15, 0.5], spectrum.Bulks.Select(bulk => bulk.Mass).Order(), (a, b) => Math.Abs(a - b) < 1e-8);
        Assert.Equal(BulkKind.Generalization, spectrum.Bulks[^1].Kind);
    }

    [Fact]
    public void EdgesAreThoseOfMarchenkoPastur()
    {
        // P ≪ N (see ResolventTests): offset + scale·(1 ± √(P/M))².
        const double Ratio = 0.4;
        const double Small = 1e-9;
        var model = new TheoryModel(Small, Small / Ratio, Activation.Tanh, [new ClassSpec(1, 0.5)], [[0]], 0.1);
        EquivalentCoefficients at = new GaussianEquivalence(Activation.Tanh, 0.5, 0.1).At(0);
        double gain = at.LinearGain * at.LinearGain;
        double scale = at.SampleVariance + gain * 0.5 * Math.Exp(-0.2);
        double offset = at.NoiseVariance + gain * (1 - Math.Exp(-0.2));
        Bulk bulk = Assert.Single(SpectralDensity.Compute(new ResolventEquations(model)).Bulks);
        Assert.Equal(1, bulk.From / (offset + scale * Math.Pow(1 - Math.Sqrt(Ratio), 2)), 1e-6);
        Assert.Equal(1, bulk.To / (offset + scale * Math.Pow(1 + Math.Sqrt(Ratio), 2)), 1e-6);
        Assert.Equal(1, bulk.Mean / (offset + scale), 1e-6);
    }

    [Theory]
    [InlineData('B')]
    [InlineData('C')]
    public void CentroidsOfOrderRootNLeaveAThinTailAndTheRightMasses(char which)
    {
        TheoryModel model = Cases.Reference(which);
        var equations = new ResolventEquations(model);
        SpectralDensity spectrum = SpectralDensity.Compute(equations);
        Assert.Equal(1, spectrum.TotalMass, SpectralDensity.MassTolerance);
        Bulk last = spectrum.Bulks[^1];
        Assert.Equal(BulkKind.Generalization, last.Kind);
        Assert.Equal(1 / model.FeatureRatio, last.Mass, 1e-6);

        // Independent of nodes off the axis: smoothed by Im z = λ/2 the density gives the resolvent on real nodes.
        double[] lambda = [.. spectrum.Lambda];
        var z = new System.Numerics.Complex(0.01, 0.005);
        System.Numerics.Complex sum = 0;
        for (int i = 0; i + 1 < lambda.Length; i++)
        {
            System.Numerics.Complex left = spectrum.Rho[i] / (lambda[i] - z);
            System.Numerics.Complex right = spectrum.Rho[i + 1] / (lambda[i + 1] - z);
            sum += 0.5 * (left + right) * (lambda[i + 1] - lambda[i]);
        }

        // Trapezoids on the adaptive grid err by about a thousandth.
        System.Numerics.Complex trace = equations.Solve(z).Trace;
        Assert.Equal(0, System.Numerics.Complex.Abs(sum - trace) / System.Numerics.Complex.Abs(trace), 3e-3);
    }

    [Fact]
    public void EigenvaluesOfASimulationFillTheBulks()
    {
        TheoryModel model = Cases.Reference('A');
        var spec = new ModelSpec { Dimension = 24, Features = 360, Samples = 180, Classes = model.Classes, CentroidGram = model.CentroidGram };
        SpectralDensity spectrum = SpectralDensity.Compute(new ResolventEquations(model));
        Bulk memorization = spectrum.Bulks[2];
        double gap = Math.Sqrt(memorization.To * spectrum.Bulks[3].From);
        double[] means = new double[4];
        for (int seed = 0; seed < means.Length; seed++)
        {
            IReadOnlyList<double> eigenvalues = new ExactSimulation(spec, model.DiffusionTime, seed).Eigenvalues;

            // A gap separates exact numbers of eigenvalues.
            Assert.Equal(24, eigenvalues.Count(x => x > gap));
            means[seed] = eigenvalues.Where(x => x < gap).OrderDescending().Take(156).Average() / memorization.Mean;
        }

        double mean = means.Average();
        double standardError = Math.Sqrt(means.Sum(x => (x - mean) * (x - mean)) / 12);
        Assert.Equal(1, mean, 3 * standardError + 2.0 / 24);
    }

    [Fact]
    public void MassWithoutAGapIsStillOne()
    {
        // More samples than features: no floor of its own, everything in one bulk or two.
        var model = new TheoryModel(1.2, 8, Activation.Relu, [new ClassSpec(0.4, 1), new ClassSpec(0.6, 0.2)], [[0.5, 0.2], [0.2, 0.4]], 0.3);
        SpectralDensity spectrum = SpectralDensity.Compute(new ResolventEquations(model, 1e-6));
        Assert.Equal(1, spectrum.TotalMass, SpectralDensity.MassTolerance);
        Assert.All(spectrum.Rho, density => Assert.True(density >= 0));
    }
}
