using System.Runtime.CompilerServices;
using Hpc.Numerics.Simd;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>Sizes of the blocks that a product is cut into, in elements. The names in brackets are those of the BLIS papers.</summary>
/// <param name="Depth">Depth of a packed panel (KC).</param>
/// <param name="Rows">Rows of C in one unit of work.</param>
/// <param name="Columns">Columns of C in one unit of work, whose block of B stays in the level-2 cache (NC of the inner kernel).</param>
/// <param name="PackedRows">Rows of A packed at a time.</param>
/// <param name="PackedColumns">Columns of B packed at a time.</param>
internal readonly record struct BlockSizes(int Depth, int Rows, int Columns, int PackedRows, int PackedColumns)
{
    /// <summary>The one table.</summary>
    /// <remarks>
    /// A panel of A stays in the level-1 cache while the panels of a block of B pass by it out of the level-2 cache, so that the
    /// tiles walk along the rows of C. The other order (B in level 1, A in level 2) was 5 to 10 % slower on a Zen 5, since its tiles
    /// step through C from page to page.
    /// </remarks>
    public static BlockSizes For<T>(SimdWidth width) => (width, Unsafe.SizeOf<T>()) switch
    {
        // A: 12 × 256 × 4 B = 12 KB of a 32 or 48 KB level 1, and 32 KB of B pass. B: 384 × 256 × 4 B = 390 KB of a level 2 of 1 MB.
        // What is packed at a time (4 MB of each) fits a shared cache. A depth of 384 or 512 was not faster.
        (SimdWidth.Vector512, 4) => new BlockSizes(256, 408, 384, 4096, 4096),
        (SimdWidth.Vector512, _) => new BlockSizes(256, 408, 192, 2048, 2048),

        // A: 6 × 256 × 4 B = 6 KB of a 32 KB level 1, and 16 KB of B pass. B: 128 × 256 × 4 B = 131 KB of a level 2 of 256 KB.
        (SimdWidth.Vector256, 4) => new BlockSizes(256, 408, 128, 4096, 4096),
        (SimdWidth.Vector256, _) => new BlockSizes(256, 408, 64, 2048, 2048),

        // Bound by arithmetic at any size: small blocks that fit everywhere.
        _ => new BlockSizes(256, 128, 64, 2048, 2048),
    };
}
