using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using Hpc.Kernels.Products;
using ILGPU;

namespace Hpc.Kernels.Ladder;

/// <summary>
/// C = A·Bᵀ, 4×4 sums a thread, tiles of 64×64 with stages of 16 terms, loads of single elements: 1/2 element read from shared memory for
/// each multiply-add.
/// </summary>
internal static class RegisterRung
{
    public const int Edge = 64;
    private const int Depth = 16;
    private const int Pitch = Edge + 4;

    public static void Run<T>(DeviceView<T> left, DeviceView<T> right, DeviceView<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArrayView<T> leftTile = SharedMemory.Allocate<T>(Depth * Pitch), rightTile = SharedMemory.Allocate<T>(Depth * Pitch);
        int row = Grid.IdxY * Edge, column = Grid.IdxX * Edge, thread = Group.IdxX;
        int y = 4 * (thread / (Edge / 4)), x = 4 * (thread % (Edge / 4));
        Quadrant<T> sums = default;
        for (int depth = 0; depth < left.Columns; depth += Depth)
        {
            for (int i = thread; i < Edge * Depth; i += Edge * Edge / 16)
            {
                int k = i % Depth, outer = i / Depth;
                leftTile[k * Pitch + outer] = Element(left, row + outer, depth + k);
                rightTile[k * Pitch + outer] = Element(right, column + outer, depth + k);
            }

            Group.Barrier();
            for (int k = 0; k < Depth; k++)
            {
                sums.Accumulate(Elements(leftTile, k * Pitch + y), Elements(rightTile, k * Pitch + x));
            }

            Group.Barrier();
        }

        sums.Store<Linear<T>>(result, T.One, T.Zero, row + y, column + x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Element<T>(DeviceView<T> matrix, int row, int column)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        row < matrix.Rows && column < matrix.Columns ? matrix.Get(row, column) : T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Four<T> Elements<T>(ArrayView<T> tile, int place)
        where T : unmanaged
    {
        Four<T> quad = default;
        quad.X = tile[place];
        quad.Y = tile[place + 1];
        quad.Z = tile[place + 2];
        quad.W = tile[place + 3];
        return quad;
    }
}
