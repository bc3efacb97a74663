using System.Numerics;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.Tests.LinearAlgebra;

/// <summary>The triple loop that the products are held against, and the matrices that they are tried on.</summary>
internal static unsafe class ProductReference
{
    /// <summary>The widths that this machine can run.</summary>
    public static IEnumerable<SimdWidth> Widths => Enum.GetValues<SimdWidth>().Where(width => width <= SimdSupport.Widest);

    /// <summary>Integers of −4…4: every product and sum below is exact, so results must be equal whatever their order.</summary>
    public static void FillIntegers<T>(MatrixView<T> matrix, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Fill(matrix, new Random(seed), random => random.Next(-4, 5));

    public static void FillUniform<T>(MatrixView<T> matrix, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Fill(matrix, new Random(seed), random => 2 * random.NextDouble() - 1);

    /// <summary>beta·C + alpha·A·B in double, and the same with absolute values (the scale of its rounding errors).</summary>
    public static (double[,] Value, double[,] Scale) Multiply<T>(
        T alpha, MatrixView<T> a, MatrixView<T> b, T beta, MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var value = new double[c.Rows, c.Columns];
        var scale = new double[c.Rows, c.Columns];
        (double alphaD, double betaD) = (double.CreateChecked(alpha), double.CreateChecked(beta));
        for (int i = 0; i < c.Rows; i++)
        {
            for (int j = 0; j < c.Columns; j++)
            {
                double sum = 0;
                double absolute = 0;
                for (int k = 0; k < a.Columns; k++)
                {
                    double term = double.CreateChecked(a[i, k]) * double.CreateChecked(b[k, j]);
                    sum += term;
                    absolute += Math.Abs(term);
                }

                double kept = betaD == 0 ? 0 : betaD * double.CreateChecked(c[i, j]);
                value[i, j] = kept + alphaD * sum;
                scale[i, j] = Math.Abs(kept) + Math.Abs(alphaD) * absolute;
            }
        }

        return (value, scale);
    }

    private static void Fill<T>(MatrixView<T> matrix, Random random, Func<Random, double> next)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                matrix[i, j] = T.CreateChecked(next(random));
            }
        }
    }
}
