using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>
/// C = f(α·Σ_s S_s + β·C) over the slices S_s of <see cref="ProductKernel.RunSlice"/>, always in the same order. One thread a quad;
/// (slices + 1)·mn elements read and mn written.
/// </summary>
internal static class SumSlicesKernel
{
    public static void Run<T, TEpilogue>(
        DeviceView<T> partials, int slices, DeviceView<T> result, T alpha, T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TEpilogue : struct, IElementwise<T>
    {
        int quads = result.Stride / 4;
        long index = Grid.GlobalLinearIndex;
        int row = (int)(index / quads), column = 4 * (int)(index % quads);
        if (row >= result.Rows)
        {
            return;
        }

        Four<T> sum = default;
        for (int s = 0; s < slices; s++)
        {
            Four<T> part = partials.GetQuad(s * result.Rows + row, column);
            sum.X += part.X;
            sum.Y += part.Y;
            sum.Z += part.Z;
            sum.W += part.W;
        }

        Finish.Store<T, TEpilogue>(sum, result, alpha, beta, row, column);
    }
}
