using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Tests.Eigen;

/// <summary>The same bodies for every solver.</summary>
public abstract class SymmetricEigensolverTests
{
    private const double MachineEpsilon = 2.220446049250313e-16;

    protected abstract ISymmetricEigensolver Solver { get; }

    [Fact]
    public void DiagonalMatrixIsSorted()
    {
        double[] diagonal = [3, -1, 7, 0, 2.5, -8, 1e-3];
        using var a = new Matrix<double>(7, 7);
        for (int i = 0; i < 7; i++)
        {
            a[i, i] = diagonal[i];
        }

        double[] values = new double[7];
        Solver.Decompose(a, values, true, 1);
        Array.Sort(diagonal, [0, 1, 2, 3, 4, 5, 6]);
        Assert.Equal(diagonal, values);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(101)]
    public void ToeplitzMatrixHasItsKnownSpectrum(int n)
    {
        using Matrix<double> a = Build(n, (i, j) => i == j ? 2 : Math.Abs(i - j) == 1 ? -1 : 0);
        using Matrix<double> original = a.Clone();
        double[] values = new double[n];
        Solver.Decompose(a, values, true, 1);
        for (int k = 0; k < n; k++)
        {
            // λ_k = 4 sin²(kπ/(2(n+1))) and v_k(i) ∝ sin(ikπ/(n+1)), k and i from 1.
            double sine = Math.Sin((k + 1) * Math.PI / (2 * (n + 1)));
            Assert.InRange(values[k], 4 * sine * sine - 4 * n * MachineEpsilon, 4 * sine * sine + 4 * n * MachineEpsilon);
        }

        CheckDecomposition(original, values, a);
    }

    [Fact]
    public void RowsAreTheEigenvectors()
    {
        using Matrix<double> a = Build(3, (i, j) => i == j ? 2 : Math.Abs(i - j) == 1 ? -1 : 0);
        Solver.Decompose(a, new double[3], true, 1);
        double sign = Math.Sign(a[0, 0]);
        double[] expected = [0.5, Math.Sqrt(0.5), 0.5];
        for (int i = 0; i < 3; i++)
        {
            Assert.InRange(sign * a[0, i], expected[i] - 1e-14, expected[i] + 1e-14);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(37)]
    [InlineData(150)]
    public void RandomMatrixIsReproduced(int n)
    {
        var random = new Random(n);
        using Matrix<double> a = Build(n, (_, _) => random.NextDouble() - 0.5);
        using Matrix<double> original = a.Clone();
        using Matrix<double> withoutVectors = a.Clone();
        double[] values = new double[n];
        double[] valuesAlone = new double[n];
        Solver.Decompose(a, values, true, 2);
        Solver.Decompose(withoutVectors, valuesAlone, false, 1);
        CheckDecomposition(original, values, a);
        double tolerance = 4 * n * MachineEpsilon * FrobeniusNorm(original);
        for (int k = 0; k < n; k++)
        {
            Assert.InRange(valuesAlone[k], values[k] - tolerance, values[k] + tolerance);
        }
    }

    [Fact]
    public void IdentityPlusLowRankHasOrthogonalVectors()
    {
        // I + 10·uuᵀ + 5·wwᵀ with orthonormal u, w: eigenvalue 1 has multiplicity n − 2.
        const int Order = 90;
        double scale = Math.Sqrt(2.0 / Order);
        double[] u = [.. Enumerable.Range(0, Order).Select(i => scale * Math.Cos(2 * Math.PI * 3 * i / Order))];
        double[] w = [.. Enumerable.Range(0, Order).Select(i => scale * Math.Sin(2 * Math.PI * 3 * i / Order))];
        double[] expected = [.. Enumerable.Repeat(1.0, Order - 2), 6, 11];
        CheckKnown(Build(Order, (i, j) => (i == j ? 1 : 0) + 10 * u[i] * u[j] + 5 * w[i] * w[j]), expected);
    }

    [Fact]
    public void ProjectorHasOrthogonalVectors()
    {
        // Projector onto 20 of the 60 real Fourier modes.
        const int Order = 60;
        double[] expected = [.. Enumerable.Repeat(0.0, 40), .. Enumerable.Repeat(1.0, 20)];
        CheckKnown(
            Build(Order, (i, j) => Enumerable.Range(1, 10).Sum(k => 2.0 / Order * Math.Cos(2 * Math.PI * k * (i - j) / Order))), expected);
    }

    [Fact]
    public void EmptyMatrixIsAllowed()
    {
        using var a = new Matrix<double>(0, 0);
        Solver.Decompose(a, [], true, 1);
    }

    [Fact]
    public void RefusesWhatItCannotDecompose()
    {
        using var rectangular = new Matrix<double>(3, 4);
        using var square = new Matrix<double>(3, 3);
        Assert.Contains("3×4", Assert.Throws<ArgumentException>(() => Solver.Decompose(rectangular, new double[3], true, 1)).Message);
        Assert.Throws<ArgumentException>(() => Solver.Decompose(square, new double[4], true, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Solver.Decompose(square, new double[3], true, 0));
        square[1, 2] = double.NaN;
        Assert.Contains("Row 1", Assert.Throws<ArgumentException>(() => Solver.Decompose(square, new double[3], true, 1)).Message);
    }

    [Fact]
    public void WorkspaceIsStatedAndLimited()
    {
        Assert.InRange(Solver.WorkspaceBytes(1000, true), 2L * 1000 * 1000 * 8, 4L * 1000 * 1000 * 8);
        Assert.Contains("50000", Assert.Throws<NotSupportedException>(() => Solver.WorkspaceBytes(50_000, true)).Message);
    }

    private static Matrix<double> Build(int n, Func<int, int, double> element)
    {
        var a = new Matrix<double>(n, n);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                a[i, j] = element(i, j);
                a[j, i] = a[i, j];
            }
        }

        return a;
    }

    private static double FrobeniusNorm(Matrix<double> a)
    {
        double sum = 0;
        foreach (double element in a.Span)
        {
            sum += element * element;
        }

        return Math.Sqrt(sum);
    }

    /// <summary>
    /// ‖A·v_k − λ_k·v_k‖ ≤ 4n·ε·‖A‖ and |v_k·v_l − δ_kl| ≤ 4n·ε: backward stability with the usual modest factor for n elementary
    /// orthogonal transformations.
    /// </summary>
    private static void CheckDecomposition(Matrix<double> original, double[] values, Matrix<double> vectors)
    {
        int n = original.Rows;
        double tolerance = 4 * n * MachineEpsilon;
        double norm = FrobeniusNorm(original);
        for (int k = 0; k < n; k++)
        {
            Assert.True(k == 0 || values[k - 1] <= values[k]);
            double residual = 0;
            for (int i = 0; i < n; i++)
            {
                double difference = Dot(original.Row(i), vectors.Row(k)) - values[k] * vectors[k, i];
                residual += difference * difference;
            }

            Assert.True(Math.Sqrt(residual) <= tolerance * norm, $"residual {Math.Sqrt(residual):E2} of vector {k}");
            for (int l = 0; l <= k; l++)
            {
                double overlap = Dot(vectors.Row(k), vectors.Row(l)) - (k == l ? 1 : 0);
                Assert.True(Math.Abs(overlap) <= tolerance, $"vectors {k} and {l} overlap by {overlap:E2}");
            }
        }
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    private void CheckKnown(Matrix<double> a, double[] expected)
    {
        using Matrix<double> original = a.Clone();
        double[] values = new double[expected.Length];
        Solver.Decompose(a, values, true, 1);
        CheckDecomposition(original, values, a);
        double tolerance = 4 * expected.Length * MachineEpsilon * FrobeniusNorm(original);
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.InRange(values[k], expected[k] - tolerance, expected[k] + tolerance);
        }

        a.Dispose();
    }
}
