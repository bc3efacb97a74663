using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Numerics.Tests.Krylov;

/// <summary>Symmetric matrices of known spectrum: A = H diag(λ) H with a product of two reflections H.</summary>
internal static class TestSpectra
{
    public static Matrix<double> WithEigenvalues(double[] values)
    {
        int n = values.Length;
        var a = new Matrix<double>(n, n);
        for (int i = 0; i < n; i++)
        {
            a[i, i] = values[i];
        }

        var random = new System.Random(5);
        for (int reflection = 0; reflection < 3; reflection++)
        {
            double[] v = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            double square = v.Sum(x => x * x);

            // (I − 2vvᵀ/v²) A (I − 2vvᵀ/v²) = A − v wᵀ − w vᵀ with p = 2Av/v² and w = p − (pᵀv/v²) v.
            double[] p = [.. Enumerable.Range(0, n).Select(i => 2 * Enumerable.Range(0, n).Sum(j => a[i, j] * v[j]) / square)];
            double overlap = p.Zip(v, (x, y) => x * y).Sum() / square;
            double[] w = [.. p.Zip(v, (x, y) => x - overlap * y)];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    a[i, j] -= v[i] * w[j] + w[i] * v[j];
                }
            }
        }

        return a;
    }
}
