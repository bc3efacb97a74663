using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Kernels.Krylov;

/// <summary>A covariance matrix in the memory of a device.</summary>
/// <param name="matrix">U, P×P, disposed with this.</param>
/// <param name="products">What multiplies with it.</param>
internal class KeptCovariance<T>(DeviceMatrix<T> matrix, SymmetricProduct<T> products) : ISymmetricOperator, IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public int Dimension => matrix.Rows;

    public IKrylovVectors? KeepVectors(int capacity) => new AcceleratorVectors<double>(products.Library, capacity, Dimension);

    public long MemoryBytes => DeviceMatrix<T>.BytesOf(Dimension, Dimension);

    public double Flops(int vectors) => 2.0 * Dimension * Dimension * vectors;

    public virtual void Apply(MatrixView<double> x, MatrixView<double> y) => products.Apply(matrix, x, y);

    public virtual unsafe void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        using var images = new Matrix<double>(Math.Min(SymmetricProduct<T>.LargestBlock, Math.Max(1, x.Columns)), Dimension);
        for (int first = 0; first < x.Columns; first += images.Rows)
        {
            int count = Math.Min(images.Rows, x.Columns - first);
            MatrixView<double> part = x.Slice(0, first, Dimension, count);
            products.Apply(matrix, part, images.View.Slice(0, 0, count, Dimension).Transposed);
            for (int l = 0; l < count; l++)
            {
                forms[first + l] = TensorPrimitives.Dot(new ReadOnlySpan<double>(part.Pointer + l * part.ColumnStride, Dimension), images.Row(l));
            }
        }
    }

    public virtual void Dispose() => matrix.Dispose();
}
