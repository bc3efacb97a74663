using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;

namespace Hpc.Kernels.Products;

/// <summary>4×4 sums.</summary>
internal struct Quadrant<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Four<T> row0;
    private Four<T> row1;
    private Four<T> row2;
    private Four<T> row3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Accumulate(Four<T> left, Four<T> right)
    {
        row0 = MultiplyAdd(left.X, right, row0);
        row1 = MultiplyAdd(left.Y, right, row1);
        row2 = MultiplyAdd(left.Z, right, row2);
        row3 = MultiplyAdd(left.W, right, row3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weigh(DeviceView<T> factors, int row, int column)
    {
        row0 = Multiply(row0, factors.GetQuad(row, column));
        row1 = Multiply(row1, factors.GetQuad(row + 1, column));
        row2 = Multiply(row2, factors.GetQuad(row + 2, column));
        row3 = Multiply(row3, factors.GetQuad(row + 3, column));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TEpilogue>(DeviceView<T> result, T alpha, T beta, int row, int column)
        where TEpilogue : struct, IElementwise<T>
    {
        Finish.Store<T, TEpilogue>(row0, result, alpha, beta, row, column);
        Finish.Store<T, TEpilogue>(row1, result, alpha, beta, row + 1, column);
        Finish.Store<T, TEpilogue>(row2, result, alpha, beta, row + 2, column);
        Finish.Store<T, TEpilogue>(row3, result, alpha, beta, row + 3, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddSymmetric(DeviceView<T> result, T alpha, int row, int column)
    {
        AddRow(row0, result, alpha, row, column);
        AddRow(row1, result, alpha, row + 1, column);
        AddRow(row2, result, alpha, row + 2, column);
        AddRow(row3, result, alpha, row + 3, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four<T> MultiplyAdd(T left, Four<T> right, Four<T> sum)
    {
        sum.X = T.FusedMultiplyAdd(left, right.X, sum.X);
        sum.Y = T.FusedMultiplyAdd(left, right.Y, sum.Y);
        sum.Z = T.FusedMultiplyAdd(left, right.Z, sum.Z);
        sum.W = T.FusedMultiplyAdd(left, right.W, sum.W);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four<T> Multiply(Four<T> a, Four<T> b)
    {
        a.X *= b.X;
        a.Y *= b.Y;
        a.Z *= b.Z;
        a.W *= b.W;
        return a;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(Four<T> sums, DeviceView<T> result, T alpha, int row, int column)
    {
        AddElement(sums.X, result, alpha, row, column);
        AddElement(sums.Y, result, alpha, row, column + 1);
        AddElement(sums.Z, result, alpha, row, column + 2);
        AddElement(sums.W, result, alpha, row, column + 3);
    }

    /// <summary>Only elements on and below the diagonal are computed; the group that owns them writes both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddElement(T sum, DeviceView<T> result, T alpha, int row, int column)
    {
        if (row < result.Rows && column <= row)
        {
            T value = T.FusedMultiplyAdd(alpha, sum, result.Get(row, column));
            result.Set(row, column, value);
            result.Set(column, row, value);
        }
    }
}
