using System.Numerics;

namespace Hpc.Theory;

/// <summary>Small dense complex linear systems, row-major.</summary>
internal static class ComplexSystem
{
    /// <summary>
    /// Solves A X = B in place by Gaussian elimination with partial pivoting: <paramref name="b"/> (n×m) becomes X and
    /// <paramref name="a"/> (n×n) is destroyed. Returns det A; where that is 0, <paramref name="b"/> is undefined.
    /// </summary>
    public static Complex Solve(Span<Complex> a, Span<Complex> b, int n, int m)
    {
        Complex determinant = Complex.One;
        for (int k = 0; k < n; k++)
        {
            int pivot = k;
            double best = Size(a[k * n + k]);
            for (int i = k + 1; i < n; i++)
            {
                double size = Size(a[i * n + k]);
                if (size > best)
                {
                    (pivot, best) = (i, size);
                }
            }

            if (best == 0)
            {
                return Complex.Zero;
            }

            if (pivot != k)
            {
                determinant = -determinant;
                Swap(a.Slice(pivot * n, n), a.Slice(k * n, n));
                Swap(b.Slice(pivot * m, m), b.Slice(k * m, m));
            }

            Complex diagonal = a[k * n + k];
            determinant *= diagonal;
            Complex inverse = Complex.Reciprocal(diagonal);
            for (int i = k + 1; i < n; i++)
            {
                Complex factor = a[i * n + k] * inverse;
                if (factor == Complex.Zero)
                {
                    continue;
                }

                for (int j = k + 1; j < n; j++)
                {
                    a[i * n + j] -= factor * a[k * n + j];
                }

                for (int j = 0; j < m; j++)
                {
                    b[i * m + j] -= factor * b[k * m + j];
                }
            }
        }

        for (int k = n - 1; k >= 0; k--)
        {
            Complex inverse = Complex.Reciprocal(a[k * n + k]);
            for (int j = 0; j < m; j++)
            {
                Complex sum = b[k * m + j];
                for (int i = k + 1; i < n; i++)
                {
                    sum -= a[k * n + i] * b[i * m + j];
                }

                b[k * m + j] = sum * inverse;
            }
        }

        return determinant;
    }

    private static double Size(Complex value) => Math.Abs(value.Real) + Math.Abs(value.Imaginary);

    private static void Swap(Span<Complex> first, Span<Complex> second)
    {
        for (int i = 0; i < first.Length; i++)
        {
            (first[i], second[i]) = (second[i], first[i]);
        }
    }
}
