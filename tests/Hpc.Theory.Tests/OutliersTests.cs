using Hpc.Diffusion.Spec;

namespace Hpc.Theory.Tests;

public class OutliersTests
{
    private static readonly ModelSpec Speciation = new()
    {
        Dimension = 300,
        Features = 1200,
        Samples = 900,
        Classes = [new ClassSpec(0.8, 0.5), new ClassSpec(0.2, 0.5)],
        CentroidGram = [[1, 0], [0, 1]],
    };

    [Fact]
    public void ReferenceNumbers()
    {
        // theory.md, speciation table: "theory" numbers to their printed digits.
        Outliers early = Outliers.Compute(Speciation, 1.5);
        Assert.Equal(19.03, early.Eigenvalues[0], 5e-3);
        Assert.Equal(6.22, early.Eigenvalues[1], 5e-3);
        Assert.Equal(0.9988, early.Rms[0], 5e-5);
        Assert.Equal(0.985, early.Rms[1], 5e-4);
        Outliers middle = Outliers.Compute(Speciation, 2);
        Assert.Equal(8.31, middle.Eigenvalues[0], 5e-3);
        Assert.Equal(3.76, middle.Eigenvalues[1], 5e-3);
        Assert.Equal(0.993, middle.Rms[0], 5e-4);
        Assert.Equal(0.891, middle.Rms[1], 5e-4);
        Outliers late = Outliers.Compute(Speciation, 2.5);
        Assert.Equal(4.44, Assert.Single(late.Eigenvalues), 5e-3);
        Assert.Equal(0.951, late.Rms[0], 5e-4);
        Assert.Equal(0, late.Rms[1], 1e-9);
    }

    [Fact]
    public void TransitionTimesOrderByWeight()
    {
        double large = Outliers.TransitionTime(Speciation, 0, 1, 4);
        double small = Outliers.TransitionTime(Speciation, 1, 1, 4);
        Assert.True(small > 2 && small < 2.5 && large > 2.5 && large < 3.5, $"{small}, {large}");
        Assert.Equal(0.5, Outliers.Compute(Speciation, 0.999 * large).Rms[0], 0.1);
        Assert.Equal(double.NaN, Outliers.TransitionTime(Speciation, 0, 3.5, 4));
    }

    [Theory]
    [InlineData(Activation.Tanh, 1, 1.0)]
    [InlineData(Activation.Relu, 0, 0.3)]
    public void SimulatedOutliersAndOverlapsAgree(Activation activation, double norm, double time)
    {
        // relu is not odd: its mean feature makes an outlier even without centroids, the part that sections 4 and 5 drop.
        ModelSpec spec = Speciation with
        {
            Dimension = 60,
            Features = 240,
            Samples = 180,
            Activation = activation,
            Classes = [new ClassSpec(0.6, 0.5), new ClassSpec(0.4, 0.5)],
            CentroidGram = [[norm, 0], [0, norm]],
        };
        Outliers theory = Outliers.Compute(spec, time);
        ExactSimulation[] runs = Enumerable.Range(0, 4).Select(seed => new ExactSimulation(spec, time, seed)).ToArray();
        Assert.Equal(activation == Activation.Tanh ? 2 : 1, theory.Eigenvalues.Count);
        for (int k = 0; k < theory.Eigenvalues.Count; k++)
        {
            double[] simulated = runs.Select(run => run.Eigenvalues[^(k + 1)]).ToArray();
            double mean = simulated.Average();
            double error = Math.Sqrt(simulated.Sum(x => (x - mean) * (x - mean)) / 12);
            Assert.Equal(theory.Eigenvalues[k], mean, 3 * error + 3.0 / 60 * mean);
        }

        // The next eigenvalue belongs to the bulk; edges of finite matrices spread by about N^{−2/3}.
        Assert.True(runs.Average(run => run.Eigenvalues[^(theory.Eigenvalues.Count + 1)]) < theory.UpperEdge * (1 + Math.Pow(60, -2.0 / 3)));
        for (int c = 0; c < 2; c++)
        {
            Assert.Equal(runs.Average(run => run.Rms(2)[c]), theory.Rms[c], 2.0 / 60);
        }
    }

    [Fact]
    public void OddActivationWithoutCentroidsHasNoOutlier()
    {
        Outliers outliers = Outliers.Compute(Speciation with { CentroidGram = [[0, 0], [0, 0]] }, 0.5);
        Assert.Empty(outliers.Eigenvalues);
        Assert.Equal([double.NaN, double.NaN], outliers.Rms);
    }
}
