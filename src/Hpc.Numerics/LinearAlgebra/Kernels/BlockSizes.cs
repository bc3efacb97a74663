using System.Runtime.CompilerServices;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// Sizes of the blocks that a product is cut into, in elements. The names are those of the loops: the depth block (KC), the row block
/// (MC) and the super-blocks of rows and columns that are packed at a time.
/// </summary>
/// <param name="Depth">KC, the depth of a packed panel.</param>
/// <param name="Rows">MC, rows of A that a thread works through while they stay in its level-2 cache.</param>
/// <param name="Columns">Columns of C in one unit of work.</param>
/// <param name="PackedRows">Rows of A packed at a time.</param>
/// <param name="PackedColumns">NC, columns of B packed at a time.</param>
internal readonly record struct BlockSizes(int Depth, int Rows, int Columns, int PackedRows, int PackedColumns)
{
    /// <summary>The one table.</summary>
    public static BlockSizes For<T>(SimdWidth width) => (width, Unsafe.SizeOf<T>()) switch
    {
        // A panel of B (32 × 384 × 4 B = 48 KB) passes through the level-1 cache once for all row panels of a block of A, which
        // (196 × 384 × 4 B = 300 KB) takes a third of a 1 MB level-2 cache. What is packed at a time (6 MB each) fits a shared cache.
        (SimdWidth.Vector512, 4) => new BlockSizes(384, 196, 256, 4096, 4096),
        (SimdWidth.Vector512, _) => new BlockSizes(384, 98, 128, 2048, 2048),

        // 16 × 256 × 4 B = 16 KB of B in a 32 KB level-1 cache, 72 × 256 × 4 B = 74 KB of A in a 256 KB level-2 cache.
        (SimdWidth.Vector256, 4) => new BlockSizes(256, 72, 256, 4096, 4096),
        (SimdWidth.Vector256, _) => new BlockSizes(256, 72, 128, 2048, 2048),

        // Bound by arithmetic at any size: small blocks that fit everywhere.
        _ => new BlockSizes(256, 64, 64, 2048, 2048),
    };
}
