using System.Numerics;
using System.Runtime.CompilerServices;
using Hpc.Kernels.Memory;
using ILGPU;

namespace Hpc.Kernels.Products;

/// <summary>
/// The main loop of every product: a group sums one tile of Edge×Edge. Two stages of both factors lie in shared memory; while the
/// group multiplies one, each thread loads its quads of the next, so that there is one barrier a stage.
/// </summary>
/// <remarks>
/// Shared memory: 4·Depth·(Edge + 4) elements. For each stage a group loads 2·Edge·Depth elements and does 2·Edge²·Depth operations:
/// Edge operations for an element. Rows and columns outside the factors count as zeros.
/// </remarks>
internal static class TileLoop
{
    /// <summary>Elements of shared memory that the loop needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SharedElements<TBlocks>()
        where TBlocks : struct, IBlockSizes => 4 * StageElements<TBlocks>();

    /// <summary>Adds the terms <paramref name="from"/> … <paramref name="to"/> − 1 of the sums to the tile.</summary>
    /// <param name="shared">Shared memory of <see cref="SharedElements{TBlocks}"/>.</param>
    /// <param name="left">First factor.</param>
    /// <param name="right">Second factor.</param>
    /// <param name="row">First row of the group's tile.</param>
    /// <param name="column">First column of the group's tile.</param>
    /// <param name="from">First term, a multiple of 4.</param>
    /// <param name="to">End of the terms; a multiple of Depth after <paramref name="from"/>, or the end of the sum.</param>
    /// <param name="tile">The sums of this thread.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T, TBlocks, TRegisters, TLeft, TRight>(
        ArrayView<T> shared, DeviceView<T> left, DeviceView<T> right, int row, int column, int from, int to, ref TRegisters tile)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T>
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
    {
        int stage = StageElements<TBlocks>(), pitch = TBlocks.Edge / 4 + 1, half = TBlocks.Edge / 8;
        int thread = Group.IdxX;
        int leftQuad = ThreadRow<T, TBlocks, TRegisters>(thread), rightQuad = ThreadColumn<T, TBlocks, TRegisters>(thread);
        Four<T> nextLeft = TLeft.Load<T, TBlocks>(left, row, from, thread);
        Four<T> nextRight = TRight.Load<T, TBlocks>(right, column, from, thread);

        // Cast before any offset is added, so that the alignment of the quads is known and each is one load.
        ArrayView<Four<T>> quads = shared.Cast<Four<T>>();
        int current = 0;
        for (int depth = from; depth < to; depth += TBlocks.Depth)
        {
            int leftStage = 2 * current * stage, rightStage = leftStage + stage;
            TLeft.Put<T, TBlocks>(shared, leftStage, nextLeft, thread);
            TRight.Put<T, TBlocks>(shared, rightStage, nextRight, thread);
            Group.Barrier();
            nextLeft = TLeft.Load<T, TBlocks>(left, row, depth + TBlocks.Depth, thread);
            nextRight = TRight.Load<T, TBlocks>(right, column, depth + TBlocks.Depth, thread);
            int leftStart = leftStage / 4 + leftQuad, rightStart = rightStage / 4 + rightQuad;
            for (int k = 0; k < TBlocks.Depth; k++)
            {
                tile.Accumulate(quads, leftStart + k * pitch, rightStart + k * pitch, half);
            }

            current = 1 - current;
        }
    }

    /// <summary>First quad of a thread's rows within the group's tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ThreadRow<T, TBlocks, TRegisters>(int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T> => thread / (TBlocks.Edge / TRegisters.Edge);

    /// <summary>First quad of a thread's columns within the group's tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ThreadColumn<T, TBlocks, TRegisters>(int thread)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBlocks : struct, IBlockSizes
        where TRegisters : struct, IRegisterTile<T> => thread % (TBlocks.Edge / TRegisters.Edge);

    private static int StageElements<TBlocks>()
        where TBlocks : struct, IBlockSizes => TBlocks.Depth * (TBlocks.Edge + 4);
}
