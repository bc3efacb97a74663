using Hpc.Numerics.Quadrature;

namespace Hpc.Numerics.Tests.Quadrature;

public class GaussHermiteTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public void MomentsAreExactToDegreeTwiceOrderMinusOneAndNoFurther(int order)
    {
        var rule = new GaussHermite(order);
        for (int degree = 0; degree <= 2 * order - 1; degree++)
        {
            double exact = Moment(degree);
            Assert.Equal(exact, Average(rule, x => Math.Pow(x, degree)), 1e-13 * Math.Max(1, Moment(degree + degree % 2)));
        }

        // The error at degree 2n is exactly n!.
        double factorial = Enumerable.Range(1, order).Aggregate(1.0, (product, k) => product * k);
        Assert.Equal(Moment(2 * order) - factorial, Average(rule, x => Math.Pow(x, 2 * order)), 1e-12 * Moment(2 * order));
    }

    [Fact]
    public void LowOrdersMatchTheirClosedForms()
    {
        var three = new GaussHermite(3);
        Assert.Equal(Math.Sqrt(3), three.Nodes[2], 1e-15);
        Assert.Equal(2.0 / 3, three.Weights[1], 1e-15);
        var four = new GaussHermite(4);
        Assert.Equal(Math.Sqrt(3 - Math.Sqrt(6)), four.Nodes[2], 1e-15);
        Assert.Equal(Math.Sqrt(3 + Math.Sqrt(6)), four.Nodes[3], 1e-15);
        Assert.Equal((3 + Math.Sqrt(6)) / 12, four.Weights[2], 1e-15);
        Assert.Equal((3 - Math.Sqrt(6)) / 12, four.Weights[3], 1e-15);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(1000)]
    public void LargeOrdersAreSymmetricIncreasingAndIntegrateMomentsAndCosines(int order)
    {
        var rule = new GaussHermite(order);
        for (int i = 0; i < order; i++)
        {
            Assert.Equal(rule.Nodes[i], -rule.Nodes[order - 1 - i]);
            Assert.Equal(rule.Weights[i], rule.Weights[order - 1 - i]);
            Assert.True(rule.Weights[i] >= 0 && double.IsFinite(rule.Weights[i]));
            Assert.True(i == 0 || rule.Nodes[i] > rule.Nodes[i - 1]);
        }

        for (int degree = 0; degree <= 20; degree += 2)
        {
            Assert.Equal(1, Average(rule, x => Math.Pow(x, degree)) / Moment(degree), 2e-14);
        }

        Assert.Equal(Math.Exp(-2), Average(rule, x => Math.Cos(2 * x)), 1e-14);
    }

    [Fact]
    public void FarWeightsKeepTheirRelativeAccuracy()
    {
        // E exp(a z) = exp(a²/2) takes its value from weights near z = a, about exp(−a²/2).
        var rule = new GaussHermite(400);
        Assert.Equal(1, Average(rule, x => Math.Exp(12 * x)) / Math.Exp(72), 1e-12);
    }

    [Fact]
    public void OrderZeroIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new GaussHermite(0));

    private static double Average(GaussHermite rule, Func<double, double> function)
    {
        double sum = 0;
        for (int i = 0; i < rule.Order; i++)
        {
            sum += rule.Weights[i] * function(rule.Nodes[i]);
        }

        return sum;
    }

    /// <summary>E z^degree for a standard normal z: (degree − 1)!! for even degrees.</summary>
    private static double Moment(int degree)
    {
        double product = degree % 2 == 0 ? 1 : 0;
        for (int k = degree - 1; k > 1; k -= 2)
        {
            product *= k;
        }

        return product;
    }
}
