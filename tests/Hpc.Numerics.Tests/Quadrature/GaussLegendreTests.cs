using Hpc.Numerics.Quadrature;

namespace Hpc.Numerics.Tests.Quadrature;

public class GaussLegendreTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(201)]
    public void MonomialsAreExactToDegreeTwiceOrderMinusOne(int order)
    {
        var rule = new GaussLegendre(order);
        for (int degree = 0; degree <= 2 * order - 1; degree++)
        {
            double sum = 0;
            for (int i = 0; i < order; i++)
            {
                sum += rule.Weights[i] * Math.Pow(rule.Nodes[i], degree);
            }

            Assert.Equal(degree % 2 == 0 ? 2.0 / (degree + 1) : 0, sum, 1e-14);
        }
    }

    [Fact]
    public void NodesOfOrderThreeAreExact()
    {
        var rule = new GaussLegendre(3);
        Assert.Equal(Math.Sqrt(0.6), rule.Nodes[2], 1e-15);
        Assert.Equal(0, rule.Nodes[1]);
        Assert.Equal(8.0 / 9, rule.Weights[1], 1e-15);
    }

    [Fact]
    public void OrderZeroIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new GaussLegendre(0));
}
