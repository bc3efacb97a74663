using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Numerics.Simd;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>
/// C = f(α·A·B + β·C) with an elementwise f, m×n from factors of depth k: features (f the activation, so that pre-activations are never
/// written), residuals, gradients, and the products of the Krylov iterations.
/// </summary>
/// <remarks>
/// One group a tile of Edge×Edge, one thread a register tile; the main loop is <see cref="TileLoop"/>. Operations: 2mnk and f. Bytes:
/// (m·n·k/Edge)·2 elements read for the factors, mn written, and mn read if β is not 0. D may be C.
/// </remarks>
internal static class ProductKernel
{
    /// <summary>Grid: x the tiles of a row of C, y the tiles of a column.</summary>
    public static void Run<T, TBlocks, TRegisters, TLeft, TRight, TEpilogue>(
        DeviceView<T> left, DeviceView<T> right, DeviceView<T> result, T alpha, T beta)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T>
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TEpilogue : struct, IElementwise<T>
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(TileLoop.SharedElements<TBlocks>());
        int row = Grid.IdxY * TBlocks.Edge, column = Grid.IdxX * TBlocks.Edge;
        TRegisters tile = default;
        TileLoop.Run<T, TBlocks, TRegisters, TLeft, TRight>(shared, left, right, row, column, 0, TLeft.DepthOf(left), ref tile);
        tile.Store<TEpilogue>(
            result, alpha, beta,
            row + 4 * TileLoop.ThreadRow<T, TBlocks, TRegisters>(Group.IdxX),
            column + 4 * TileLoop.ThreadColumn<T, TBlocks, TRegisters>(Group.IdxX),
            TBlocks.Edge / 8);
    }

    /// <summary>
    /// The part of the sums that a slice of the depth contributes, for results with fewer tiles than the device has multiprocessors.
    /// Grid: z the slices; slice s is written to rows s·m … of <paramref name="partials"/>, to be summed by <see cref="SumSlicesKernel"/>.
    /// </summary>
    public static void RunSlice<T, TBlocks, TRegisters, TLeft, TRight>(
        DeviceView<T> left, DeviceView<T> right, DeviceView<T> partials, int rows, int sliceDepth)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T>
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(TileLoop.SharedElements<TBlocks>());
        int row = Grid.IdxY * TBlocks.Edge, column = Grid.IdxX * TBlocks.Edge, slice = Grid.IdxZ;
        int from = slice * sliceDepth, depth = TLeft.DepthOf(left);
        int to = from + sliceDepth < depth ? from + sliceDepth : depth;
        TRegisters tile = default;
        TileLoop.Run<T, TBlocks, TRegisters, TLeft, TRight>(shared, left, right, row, column, from, to, ref tile);
        DeviceView<T> target = partials.RowRange(slice * rows, rows);
        tile.Store<Linear<T>>(
            target, T.One, T.Zero,
            row + 4 * TileLoop.ThreadRow<T, TBlocks, TRegisters>(Group.IdxX),
            column + 4 * TileLoop.ThreadColumn<T, TBlocks, TRegisters>(Group.IdxX),
            TBlocks.Edge / 8);
    }
}
