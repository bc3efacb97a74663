using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;

namespace Hpc.Kernels.Products;

/// <summary>The last step of a product.</summary>
internal static class Finish
{
    /// <summary>Writes f(α·sums + β·result) to the part of a quad that lies inside the result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T, TEpilogue>(Four<T> sums, DeviceView<T> result, T alpha, T beta, int row, int column)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : struct, IElementwise<T>
    {
        if (row >= result.Rows || column >= result.Columns)
        {
            return;
        }

        sums.X *= alpha;
        sums.Y *= alpha;
        sums.Z *= alpha;
        sums.W *= alpha;
        if (beta != T.Zero)
        {
            Four<T> other = result.GetQuad(row, column);
            sums.X = T.FusedMultiplyAdd(beta, other.X, sums.X);
            sums.Y = T.FusedMultiplyAdd(beta, other.Y, sums.Y);
            sums.Z = T.FusedMultiplyAdd(beta, other.Z, sums.Z);
            sums.W = T.FusedMultiplyAdd(beta, other.W, sums.W);
        }

        sums.X = TEpilogue.Invoke(sums.X);
        sums.Y = TEpilogue.Invoke(sums.Y);
        sums.Z = TEpilogue.Invoke(sums.Z);
        sums.W = TEpilogue.Invoke(sums.W);
        result.SetQuad(row, column, sums);
    }
}
