namespace Hpc.Theory.Tests;

public class CentroidQuadratureTests
{
    public static TheoryData<double[][], int> Grams => new()
    {
        { [[0, 0], [0, 0]], 0 },
        { [[1, 2], [2, 4]], 1 },
        { [[1, 0.3], [0.3, 1.5]], 2 },
        { [[2, -1, -1], [-1, 2, -1], [-1, -1, 2]], 2 },
        { [[0, 0, 0], [0, 1, 0.2], [0, 0.2, 3]], 2 },
        { [[4, 1, 0, 0], [1, 3, 1, 0], [0, 1, 2, 0.5], [0, 0, 0.5, 1]], 4 },
    };

    [Theory]
    [MemberData(nameof(Grams))]
    public void SecondAndFourthMomentsAreThoseOfTheGaussian(double[][] gram, int rank)
    {
        CentroidQuadrature quadrature = CentroidQuadrature.Create(gram, 12);
        Assert.Equal(rank, quadrature.Rank);
        CheckMoments(quadrature, gram, 1e-11);
        CheckMoments(quadrature.FoldSigns(), gram, 1e-11, evenOnly: true);
    }

    [Fact]
    public void LatticeAboveTheTensorRanksConvergesToTheGaussian()
    {
        double[][] gram = Enumerable.Range(0, 6)
            .Select(i => Enumerable.Range(0, 6).Select(j => i == j ? 1.0 + i : 0.4).ToArray()).ToArray();
        CheckMoments(CentroidQuadrature.Create(gram, 16384), gram, 0.02);
    }

    [Theory]
    [InlineData(1, 2, 2, 1)]
    [InlineData(-1, 0, 0, 1)]
    [InlineData(1, 0.5, 0.4, 1)]
    [InlineData(double.NaN, 0, 0, 1)]
    public void MatricesThatAreNoGramMatrixAreRefused(double a, double b, double c, double d) =>
        Assert.Throws<ArgumentException>(() => CentroidQuadrature.Create([[a, b], [c, d]], 8));

    private static void CheckMoments(CentroidQuadrature quadrature, double[][] gram, double tolerance, bool evenOnly = false)
    {
        Assert.Equal(1, quadrature.Weights.Sum(), 1e-13);
        for (int a = 0; a < gram.Length; a++)
        {
            for (int b = 0; b < gram.Length; b++)
            {
                double scale = Math.Sqrt(gram[a][a] * gram[b][b]);
                if (!evenOnly)
                {
                    Assert.Equal(gram[a][b], Average(i => quadrature.Projections[a][i] * quadrature.Projections[b][i]), tolerance * scale);
                }

                // Isserlis: E u_a² u_b² = G_aa G_bb + 2 G_ab².
                double fourth = gram[a][a] * gram[b][b] + 2 * gram[a][b] * gram[a][b];
                Assert.Equal(
                    fourth,
                    Average(i => Math.Pow(quadrature.Projections[a][i] * quadrature.Projections[b][i], 2)),
                    3 * tolerance * scale * scale);
            }
        }

        double Average(Func<int, double> function) => quadrature.Weights.Select((w, i) => w * function(i)).Sum();
    }
}
