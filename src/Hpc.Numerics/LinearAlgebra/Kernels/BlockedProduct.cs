using System.Numerics;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.LinearAlgebra.Kernels;

/// <summary>
/// C = f(beta·C + alpha·A·B) in blocks, after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34,
/// 2008): A and B are packed a block at a time, and units of C are handed to the threads of a team.
/// </summary>
/// <remarks>One instance per thread that starts products, so that its packing buffers and delegates are made once.</remarks>
internal sealed unsafe class BlockedProduct<T, TTile, TEpilogue>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TTile : struct, IRegisterTile<T>
    where TEpilogue : struct, IElementwise<T>
{
    // Below this number of multiply-adds (a few microseconds) waking the team costs more than it gains.
    private const double SmallestShared = 1 << 19;

    private const int PanelsPerPackingUnit = 8;

    [ThreadStatic]
    private static BlockedProduct<T, TTile, TEpilogue>? current;

    private readonly Action<int> pack;
    private readonly Action<int> multiply;
    private readonly NativeBuffer aBuffer = PackingBuffers.A;
    private readonly NativeBuffer bBuffer = PackingBuffers.B;

    private T alpha;
    private T beta;
    private MatrixView<T> a;
    private MatrixView<T> b;
    private MatrixView<T> c;
    private bool lowerOnly;
    private bool applyEpilogue;
    private T* packedA;
    private T* packedB;
    private int panelRows;
    private int depthStart;
    private int depth;
    private int firstRow;
    private int rowCount;
    private int firstColumn;
    private int columnCount;
    private int packedColumnPanels;
    private int unitRowPanels;
    private int unitColumnPanels;
    private int unitRows;
    private int unitCount;
    private int next;

    private BlockedProduct()
    {
        pack = Pack;
        multiply = Multiply;
    }

    /// <param name="lowerOnly">Leave tiles that lie wholly above the diagonal of C alone, and in others what is above it undefined.</param>
    public static void Run(
        ThreadTeam team, T alpha, MatrixView<T> a, MatrixView<T> b, T beta, MatrixView<T> c, bool lowerOnly)
    {
        BlockedProduct<T, TTile, TEpilogue> product = current ??= new BlockedProduct<T, TTile, TEpilogue>();
        product.alpha = alpha;
        product.a = a;
        product.b = b;
        product.c = c;
        product.lowerOnly = lowerOnly;
        product.Run(team, beta);
    }

    private void Run(ThreadTeam team, T betaOfCaller)
    {
        BlockSizes sizes = BlockSizes.For<T>(TTile.Width);
        (int m, int n, int k) = (c.Rows, c.Columns, a.Columns);
        if (m == 0 || n == 0)
        {
            return;
        }

        panelRows = Balanced(m, TTile.MaxRows);
        int depthBlock = Math.Max(Balanced(k, sizes.Depth), 1);
        int rowSuperBlock = RoundUp(Balanced(m, sizes.PackedRows), panelRows);
        int columnSuperBlock = RoundUp(Balanced(n, sizes.PackedColumns), TTile.Columns);
        packedA = aBuffer.Reserve<T>((nint)rowSuperBlock * depthBlock);
        packedB = bBuffer.Reserve<T>((nint)columnSuperBlock * depthBlock);

        for (firstColumn = 0; firstColumn < n; firstColumn += columnSuperBlock)
        {
            columnCount = Math.Min(columnSuperBlock, n - firstColumn);
            depthStart = 0;
            do
            {
                depth = Math.Min(depthBlock, k - depthStart);
                beta = depthStart == 0 ? betaOfCaller : T.One;
                applyEpilogue = typeof(TEpilogue) != typeof(Identity<T>) && depthStart + depth == k;
                packedColumnPanels = PanelCount(columnCount, TTile.Columns);
                for (firstRow = 0; firstRow < m; firstRow += rowSuperBlock)
                {
                    rowCount = Math.Min(rowSuperBlock, m - firstRow);
                    if (lowerOnly && firstRow + rowCount <= firstColumn)
                    {
                        continue;
                    }

                    bool share = (double)rowCount * columnCount * depth >= SmallestShared;
                    PlanUnits(sizes, share ? team.Count : 1);
                    next = 0;
                    Start(team, share, pack);
                    packedColumnPanels = 0;
                    next = 0;
                    Start(team, share, multiply);
                }

                depthStart += depthBlock;
            }
            while (depthStart < k);
        }
    }

    private static void Start(ThreadTeam team, bool share, Action<int> region)
    {
        if (share)
        {
            team.Run(region);
        }
        else
        {
            region(0);
        }
    }

    private static int PanelCount(int length, int panel) => (length + panel - 1) / panel;

    private static int RoundUp(int length, int panel) => PanelCount(length, panel) * panel;

    /// <summary>Size of the blocks when a length is cut into as few equal blocks of at most <paramref name="largest"/> as possible.</summary>
    private static int Balanced(int length, int largest) => length == 0 ? 0 : PanelCount(length, PanelCount(length, largest));

    private void PlanUnits(BlockSizes sizes, int threads)
    {
        int rowPanels = PanelCount(rowCount, panelRows);
        int columnPanels = PanelCount(columnCount, TTile.Columns);
        unitColumnPanels = Math.Max(sizes.Columns / TTile.Columns, 1);
        unitRowPanels = Math.Max(sizes.Rows / panelRows, 1);
        int columnUnits = PanelCount(columnPanels, unitColumnPanels);

        // Four units a thread leave an eighth of the time at most in the tail.
        while (threads > 1 && unitRowPanels > 1 && PanelCount(rowPanels, unitRowPanels) * columnUnits < 4 * threads)
        {
            unitRowPanels = (unitRowPanels + 1) / 2;
        }

        unitRows = PanelCount(rowPanels, unitRowPanels);
        unitCount = unitRows * columnUnits;
    }

    private void Pack(int thread)
    {
        int rowPanels = PanelCount(rowCount, panelRows);
        int columnUnits = PanelCount(packedColumnPanels, PanelsPerPackingUnit);
        for (int i = Next(); i < columnUnits + rowPanels; i = Next())
        {
            if (i < columnUnits)
            {
                PackColumns(i * PanelsPerPackingUnit * TTile.Columns);
            }
            else
            {
                int row = (i - columnUnits) * panelRows;
                int rows = Math.Min(panelRows, rowCount - row);
                Packing.Pack(
                    a.Pointer + (firstRow + row) * a.RowStride + depthStart * a.ColumnStride, a.RowStride, a.ColumnStride,
                    rows, rows, depth, packedA + (nint)row * depth);
            }
        }
    }

    private void PackColumns(int column)
    {
        T* source = b.Pointer + depthStart * b.RowStride + firstColumn * b.ColumnStride;
        int end = Math.Min(column + PanelsPerPackingUnit * TTile.Columns, columnCount);
        if (b.ColumnStride == 1)
        {
            int full = (end - column) / TTile.Columns;
            Packing.PackPanels(source + column, b.RowStride, full, TTile.Columns, depth, packedB + (nint)column * depth);
            column += full * TTile.Columns;
        }

        for (; column < end; column += TTile.Columns)
        {
            Packing.Pack(
                source + column * b.ColumnStride, b.ColumnStride, b.RowStride,
                Math.Min(TTile.Columns, end - column), TTile.Columns, depth, packedB + (nint)column * depth);
        }
    }

    private void Multiply(int thread)
    {
        int tileLength = TTile.MaxRows * TTile.Columns;
        T* edgeMemory = stackalloc T[tileLength + 64 / sizeof(T)];
        T* edge = (T*)(((nint)edgeMemory + 63) & ~(nint)63);
        int rowPanels = PanelCount(rowCount, panelRows);
        int columnPanels = PanelCount(columnCount, TTile.Columns);
        for (int unit = Next(); unit < unitCount; unit = Next())
        {
            int rowPanel = unit % unitRows * unitRowPanels;
            int columnPanel = unit / unitRows * unitColumnPanels;
            int rowPanelEnd = Math.Min(rowPanel + unitRowPanels, rowPanels);
            int columnPanelEnd = Math.Min(columnPanel + unitColumnPanels, columnPanels);
            for (int i = rowPanel; i < rowPanelEnd; i++)
            {
                for (int j = columnPanel; j < columnPanelEnd; j++)
                {
                    MultiplyTile(i * panelRows, j * TTile.Columns, edge);
                }
            }
        }
    }

    /// <summary>The tile at (row, column) of the packed blocks.</summary>
    private void MultiplyTile(int row, int column, T* edge)
    {
        int rows = Math.Min(panelRows, rowCount - row);
        int columns = Math.Min(TTile.Columns, columnCount - column);
        int cRow = firstRow + row;
        int cColumn = firstColumn + column;
        if (lowerOnly && cRow + rows <= cColumn)
        {
            return;
        }

        T* aPanel = packedA + (nint)row * depth;
        T* bPanel = packedB + (nint)column * depth;
        T* target = c.Pointer + cRow * c.RowStride + cColumn * c.ColumnStride;
        if (columns % TTile.ColumnStep == 0 && c.ColumnStride == 1)
        {
            TTile.Multiply(rows, columns, depth, aPanel, 1, rows, bPanel, TTile.Columns, alpha, beta, target, c.RowStride);
            if (applyEpilogue)
            {
                TTile.Apply<TEpilogue>(rows, columns, target, c.RowStride);
            }

            return;
        }

        // A tile that C does not fill goes through a full one, so that its elements are computed in the same way as all others.
        if (beta != T.Zero)
        {
            new Span<T>(edge, TTile.MaxRows * TTile.Columns).Clear();
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    edge[i * TTile.Columns + j] = target[i * c.RowStride + j * c.ColumnStride];
                }
            }
        }

        TTile.Multiply(rows, columns, depth, aPanel, 1, rows, bPanel, TTile.Columns, alpha, beta, edge, TTile.Columns);
        if (applyEpilogue)
        {
            TTile.Apply<TEpilogue>(rows, columns, edge, TTile.Columns);
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                target[i * c.RowStride + j * c.ColumnStride] = edge[i * TTile.Columns + j];
            }
        }
    }

    private int Next() => Interlocked.Increment(ref next) - 1;
}
