using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Tests.Krylov;

/// <summary>Both estimates of the spectral distribution against the eigenvalues that the matrix was made from.</summary>
public class SpectralDensityTests
{
    private static readonly double[] Exact =
        [.. Enumerable.Range(0, 200).Select(i => 0.1 + 0.001 * i), .. Enumerable.Range(0, 150).Select(i => 1 + 0.002 * i),
            .. Enumerable.Range(0, 50).Select(i => 2 + 0.02 * i)];

    [Fact]
    public void Masses_of_bulks_agree_within_their_errors()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(Exact);
        var apply = new DenseOperator(a, team);
        var quadrature = StochasticQuadrature.Compute(apply, 16, 40, 1, team);
        var polynomial = KernelPolynomial.Compute(apply, 0, 3.1, 301, 16, 1, team);
        foreach ((double from, double to, double mass) in ((double, double, double)[])[(0, 0.6, 0.5), (0.6, 1.6, 0.375), (1.6, 3.1, 0.125)])
        {
            SpectralEstimate counted = quadrature.Mass(from, to), integrated = polynomial.Mass(from, to);

            // One probe spreads by √(2 m (1 − m)/n); four standard errors of 16 probes.
            double error = Math.Sqrt(2 * mass * (1 - mass) / 400 / 16);
            Assert.InRange(counted.StandardError, 0.4 * error, 1.8 * error);
            Assert.Equal(mass, counted.Value, 4 * error);

            // Same probes: what is left is the broadening at the ends of the interval.
            Assert.Equal(counted.Value, integrated.Value, 1e-3);
        }

        Assert.Equal(1, quadrature.Mass(double.NegativeInfinity, double.PositiveInfinity).Value, 1e-12);
        SpectralEstimate mean = quadrature.Average(x => x), logarithm = quadrature.Average(Math.Log);
        Assert.Equal(Exact.Average(), mean.Value, 4 * mean.StandardError);
        Assert.Equal(Exact.Average(Math.Log), logarithm.Value, 4 * logarithm.StandardError);
        Assert.InRange(mean.StandardError, 1e-3, 0.03);
    }

    [Fact]
    public void As_many_probes_as_dimensions_of_one_step_less_than_all_are_exact_moments()
    {
        // A probe's rule of m nodes has its first 2m moments: zᵀA^k z, here computed by products.
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([1, 2, 4, 4, 7, 9]);
        var quadrature = StochasticQuadrature.Compute(new DenseOperator(a, team), 1, 3, 4, team);
        using Matrix<double> power = new(1, 6), next = new(1, 6), start = new(1, 6);
        var stream = new Hpc.Numerics.Randomness.RandomStream(4, Hpc.Numerics.Randomness.StreamPurpose.ProbeVectors);
        stream.FillNormals(1, 0, start.Row(0));
        double square = System.Numerics.Tensors.TensorPrimitives.SumOfSquares<double>(start.Row(0));
        start.Row(0).CopyTo(power.Row(0));
        for (int k = 0; k < 6; k++)
        {
            double exact = System.Numerics.Tensors.TensorPrimitives.Dot<double>(start.Row(0), power.Row(0)) / square;
            Assert.Equal(1, quadrature.Average(x => Math.Pow(x, k)).Value / exact, 1e-12);
            Gemm.Multiply(team, 1, power.View, a.View, 0, next.View);
            next.Row(0).CopyTo(power.Row(0));
        }
    }

    [Fact]
    public void Densities_are_the_broadened_exact_ones()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(Exact);
        var apply = new DenseOperator(a, team);
        double[] places = [0.05, 0.2, 0.6, 1.15, 1.7, 2.5];
        const double Width = 0.06;
        SpectralEstimate[] quadrature = StochasticQuadrature.Compute(apply, 16, 120, 2, team).Density(places, Width);
        var kernel = KernelPolynomial.Compute(apply, 0, 3.1, 201, 16, 2, team);
        SpectralEstimate[] polynomial = kernel.Density(places);

        // The Jackson kernel is positive; the bare series rings in the gaps.
        double[] grid = [.. Enumerable.Range(1, 300).Select(i => 3.1 * i / 301)];
        Assert.All(kernel.Density(grid), d => Assert.InRange(d.Value, -1e-9, 10));
        for (int i = 0; i < places.Length; i++)
        {
            // The Jackson kernel has the standard deviation (π/count) √(1 − x²) in mapped units.
            double x = 2 * places[i] / 3.1 - 1, width = Math.PI / 201 * Math.Sqrt(1 - x * x) * 3.1 / 2;
            Assert.Equal(Broadened(places[i], Width), quadrature[i].Value, 4 * quadrature[i].StandardError + 1e-6);
            Assert.Equal(Broadened(places[i], width), polynomial[i].Value, 4 * polynomial[i].StandardError + 0.02);
            Assert.InRange(polynomial[i].StandardError, 0, 0.3);
        }

        static double Broadened(double place, double width) =>
            Exact.Average(e => Math.Exp(-0.5 * Math.Pow((e - place) / width, 2)) / (width * Math.Sqrt(2 * Math.PI)));
    }

    [Fact]
    public void An_interval_that_misses_eigenvalues_is_refused()
    {
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues([1, 2, 3, 4, 5]);
        Assert.Contains("widen", Assert.Throws<ArgumentException>(() => KernelPolynomial.Compute(new DenseOperator(a, team), 0, 4.5, 60,
            2, 1, team)).Message);
    }

    [Fact]
    public void A_series_reaches_its_tolerance_and_polynomials_of_an_operator_its_bound()
    {
        var series = ChebyshevSeries.Expand(x => Math.Exp(-20 * x), 0.5, 3, 1e-12);
        Assert.InRange(series.TailBound, 0, 1e-12);
        Assert.InRange(series.Degree, 10, 120);
        for (double x = 0.5; x <= 3; x += 0.01)
        {
            Assert.Equal(Math.Exp(-20 * x), series.Evaluate(x), 2e-12);
        }

        double[] exact = [0.6, 1, 1.5, 2.9];
        using var team = new ThreadTeam(1);
        using Matrix<double> a = TestSpectra.WithEigenvalues(exact), unit = new(4, 4), result = new(2, 16);
        for (int i = 0; i < 4; i++)
        {
            unit[i, i] = 1;
        }

        ChebyshevSeries[] functions = [series, ChebyshevSeries.Expand(x => 1 / x, 0.5, 3, 1e-11)];
        ChebyshevRecurrence.Apply(new DenseOperator(a, team), functions, unit, result, team);

        // Traces, and A p(A) = 1 for the second.
        Assert.Equal(exact.Sum(x => Math.Exp(-20 * x)), result[0, 0] + result[0, 5] + result[0, 10] + result[0, 15], 1e-11);
        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, 4).Sum(k => a[i, k] * result[1, 4 * k + j]), 1e-9);
            }
        }
    }
}
