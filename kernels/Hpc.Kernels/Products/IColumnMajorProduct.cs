using System.Numerics;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>A library's product of matrices in device memory, column-major: gemm of BLAS.</summary>
internal interface IColumnMajorProduct<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>C ← α·op(A)·op(B) + β·C, started in the order of the device's queue; C is not read where β is 0.</summary>
    void Run(in ColumnMajorShape shape, T alpha, ArrayView<T> a, ArrayView<T> b, T beta, ArrayView<T> c);
}
