using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Kernels;

/// <summary>
/// Y ← w Σ_μ φ^μ (φ^μᵀ X) of rows in memory, which are read once for every 64 vectors. All sums are in double, in an order that depends on
/// the shapes alone: the number of threads changes nothing.
/// </summary>
internal static class FeatureProduct
{
    /// <param name="width">Registers to compute with.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="rows">M feature vectors of length P.</param>
    /// <param name="weight">w.</param>
    /// <param name="x">P×k, any strides.</param>
    /// <param name="y">P×k, any strides, overwritten; may not overlap X.</param>
    /// <param name="share">How the features are divided among processes; null when they are not.</param>
    public static void Multiply<T>(
        SimdWidth width, ThreadTeam team, InterleavedRows<T> rows, double weight, MatrixView<double> x, MatrixView<double> y,
        RowShare? share = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (width)
        {
            case SimdWidth.Vector512:
                FeatureProduct<T, Vector512<double>, FeatureLanes512<T>>.Multiply(team, rows, weight, x, y, share);
                break;
            case SimdWidth.Vector256:
                FeatureProduct<T, Vector256<double>, FeatureLanes256<T>>.Multiply(team, rows, weight, x, y, share);
                break;
            default:
                FeatureProduct<T, double, FeatureLanesScalar<T>>.Multiply(team, rows, weight, x, y, share);
                break;
        }
    }
}

/// <inheritdoc cref="FeatureProduct"/>
internal static unsafe class FeatureProduct<T, V, TLanes>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : struct
    where TLanes : IFeatureLanes<T, V>
{
    // Y of a band is read and written once a tile: more vectors at a time would leave no room for the tile in a shared cache.
    private const int BandVectors = 64;

    // X of a panel and a strip is 32 KB and stays in a level-1 cache.
    private const int PanelVectors = 16;
    private const int StripPieces = 16;

    // Rows that one thread projects on with one strip of X after another.
    private const int SlabGroups = 8;

    // Rows that a thread has in a tile; both halves of the product read them, the second from a cache.
    private const int TileBytes = 3 << 20;

    // Parts of the rows with a sum of their own, added in order. Of a block it has as many vectors.
    private const int Parts = 16, BlockParts = 4;

    private const int Piece = RowLayout.PieceLength;

    private const int SumLanes = VectorBlock<T, V, TLanes>.SumLanes;

    private delegate Span<double> TileProjection(int firstGroup, int groups, int half);

    public static void Multiply(
        ThreadTeam team, InterleavedRows<T> rows, double weight, MatrixView<double> x, MatrixView<double> y, RowShare? share)
    {
        if (x.Columns == 1)
        {
            if (share is { IsWhole: false })
            {
                MultiplyOneShared(team, rows, weight, x, y, share);
            }
            else
            {
                MultiplyOne(team, rows, weight, x, y);
            }

            return;
        }

        for (int band = 0; band < x.Columns; band += BandVectors)
        {
            int count = Math.Min(BandVectors, x.Columns - band);
            MultiplyBand(team, rows, weight, x.Slice(0, band, x.Rows, count), y.Slice(0, band, y.Rows, count), share);
        }
    }

    private static void MultiplyOne(ThreadTeam team, InterleavedRows<T> rows, double weight, MatrixView<double> x, MatrixView<double> y)
    {
        int length = rows.Pieces * Piece, parts = Math.Min(Parts, rows.Groups);
        using Matrix<double> input = new(1, length), sums = new(parts, length);
        MatrixCopy.Copy(x.Transposed, input.View.Slice(0, 0, 1, x.Rows));
        team.For(parts, part =>
        {
            int first = (int)((long)rows.Groups * part / parts), end = (int)((long)rows.Groups * (part + 1) / parts);
            double* coefficients = stackalloc double[RowLayout.GroupRows];
            for (int group = first; group < end; group++)
            {
                OneVector<T, V, TLanes>.Project(rows.Group(group), rows.Pieces, input.Pointer, coefficients);
                for (int r = 0; r < RowLayout.GroupRows; r++)
                {
                    coefficients[r] *= weight;
                }

                OneVector<T, V, TLanes>.Accumulate(rows.Group(group), rows.Pieces, coefficients, sums.Pointer + (nint)part * length);
            }
        });
        for (int part = 1; part < parts; part++)
        {
            TensorPrimitives.Add(sums.Row(0), sums.Row(part), sums.Row(0));
        }

        MatrixCopy.Copy(sums.View.Slice(0, 0, 1, y.Rows), y.Transposed);
    }

    /// <summary>One vector where processes meet between the halves of the product: tile by tile, each read a second time from a shared cache.</summary>
    private static void MultiplyOneShared(
        ThreadTeam team, InterleavedRows<T> rows, double weight, MatrixView<double> x, MatrixView<double> y, RowShare share)
    {
        int length = rows.Pieces * Piece;
        int tileGroups = Math.Min(rows.Groups, team.Count * (int)Math.Max(1, TileBytes / GroupBytes(share.LargestCount)));
        int parts = Math.Min(Parts, tileGroups);
        using Matrix<double> input = new(1, length), sums = new(parts, length), coefficients = new(2 * tileGroups, RowLayout.GroupRows);
        MatrixCopy.Copy(x.Transposed, input.View.Slice(0, 0, 1, x.Rows));
        ForTiles(
            rows.Groups, tileGroups, share,
            (tile, groups, half) =>
            {
                double* target = coefficients.Pointer + (nint)half * tileGroups * RowLayout.GroupRows;
                team.For(groups, group =>
                {
                    Span<double> own = new(target + (nint)group * RowLayout.GroupRows, RowLayout.GroupRows);
                    OneVector<T, V, TLanes>.Project(rows.Group(tile + group), rows.Pieces, input.Pointer, target + (nint)group * RowLayout.GroupRows);
                    TensorPrimitives.Multiply(own, weight, own);
                });
                return new Span<double>(target, groups * RowLayout.GroupRows);
            },
            (tile, groups, half) =>
            {
                double* source = coefficients.Pointer + (nint)half * tileGroups * RowLayout.GroupRows;
                team.For(parts, part =>
                {
                    int end = (int)((long)groups * (part + 1) / parts);
                    for (int group = (int)((long)groups * part / parts); group < end; group++)
                    {
                        OneVector<T, V, TLanes>.Accumulate(
                            rows.Group(tile + group), rows.Pieces, source + (nint)group * RowLayout.GroupRows, sums.Pointer + (nint)part * length);
                    }
                });
            });

        for (int part = 1; part < parts; part++)
        {
            TensorPrimitives.Add(sums.Row(0), sums.Row(part), sums.Row(0));
        }

        MatrixCopy.Copy(sums.View.Slice(0, 0, 1, y.Rows), y.Transposed);
    }

    private static void MultiplyBand(
        ThreadTeam team, InterleavedRows<T> rows, double weight, MatrixView<double> x, MatrixView<double> y, RowShare? share)
    {
        const int VectorStep = VectorBlock<T, V, TLanes>.Vectors;
        int length = rows.Pieces * Piece, vectors = (x.Columns + VectorStep - 1) / VectorStep * VectorStep;
        int slabs = (int)Math.Max(1, TileBytes / (SlabGroups * GroupBytes(share?.LargestCount ?? rows.Length)));
        bool alone = share is not { IsWhole: false };
        int tileGroups = Math.Min((alone ? 1 : team.Count) * slabs * SlabGroups, rows.Groups), tiles = (rows.Groups + tileGroups - 1) / tileGroups;
        int parts = alone ? Math.Min(BlockParts, tiles) : 1;
        using Matrix<double> input = new(vectors, length), sums = new(parts * vectors, length);
        Pack(x, input);
        if (alone)
        {
            MultiplyBandAlone(team, rows, weight, input, sums, tileGroups, tiles);
            team.For(vectors, vector =>
            {
                for (int part = 1; part < parts; part++)
                {
                    TensorPrimitives.Add(sums.Row(vector), sums.Row(part * vectors + vector), sums.Row(vector));
                }
            });
        }
        else
        {
            MultiplyBandShared(team, rows, weight, input, sums, tileGroups, share!);
        }

        MatrixCopy.Copy(sums.View.Slice(0, 0, y.Columns, y.Rows), y.Transposed);
    }

    /// <summary>
    /// One thread does both halves of a tile, so that its rows are in a cache of its own, and keeps to a part of the rows, so that the sums are.
    /// Where threads meet in a part, strips of Y go from one to the other: a tile adds to a strip after the tile before it has, whatever the
    /// number of threads.
    /// </summary>
    /// <remarks>
    /// Virtual processors may share no cache: on a Zen 5 with two of them what the other has in its cache is read at 26 to 37 GB/s, as from
    /// memory, and what is in one's own at 80 to 190.
    /// </remarks>
    private static void MultiplyBandAlone(
        ThreadTeam team, InterleavedRows<T> rows, double weight, Matrix<double> input, Matrix<double> sums, int tileGroups, int tiles)
    {
        int parts = sums.Rows / input.Rows;
        int[] next = [.. Enumerable.Range(0, parts).Select(FirstTile)], finishedStrips = new int[tiles];
        team.Run(thread =>
        {
            // A thread whose part has no tiles left helps with the next one.
            int first = (int)((long)thread * parts / team.Count);
            for (int i = first; i < first + parts; i++)
            {
                int part = i % parts, end = FirstTile(part + 1);
                for (int tile = Interlocked.Increment(ref next[part]) - 1; tile < end; tile = Interlocked.Increment(ref next[part]) - 1)
                {
                    MultiplyTile(tile, tile == FirstTile(part), sums.View.Slice(part * input.Rows, 0, input.Rows, sums.Columns));
                }
            }
        });

        int FirstTile(int part) => (int)((long)tiles * part / parts);

        void MultiplyTile(int tile, bool isFirst, MatrixView<double> y)
        {
            try
            {
                int first = tile * tileGroups, groups = Math.Min(tileGroups, rows.Groups - first), vectors = input.Rows;
                using var coefficients = new Matrix<double>(groups * RowLayout.GroupRows, vectors);
                using var lanes = new Matrix<double>(SlabGroups * RowLayout.GroupRows, Math.Min(vectors, PanelVectors) * SumLanes);
                for (int slab = 0; slab < groups; slab += SlabGroups)
                {
                    Project(
                        rows, first + slab, Math.Min(SlabGroups, groups - slab), weight, input, lanes.Pointer,
                        coefficients.Pointer + (nint)slab * RowLayout.GroupRows * vectors);
                }

                for (int strip = 0; strip < Strips(rows); strip++)
                {
                    // Tiles are handed out in order, so that the one before has always begun.
                    var wait = new SpinWait();
                    while (!isFirst && Volatile.Read(ref finishedStrips[tile - 1]) <= strip)
                    {
                        wait.SpinOnce(sleep1Threshold: -1);
                    }

                    AccumulateStrip(rows, first, groups, strip, coefficients.Pointer, vectors, y);
                    Volatile.Write(ref finishedStrips[tile], strip + 1);
                }
            }
            finally
            {
                // Nobody waits for a tile that failed.
                Volatile.Write(ref finishedStrips[tile], int.MaxValue);
            }
        }
    }

    /// <summary>All threads, and all processes, meet between the halves of a tile.</summary>
    private static void MultiplyBandShared(
        ThreadTeam team, InterleavedRows<T> rows, double weight, Matrix<double> input, Matrix<double> y, int tileGroups, RowShare share)
    {
        int vectors = input.Rows;
        using Matrix<double> coefficients = new(2 * tileGroups * RowLayout.GroupRows, vectors);
        using Matrix<double> sums = new(tileGroups * RowLayout.GroupRows, Math.Min(vectors, PanelVectors) * SumLanes);
        ForTiles(
            rows.Groups, tileGroups, share,
            (tile, groups, half) =>
            {
                double* target = coefficients.Pointer + (nint)half * tileGroups * RowLayout.GroupRows * vectors;
                team.For((groups + SlabGroups - 1) / SlabGroups, slab =>
                {
                    int first = slab * SlabGroups, firstRow = first * RowLayout.GroupRows;
                    Project(rows, tile + first, Math.Min(SlabGroups, groups - first), weight, input, sums.Pointer + (nint)firstRow * sums.Columns,
                        target + (nint)firstRow * vectors);
                });
                return new Span<double>(target, groups * RowLayout.GroupRows * vectors);
            },
            (tile, groups, half) =>
            {
                double* source = coefficients.Pointer + (nint)half * tileGroups * RowLayout.GroupRows * vectors;
                team.For(Strips(rows), strip => AccumulateStrip(rows, tile, groups, strip, source, vectors, y.View));
            });
    }

    private static int Strips(InterleavedRows<T> rows) => (rows.Pieces + StripPieces - 1) / StripPieces;

    private static void AccumulateStrip(
        InterleavedRows<T> rows, int first, int groups, int strip, double* coefficients, int vectors, MatrixView<double> y)
    {
        int end = Math.Min((strip + 1) * StripPieces, rows.Pieces);
        for (int piece = strip * StripPieces; piece < end; piece++)
        {
            VectorBlock<T, V, TLanes>.Accumulate(
                rows.Group(first) + (nint)piece * RowLayout.PieceElements, rows.GroupElements, groups, coefficients, vectors,
                y.Pointer + (nint)piece * Piece, y.RowStride);
        }
    }

    /// <summary>
    /// Both halves of the product for every tile, with the meeting of the processes between them. Where that is a gain, the sums of a tile go on
    /// beside the second half for the one before and the first for the one after.
    /// </summary>
    /// <param name="groups">Number of groups of rows.</param>
    /// <param name="tileGroups">Of a tile.</param>
    /// <param name="share">The processes.</param>
    /// <param name="project">Given the first group, their number and which half of the workspace to use; its result is what is to be summed.</param>
    /// <param name="accumulate">Given the same.</param>
    private static void ForTiles(int groups, int tileGroups, RowShare share, TileProjection project, Action<int, int, int> accumulate)
    {
        int previous = -1;
        for (int start = 0; start < groups; start += tileGroups)
        {
            int count = Math.Min(tileGroups, groups - start);
            Span<double> projections = project(start, count, start / tileGroups % 2);
            if (!share.Overlaps)
            {
                share.Sum(projections);
                accumulate(start, count, start / tileGroups % 2);
                continue;
            }

            Finish(previous);
            share.Begin(projections);
            previous = start;
        }

        Finish(previous);

        void Finish(int start)
        {
            if (start >= 0)
            {
                share.Complete();
                accumulate(start, Math.Min(tileGroups, groups - start), start / tileGroups % 2);
            }
        }
    }

    /// <summary>Of a group of the longest rows that any process has: tiles are of one size in all.</summary>
    private static long GroupBytes(int length) => (length + Piece - 1) / Piece * (long)RowLayout.PieceElements * sizeof(T);

    /// <summary>Coefficients w φ_r·x_l of some groups.</summary>
    /// <param name="x">As <see cref="Pack"/> gives it.</param>
    /// <param name="sums">Scratch: 8 doubles a row and vector of a panel.</param>
    /// <param name="coefficients">Rows × vectors, overwritten.</param>
    private static void Project(InterleavedRows<T> rows, int first, int groups, double weight, Matrix<double> x, double* sums, double* coefficients)
    {
        for (int panel = 0; panel < x.Rows; panel += PanelVectors)
        {
            int width = Math.Min(PanelVectors, x.Rows - panel), count = groups * RowLayout.GroupRows * width;
            double* strip = x.Pointer + (nint)panel * x.Columns;
            new Span<double>(sums, count * SumLanes).Clear();
            for (int piece = 0; piece < rows.Pieces; piece += StripPieces)
            {
                int pieces = Math.Min(StripPieces, rows.Pieces - piece);
                for (int g = 0; g < groups; g++)
                {
                    T* group = rows.Group(first + g) + (nint)piece * RowLayout.PieceElements;
                    T* next = g + 1 < groups ? group + rows.GroupElements : rows.Group(first) + (nint)(piece + StripPieces) * RowLayout.PieceElements;
                    ProjectStrip(group, next, pieces, strip, width, sums + (nint)g * RowLayout.GroupRows * width * SumLanes, panel == 0);
                }

                strip += width * pieces * Piece;
            }

            for (int i = 0; i < count; i++)
            {
                coefficients[i / width * x.Rows + panel + i % width] = weight * TLanes.Sum(TLanes.Load(sums + (nint)i * SumLanes));
            }
        }
    }

    private static void ProjectStrip(T* group, T* next, int pieces, double* x, int width, double* sums, bool prefetch)
    {
        const int Rows = VectorBlock<T, V, TLanes>.Rows, Vectors = VectorBlock<T, V, TLanes>.Vectors;

        // What comes next is asked for in equal shares before every tile.
        int share = pieces * RowLayout.PieceElements / (RowLayout.GroupRows / Rows * (width / Vectors));
        for (int l = 0; l < width; l += Vectors)
        {
            for (int r = 0; r < RowLayout.GroupRows; r += Rows)
            {
                if (prefetch)
                {
                    for (T* end = next + share; next < end; next += RowLayout.LineBytes / sizeof(T))
                    {
                        TLanes.Prefetch(next);
                    }
                }

                VectorBlock<T, V, TLanes>.Project(
                    group + r * Piece, x + (nint)l * pieces * Piece, pieces * Piece, sums + (r * width + l) * SumLanes, width);
            }
        }
    }

    /// <summary>Orders X by panels of vectors, in a panel by strips of features, in a strip by vectors.</summary>
    private static void Pack(MatrixView<double> x, Matrix<double> packed)
    {
        for (int panel = 0; panel < packed.Rows; panel += PanelVectors)
        {
            int width = Math.Min(PanelVectors, packed.Rows - panel), columns = Math.Min(width, x.Columns - panel);
            for (int first = 0; first < x.Rows; first += StripPieces * Piece)
            {
                int features = Math.Min(StripPieces * Piece, packed.Columns - first), count = Math.Min(features, x.Rows - first);
                double* target = packed.Pointer + (nint)panel * packed.Columns + (nint)first * width;
                MatrixCopy.Copy(
                    x.Slice(first, panel, count, columns).Transposed, new MatrixView<double>(target, columns, count, features, 1));
            }
        }
    }
}
