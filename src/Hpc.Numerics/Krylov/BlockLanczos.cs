using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// Eigenpairs at both ends of the spectrum by block Lanczos iteration with thick restart (Wu and Simon, SIAM J. Matrix Anal. Appl. 22,
/// 2000).
/// </summary>
/// <remarks>
/// Invariant after every block: A Qᵀ = Qᵀ T + residual of the last block. A block whose rank drops is filled up by random directions
/// orthogonal to the basis, so that multiplicities beyond the block size are found too. A restart keeps the wanted Ritz vectors, half of the
/// others, and the last block.
/// </remarks>
public sealed record BlockLanczos
{
    private static readonly Kernel BasisStep = Kernel.Of<double>("block-lanczos-step");

    // A look at the Ritz pairs costs an eigendecomposition of T: the basis grows by a tenth, and by eight blocks at least, between two.
    private const int CheckBlocks = 8;
    private const int CheckFraction = 10;

    private const int LargestAutomaticBasis = 1500;

    /// <summary>Vectors of a block, k; at least the largest multiplicity is a good choice.</summary>
    public int BlockSize { get; init; } = 4;

    /// <summary>
    /// Most basis vectors between restarts; 0 chooses n/4 up to 1500, but at least 2·wanted + 20 blocks, and at most n.
    /// </summary>
    /// <remarks>
    /// Close to a bulk edge restarts cost most of the products: the 20 smallest of a covariance with P = 6000 (spacings of 10⁻⁷ λ_max) took
    /// 2400 products in blocks of 4 with a basis of 1500 and did not end in minutes with one of 120. Beyond 1500 vectors the work on the basis
    /// and on T outweighs dense products.
    /// </remarks>
    public int BasisSize { get; init; }

    /// <summary>Residual that counts as converged, relative to the largest Ritz value in magnitude.</summary>
    public double Tolerance { get; init; } = 1e-8;

    /// <summary>Most products of the operator with a vector.</summary>
    public int LargestProducts { get; init; } = 100_000;

    /// <summary>What keeps the basis orthogonal.</summary>
    public IReorthogonalization Reorthogonalization { get; init; } = new FullReorthogonalization();

    /// <summary>Seed of the start block.</summary>
    public uint Seed { get; init; }

    /// <summary>Finds the smallest and the largest eigenvalues with their eigenvectors.</summary>
    /// <param name="apply">The operator.</param>
    /// <param name="smallest">Number of eigenpairs from the lower end.</param>
    /// <param name="largest">Number of eigenpairs from the upper end.</param>
    /// <param name="team">Threads for the work on the basis.</param>
    /// <returns>smallest + largest pairs; the caller disposes them. Look at <see cref="Eigenpairs.Convergence"/>.</returns>
    /// <exception cref="ArgumentException">
    /// More eigenpairs than n, a block larger than n, a basis too small for what is wanted, or an operator that is not symmetric.
    /// </exception>
    public Eigenpairs Solve(ISymmetricOperator apply, int smallest, int largest, ThreadTeam team)
    {
        int capacity = Validate(apply.Share.Total, smallest, largest);
        SymmetryProbe.Check(apply, Seed);
        using var iteration = new Iteration(this, apply, team, capacity);
        return iteration.Run(new Ends(smallest, largest))!;
    }

    /// <summary>Finds every eigenvalue from a threshold up, with its eigenvector, however many there are.</summary>
    /// <remarks>
    /// A basis that turns out too small is begun again at twice the size. Once all Ritz values above the threshold have converged and the
    /// next one is known to be below it, the iteration goes on from a new random block orthogonal to them, until such a block brings
    /// nothing new: so copies of an eigenvalue of higher multiplicity than the block are counted too.
    /// </remarks>
    /// <param name="apply">The operator.</param>
    /// <param name="threshold">Smallest eigenvalue wanted; best in a gap of the spectrum.</param>
    /// <param name="team">Threads for the work on the basis.</param>
    /// <exception cref="ArgumentException">A block larger than n, or an operator that is not symmetric.</exception>
    public Eigenpairs SolveAbove(ISymmetricOperator apply, double threshold, ThreadTeam team)
    {
        int capacity = Validate(apply.Share.Total, 0, 1);
        SymmetryProbe.Check(apply, Seed);
        while (true)
        {
            using var iteration = new Iteration(this, apply, team, capacity);
            if (iteration.Run(new Above(threshold)) is { } found)
            {
                return found;
            }

            capacity = Math.Min(apply.Share.Total, 2 * capacity);
        }
    }

    /// <summary>‖A v − λ v‖ for every row v.</summary>
    internal static double[] Residuals(ISymmetricOperator apply, double[] values, Matrix<double> vectors)
    {
        double[] residuals = new double[values.Length];
        using var image = new Matrix<double>(vectors.Rows, vectors.Columns);
        apply.Apply(vectors.Transposed, image.Transposed);
        for (int i = 0; i < values.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(vectors.Row(i), -values[i], image.Row(i), image.Row(i));
            residuals[i] = apply.Share.Norm(image.Row(i));
        }

        return residuals;
    }

    /// <summary>Most basis vectors where <see cref="BasisSize"/> is left open, for an estimate of memory.</summary>
    /// <param name="dimension">n.</param>
    /// <param name="wanted">Eigenpairs asked for.</param>
    /// <param name="block">Block size.</param>
    public static int AutomaticBasis(int dimension, int wanted, int block) =>
        Math.Min(dimension, Math.Max(2 * wanted + 20 * block, Math.Min(dimension / 4, LargestAutomaticBasis)));

    private int Validate(int n, int smallest, int largest)
    {
        if (smallest < 0 || largest < 0 || smallest + largest < 1 || smallest + largest > n)
        {
            throw new ArgumentException(
                $"{smallest} smallest and {largest} largest eigenpairs of an operator of dimension {n} were asked for: "
                + $"ask for 1 to {n} in all.");
        }

        if (BlockSize < 1 || BlockSize > n)
        {
            throw new ArgumentException($"The block size is {BlockSize} and the dimension {n}: choose a block from 1 to {n}.");
        }

        int wanted = smallest + largest, least = Math.Min(n, wanted + 2 * BlockSize);
        int capacity = BasisSize == 0 ? AutomaticBasis(n, wanted, BlockSize) : Math.Min(n, BasisSize);
        return capacity >= least
            ? capacity
            : throw new ArgumentException(
                $"A basis of {BasisSize} vectors is too small for {wanted} eigenpairs in blocks of {BlockSize}: allow at least {least}.");
    }

    /// <summary>Which Ritz pairs are wanted.</summary>
    private interface ISelection
    {
        /// <summary>Fewest basis vectors among which a selection makes sense.</summary>
        int Least { get; }

        /// <summary>Whether the number of wanted pairs is known before they are found.</summary>
        bool Known { get; }

        /// <summary>Indices of the wanted among ascending Ritz values.</summary>
        int[] Select(double[] values);

        /// <summary>How far a value that is not wanted is from those that are.</summary>
        double Distance(double value);

        /// <summary>The wanted and their <paramref name="extra"/> nearest neighbours, which a restart keeps.</summary>
        int[] Extend(double[] values, int extra);
    }

    private readonly struct Ends(int low, int high) : ISelection
    {
        public int Least => low + high;

        public bool Known => true;

        public int[] Select(double[] values) => Extend(values, 0);

        public double Distance(double value) => 0;

        public int[] Extend(double[] values, int extra)
        {
            int lower = low + extra * low / (low + high), upper = high + extra * high / (low + high);
            return lower + upper >= values.Length
                ? [.. Enumerable.Range(0, values.Length)]
                : [.. Enumerable.Range(0, lower), .. Enumerable.Range(values.Length - upper, upper)];
        }
    }

    private readonly struct Above(double threshold) : ISelection
    {
        public int Least => 1;

        public bool Known => false;

        public int[] Select(double[] values) => Extend(values, 0);

        public double Distance(double value) => threshold - value;

        public int[] Extend(double[] values, int extra)
        {
            double limit = threshold;
            int count = Math.Min(values.Count(v => v >= limit) + extra, values.Length);
            return [.. Enumerable.Range(values.Length - count, count)];
        }
    }

    private sealed class Iteration(BlockLanczos options, ISymmetricOperator apply, ThreadTeam team, int capacity) : IDisposable
    {
        private readonly RowShare share = apply.Share;
        private readonly int n = apply.Share.Count;
        private readonly int total = apply.Share.Total;
        private readonly RandomStream random = new(options.Seed, StreamPurpose.ProbeVectors);
        private readonly double[,] coupling = new double[options.BlockSize, options.BlockSize];
        private readonly Matrix<double> block = new(options.BlockSize, apply.Dimension);

        // One block more than the restart length: the residual block is part of the basis before the Ritz vectors are.
        private readonly KrylovBasis basis = new(capacity + options.BlockSize, apply, team);

        private long drawn;
        private int products;
        private double scale;

        /// <summary>Iterates to the end; null if the basis is too small for what is selected.</summary>
        public Eigenpairs? Run<TSelection>(TSelection selection)
            where TSelection : struct, ISelection
        {
            Append(options.BlockSize, 0);
            int next = Math.Max(selection.Least + 1, CheckBlocks * options.BlockSize), confirmed = -1;
            while (true)
            {
                int complete = basis.Count;
                int added = Step();
                bool full = capacity < total ? complete + options.BlockSize > capacity : complete == total;
                bool exhausted = products >= options.LargestProducts && complete >= selection.Least;
                if (!full && !exhausted && complete < next)
                {
                    continue;
                }

                (double[] values, Matrix<double> ritz) = basis.Decompose(complete);
                using (ritz)
                {
                    int[] chosen = selection.Select(values);
                    double tolerance = options.Tolerance * Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
                    double Residual(int i) => TensorPrimitives.Norm<double>(Tail(ritz.Row(i), complete, added));
                    bool converged = complete == total
                        || chosen.Length < complete && chosen.All(i => Residual(i) <= tolerance)
                        && (selection.Known
                            || Residual(complete - chosen.Length - 1) <= Math.Max(tolerance, selection.Distance(values[^(chosen.Length + 1)])));
                    bool settled = selection.Known || complete == total || chosen.Length == confirmed;
                    if (converged && settled || exhausted)
                    {
                        return Finish(values, ritz, chosen, complete, converged && settled, tolerance);
                    }

                    if (converged)
                    {
                        // What the start block had no component of shows itself to a new one, orthogonal to what was found.
                        confirmed = chosen.Length;
                        Restart(values, ritz, chosen, complete, 0);
                        Append(Math.Min(options.BlockSize, total - chosen.Length), 0);
                    }
                    else if (full)
                    {
                        int extra = (complete - chosen.Length - options.BlockSize) / 2;
                        if (chosen.Length + 2 * options.BlockSize > capacity)
                        {
                            return null;
                        }

                        Restart(values, ritz, selection.Extend(values, Math.Max(extra, 0)), complete, added);
                    }

                    next = basis.Count + Math.Max(CheckBlocks * options.BlockSize, basis.Count / CheckFraction);
                }
            }
        }

        public void Dispose()
        {
            basis.Dispose();
            block.Dispose();
        }

        /// <summary>
        /// Multiplies the last block by A, extends T and appends the next block; returns its width, 0 when the space is exhausted.
        /// </summary>
        private int Step()
        {
            int start = basis.LastStart, count = basis.Count, width = count - start, coupled = basis.CoupledStart;
            MatrixView<double> w = block.View.Slice(0, 0, width, n);
            apply.Apply(basis.Rows(start, count).Transposed, w.Transposed);
            products += width;

            // One projection on the coupled vectors and two on the whole basis; the product with the operator is no part of it.
            using KernelScope scope = BasisStep.Enter(
                4.0 * n * width * (3 * count - coupled), sizeof(double) * (double)n * (count + 2 * width));
            for (int l = 0; l < width; l++)
            {
                scale = Math.Max(scale, share.Norm(block.Row(l)));
            }

            using (Matrix<double> overlaps = basis.Project(coupled, count, w))
            {
                for (int l = 0; l < width; l++)
                {
                    for (int i = coupled; i < count; i++)
                    {
                        basis.Projection(start + l, i) = overlaps[l, i - coupled];
                        if (i < start)
                        {
                            basis.Projection(i, start + l) = overlaps[l, i - coupled];
                        }
                    }
                }
            }

            options.Reorthogonalization.Apply(basis, w);
            int rank = BlockQr.Factor(block, width, scale, share, coupling);
            int room = Math.Min(Math.Min(options.BlockSize, total - count), basis.Vectors.Rows - count);
            rank = Math.Min(rank, room);
            for (int i = 0; i < rank; i++)
            {
                block.Row(i).CopyTo(basis.Vectors.Row(count + i));
            }

            Append(room - rank, rank);
            basis.CoupledStart = start;
            return room;
        }

        /// <summary>
        /// Makes a block of the <paramref name="rank"/> rows behind the basis and as many random directions orthogonal to everything.
        /// </summary>
        private void Append(int fill, int rank)
        {
            int count = basis.Count, filled = count + rank;
            basis.Written(count, filled);
            for (int i = 0; i < fill; i++)
            {
                random.FillNormals(0, drawn + share.First, basis.Vectors.Row(filled));
                drawn += total;
                MatrixView<double> row = basis.Rows(filled, filled + 1);
                for (int pass = 0; pass < 3; pass++)
                {
                    if (filled > 0)
                    {
                        basis.Project(0, filled, row).Dispose();
                    }

                    TensorPrimitives.Divide(basis.Vectors.Row(filled), share.Norm(basis.Vectors.Row(filled)),
                        basis.Vectors.Row(filled));
                }

                basis.Written(filled, filled + 1);
                filled++;
            }

            basis.LastStart = count;
            basis.Count = filled;
        }

        /// <summary>Components of A v on the appended block; their norm is ‖A v − θ v‖ of the Ritz vector.</summary>
        private double[] Tail(ReadOnlySpan<double> ritz, int complete, int added)
        {
            double[] tail = new double[added];
            int start = basis.CoupledStart;
            for (int l = start; l < complete; l++)
            {
                for (int i = 0; i < added; i++)
                {
                    tail[i] += ritz[l] * coupling[l - start, i];
                }
            }

            return tail;
        }

        private void Restart(double[] values, Matrix<double> ritz, int[] kept, int complete, int added)
        {
            using Matrix<double> chosen = new(kept.Length, complete), rotated = new(kept.Length, n), next = new(added, n);
            var tails = new double[kept.Length][];
            for (int i = 0; i < kept.Length; i++)
            {
                ritz.Row(kept[i]).CopyTo(chosen.Row(i));
                tails[i] = Tail(chosen.Row(i), complete, added);
            }

            basis.Combine(chosen, rotated);
            for (int i = 0; i < added; i++)
            {
                basis.Vectors.Row(complete + i).CopyTo(next.Row(i));
            }

            basis.ClearProjection();
            for (int i = 0; i < kept.Length; i++)
            {
                rotated.Row(i).CopyTo(basis.Vectors.Row(i));
                basis.Projection(i, i) = values[kept[i]];
                for (int j = 0; j < added; j++)
                {
                    basis.Projection(i, kept.Length + j) = basis.Projection(kept.Length + j, i) = tails[i][j];
                }
            }

            for (int i = 0; i < added; i++)
            {
                next.Row(i).CopyTo(basis.Vectors.Row(kept.Length + i));
            }

            basis.LastStart = kept.Length;
            basis.Count = kept.Length + added;
            basis.CoupledStart = 0;
            basis.Written(0, basis.Count);
        }

        /// <summary>
        /// The pairs with residuals computed anew. What the iteration takes them for leaves out the couplings that it dropped, so they may
        /// be twice the tolerance.
        /// </summary>
        private Eigenpairs Finish(double[] values, Matrix<double> ritz, int[] chosen, int complete, bool converged, double tolerance)
        {
            int count = chosen.Length;
            double[] found = new double[count];
            using var coefficients = new Matrix<double>(count, complete);
            for (int i = 0; i < count; i++)
            {
                found[i] = values[chosen[i]];
                ritz.Row(chosen[i]).CopyTo(coefficients.Row(i));
            }

            var vectors = new Matrix<double>(count, n);
            basis.Combine(coefficients, vectors);
            double[] residuals = Residuals(apply, found, vectors);
            double largest = residuals.DefaultIfEmpty().Max();
            return new Eigenpairs(found, vectors, residuals, new Convergence(converged && largest <= 2 * tolerance, products + count, largest));
        }
    }
}
