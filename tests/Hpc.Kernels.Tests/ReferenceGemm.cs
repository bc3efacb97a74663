using System.Numerics;
using Hpc.Kernels.Products;
using ILGPU;
using ILGPU.Runtime;

namespace Hpc.Kernels.Tests;

/// <summary>gemm as the BLAS standard defines it, in plain loops on the host, in the place of cuBLAS.</summary>
internal sealed class ReferenceGemm<T>(Accelerator accelerator) : IColumnMajorProduct<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public int Calls { get; private set; }

    public void Run(in ColumnMajorShape shape, T alpha, ArrayView<T> a, ArrayView<T> b, T beta, ArrayView<T> c)
    {
        Calls++;
        accelerator.Synchronize();
        T[] first = a.GetAsArray(), second = b.GetAsArray(), result = c.GetAsArray();
        for (int i = 0; i < shape.Rows; i++)
        {
            for (int j = 0; j < shape.Columns; j++)
            {
                T sum = T.Zero;
                for (int l = 0; l < shape.Depth; l++)
                {
                    sum += first[shape.TransposeA ? l + i * shape.StrideA : i + l * shape.StrideA]
                        * second[shape.TransposeB ? j + l * shape.StrideB : l + j * shape.StrideB];
                }

                ref T element = ref result[i + j * shape.StrideC];
                element = beta == T.Zero ? alpha * sum : alpha * sum + beta * element;
            }
        }

        c.CopyFromCPU(result);
        accelerator.Synchronize();
    }
}
