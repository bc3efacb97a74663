using System.Numerics;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using ILGPU;

namespace Hpc.Kernels.Covariance;

/// <summary>
/// U ← U + α Σ_k ρ^k ∘ (C_k C_kᵀ) for the Hermite coefficients C_k of a block of samples (theory.md section 2): the sum over the orders is
/// Horner's, in registers, from the highest order down, acc ← ρ∘acc + C_k C_kᵀ, so that no power of ρ and no partial U is ever stored.
/// </summary>
/// <remarks>
/// One group a tile on or below the diagonal; the others leave at once. The mirror image is written too, exactly symmetric. For P
/// features, n samples and K + 1 orders: (K + 1)·P²·n operations (half of a full product each), (K + 1)·P²n/Edge + K·P²/2 elements read,
/// P² read and written. Shared memory as in <see cref="TileLoop"/>.
/// </remarks>
internal static class MehlerSyrkKernel
{
    /// <param name="coefficients">C, order by order: row k·P + i is C_k[i, ·], n columns.</param>
    /// <param name="correlations">ρ, P×P.</param>
    /// <param name="covariance">U, P×P.</param>
    /// <param name="orders">K + 1.</param>
    /// <param name="alpha">α, one over the number of all samples.</param>
    public static void Run<T, TBlocks, TRegisters>(
        DeviceView<T> coefficients, DeviceView<T> correlations, DeviceView<T> covariance, int orders, T alpha)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T>
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(TileLoop.SharedElements<TBlocks>());
        int row = Grid.IdxY * TBlocks.Edge, column = Grid.IdxX * TBlocks.Edge;
        if (column > row)
        {
            return;
        }

        int half = TBlocks.Edge / 8;
        int threadRow = row + 4 * TileLoop.ThreadRow<T, TBlocks, TRegisters>(Group.IdxX);
        int threadColumn = column + 4 * TileLoop.ThreadColumn<T, TBlocks, TRegisters>(Group.IdxX);
        TRegisters tile = default;
        for (int k = orders - 1; k >= 0; k--)
        {
            // The stages of the order before may still be read.
            Group.Barrier();
            tile.Weigh(correlations, threadRow, threadColumn, half);
            DeviceView<T> factor = coefficients.RowRange(k * covariance.Rows, covariance.Rows);
            TileLoop.Run<T, TBlocks, TRegisters, AlongRows, AlongRows>(shared, factor, factor, row, column, 0, factor.Columns, ref tile);
        }

        tile.AddSymmetric(covariance, alpha, threadRow, threadColumn, half);
    }
}
