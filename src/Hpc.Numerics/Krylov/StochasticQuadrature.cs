using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// The spectral distribution of a symmetric operator by stochastic Lanczos quadrature (Golub and Welsch, 1969; Lin, Saad and Yang, SIAM
/// Review 58, 2016):
/// for a random unit vector z, m Lanczos steps give the Gauss rule of the measure Σ_i (z·v_i)² δ(λ − λ_i), whose mean is the spectral
/// distribution.
/// </summary>
/// <remarks>
/// A rule integrates polynomials of degree 2m − 1 exactly, so that gaps and bulk masses are resolved as finely as the Ritz values are. What
/// remains is the spread
/// over the probes, of order √(2/n) for one; it is what the standard errors report.
/// </remarks>
public sealed class StochasticQuadrature
{
    private readonly double[][] nodes;
    private readonly double[][] weights;

    private StochasticQuadrature(double[][] nodes, double[][] weights) => (this.nodes, this.weights) = (nodes, weights);

    /// <summary>Ritz values of each probe, ascending.</summary>
    public IReadOnlyList<double[]> Nodes => nodes;

    /// <summary>Weight of each Ritz value; those of a probe sum to 1.</summary>
    public IReadOnlyList<double[]> Weights => weights;

    /// <summary>Runs all probes side by side, with full reorthogonalization of each.</summary>
    /// <param name="apply">The operator.</param>
    /// <param name="probes">Number of probe vectors, 1 to n.</param>
    /// <param name="steps">Lanczos steps of each; at most n are made.</param>
    /// <param name="seed">Seed of the probe vectors.</param>
    /// <param name="team">Threads for the work on the bases, 8·probes·steps·n bytes.</param>
    /// <exception cref="ArgumentException">A count is out of range, or the operator is not symmetric.</exception>
    public static StochasticQuadrature Compute(ISymmetricOperator apply, int probes, int steps, uint seed, ThreadTeam team)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        RowShare share = apply.Share;
        int n = share.Count, count = Math.Min(steps, share.Total);
        using Matrix<double> current = ProbeVectors.Draw(probes, share, seed), image = new(probes, n);
        SymmetryProbe.Check(apply, seed);
        IKrylovVectors[] kept = [.. Enumerable.Range(0, probes).Select(_ => apply.KeepVectors(count)).OfType<IKrylovVectors>()];
        Matrix<double>[] bases = kept.Length > 0 ? [] : [.. Enumerable.Range(0, probes).Select(_ => new Matrix<double>(count, n))];
        double[,] diagonal = new double[probes, count], offDiagonal = new double[probes, count];
        int[] lengths = [.. Enumerable.Repeat(count, probes)];
        try
        {
            for (int j = 0; j < count; j++)
            {
                int step = j;
                apply.Apply(current.Transposed, image.Transposed);
                if (kept.Length > 0)
                {
                    for (int p = 0; p < probes; p++)
                    {
                        if (step < lengths[p])
                        {
                            StepWhereKept(p, step);
                        }
                    }

                    continue;
                }

                team.For(probes, p => current.Row(p).CopyTo(bases[p].Row(step)));

                // Two passes of classical Gram–Schmidt and the norm of what is left; sums over rows are those of all processes.
                using Matrix<double> first = Overlaps(step), second = Subtract(first, step), last = Subtract(second, step);
                team.For(probes, p =>
                {
                    if (step < lengths[p])
                    {
                        Advance(p, step, first[p, step], Math.Sqrt(first[p, step + 1]), Math.Sqrt(last[p, step + 1]));
                    }
                });
            }
        }
        finally
        {
            Array.ForEach(bases, b => b.Dispose());
            Array.ForEach(kept, b => b.Dispose());
        }

        var solver = new ManagedEigensolver();
        double[][] nodes = new double[probes][], weights = new double[probes][];
        for (int p = 0; p < probes; p++)
        {
            int size = lengths[p];
            using var t = new Matrix<double>(size, size);
            for (int i = 0; i < size; i++)
            {
                t[i, i] = diagonal[p, i];
                if (i + 1 < size)
                {
                    t[i, i + 1] = t[i + 1, i] = offDiagonal[p, i];
                }
            }

            nodes[p] = new double[size];
            solver.Decompose(t, nodes[p], vectors: true, threads: 1);
            share.Agree(nodes[p]);
            share.Agree(t.Span);
            weights[p] = [.. Enumerable.Range(0, size).Select(i => t[i, 0] * t[i, 0])];
        }

        return new StochasticQuadrature(nodes, weights);

        // The same two passes where the operator keeps the vectors.
        void StepWhereKept(int p, int step)
        {
            using var overlaps = new Matrix<double>(1, step + 1);
            double size = TensorPrimitives.Norm<double>(image.Row(p));
            kept[p].Set(step, current.View.Slice(p, 0, 1, n));
            kept[p].Project(0, step + 1, 2, image.View.Slice(p, 0, 1, n), overlaps.View);
            Advance(p, step, overlaps[0, step], size, TensorPrimitives.Norm<double>(image.Row(p)));
        }

        // Takes in a row of T and makes the next vector of what is left of the image, of which it had the given size.
        void Advance(int p, int step, double overlap, double size, double norm)
        {
            diagonal[p, step] = overlap;
            offDiagonal[p, step] = norm;
            if (norm <= 1e-13 * size)
            {
                lengths[p] = step + 1;
                current.Row(p).Clear();
            }
            else
            {
                TensorPrimitives.Divide(image.Row(p), norm, current.Row(p));
            }
        }

        // Of each image with the basis vectors 0 … step, and with itself.
        Matrix<double> Overlaps(int step)
        {
            var overlaps = new Matrix<double>(probes, step + 2);
            team.For(probes, p =>
            {
                if (step < lengths[p])
                {
                    Span<double> next = image.Row(p);
                    for (int i = 0; i <= step; i++)
                    {
                        overlaps[p, i] = TensorPrimitives.Dot<double>(bases[p].Row(i), next);
                    }

                    overlaps[p, step + 1] = TensorPrimitives.SumOfSquares<double>(next);
                }
            });
            share.Sum(overlaps.Span);
            return overlaps;
        }

        // Takes the overlaps out of the images; returns what is left of them.
        Matrix<double> Subtract(Matrix<double> overlaps, int step)
        {
            team.For(probes, p =>
            {
                for (int i = 0; step < lengths[p] && i <= step; i++)
                {
                    TensorPrimitives.MultiplyAdd(bases[p].Row(i), -overlaps[p, i], image.Row(p), image.Row(p));
                }
            });
            return Overlaps(step);
        }
    }

    /// <summary>(1/n) tr f(A).</summary>
    public SpectralEstimate Average(Func<double, double> f) =>
        SpectralEstimate.Of([.. nodes.Select((row, p) => row.Select((node, i) => weights[p][i] * f(node)).Sum())]);

    /// <summary>
    /// Part of the eigenvalues in [from, to), by counting Ritz values with their weights; sharp where both ends lie in gaps.
    /// </summary>
    public SpectralEstimate Mass(double from, double to) => Average(node => node >= from && node < to ? 1 : 0);

    /// <summary>Spectral density at the given places, each Ritz value broadened to a normal density.</summary>
    /// <param name="places">λ.</param>
    /// <param name="width">
    /// Standard deviation of the broadening; below the spacing of the Ritz values, about range/steps, it shows them one by one.
    /// </param>
    public SpectralEstimate[] Density(ReadOnlySpan<double> places, double width)
    {
        if (!(width > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "The width of the broadening must be positive.");
        }

        var result = new SpectralEstimate[places.Length];
        for (int i = 0; i < result.Length; i++)
        {
            double place = places[i];
            result[i] = Average(node =>
                Math.Exp(-0.5 * (node - place) * (node - place) / (width * width)) / (width * Math.Sqrt(2 * Math.PI)));
        }

        return result;
    }
}
