using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Numerics.LinearAlgebra;
using ILGPU.Runtime;

namespace Hpc.Kernels.Tests;

/// <summary>Matrices on the host, as plain as the references that use them.</summary>
internal static class Host
{
    /// <summary>Numbers in (−1, 1) that are exact in single precision.</summary>
    public static double[,] Random(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var result = new double[rows, columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                result[i, j] = (float)(2 * random.NextDouble() - 1);
            }
        }

        return result;
    }

    public static Matrix<double> ToMatrix(this double[,] values)
    {
        var matrix = new Matrix<double>(values.GetLength(0), values.GetLength(1));
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                matrix[i, j] = values[i, j];
            }
        }

        return matrix;
    }

    public static DeviceMatrix<T> ToDevice<T>(this double[,] values, Accelerator accelerator)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Matrix<double> host = values.ToMatrix();
        var matrix = new DeviceMatrix<T>(accelerator, host.Rows, host.Columns);
        matrix.Upload(host.View);
        return matrix;
    }

    public static T[,] ToHost<T>(this DeviceMatrix<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var host = new Matrix<T>(matrix.Rows, matrix.Columns);
        matrix.Download(host.View);
        var result = new T[matrix.Rows, matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                result[i, j] = host[i, j];
            }
        }

        return result;
    }

    public static double[,] Transpose(double[,] a)
    {
        var result = new double[a.GetLength(1), a.GetLength(0)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < a.GetLength(1); j++)
            {
                result[j, i] = a[i, j];
            }
        }

        return result;
    }

    /// <summary>A·B, and Σ|a||b| for the rounding error of each element.</summary>
    public static (double[,] Product, double[,] Magnitude) Multiply(double[,] a, double[,] b)
    {
        var product = new double[a.GetLength(0), b.GetLength(1)];
        var magnitude = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < b.GetLength(1); j++)
            {
                for (int k = 0; k < a.GetLength(1); k++)
                {
                    product[i, j] += a[i, k] * b[k, j];
                    magnitude[i, j] += Math.Abs(a[i, k] * b[k, j]);
                }
            }
        }

        return (product, magnitude);
    }
}
