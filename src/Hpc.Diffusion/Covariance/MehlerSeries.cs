using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Covariance;

/// <summary>Fills the mean pre-activations of samples first … first + columns − 1 into a P×columns block.</summary>
public delegate void PreactivationMeans(int first, MatrixView<double> block);

/// <summary>What the Mehler series says beside the matrix.</summary>
/// <param name="Order">Largest k of the series that was summed.</param>
/// <param name="RemainderBound">Upper bound on the Frobenius norm, and so on the spectral norm, of what was left out.</param>
/// <param name="Gain">E[φ'] of every feature, averaged over the samples: E[φ ξᵀ] = √Δ diag(Gain) W/√N by Stein's lemma.</param>
public sealed record MehlerResult(int Order, double RemainderBound, double[] Gain);

/// <summary>
/// The average of φφᵀ over Gaussian noise in the pre-activations, exactly, by the Mehler series (theory.md section 2):
/// U_ij = (1/M) Σ_k ρ_ij^k Σ_μ C_k[i,μ] C_k[j,μ] off the diagonal, E[φ²] on it.
/// </summary>
/// <remarks>
/// The series is summed by Horner's rule from the highest order down, U ← ρ∘U + C_k C_kᵀ/M, so that besides U and ρ only blocks of
/// <see cref="BlockSamples"/> samples are in memory. With T_i(k) = E[φ_i²] − Σ_(j≤k) mean C_j[i]² the part of feature i beyond order k,
/// the remainder is at most |ρ_ij|^(k+1) √(T_i T_j) (Cauchy–Schwarz); the order is the first whose Frobenius norm of these bounds falls
/// below <see cref="RelativeTolerance"/> times the mean of T(1), the scale of the smallest eigenvalues of U.
/// </remarks>
/// <param name="geometry">Norms and correlations of the first layer.</param>
/// <param name="activation">φ.</param>
/// <param name="single">
/// Whether the products C_k C_kᵀ are computed in single precision: twice as fast, with errors of some 1e-7 of the elements of U instead of
/// 1e-15. Coefficients, diagonal and gains are in double in any case.
/// </param>
/// <param name="team">Threads to compute with.</param>
public sealed class MehlerSeries(NeuronGeometry geometry, Activation activation, bool single, ThreadTeam team)
{
    /// <summary>Remainder allowed, relative to the noise floor of the spectrum.</summary>
    public const double RelativeTolerance = 1e-4;

    /// <summary>Largest order ever summed; only tiny N with nearly parallel neurons comes near it.</summary>
    public const int LargestOrder = 48;

    private const int BlockSamples = 1024;

    private static readonly Kernel Hermite = Kernel.Of<double>("hermite-coefficients"), Remainder = Kernel.Of<double>("mehler-remainder");

    /// <summary>Computes U and the gains for a group of samples.</summary>
    /// <param name="means">Mean pre-activations h of the group's samples.</param>
    /// <param name="samples">Number of samples M in the group.</param>
    /// <param name="noise">The pre-activation of feature i is h_i + noise · n_i · z, with n_i the norm of the feature.</param>
    /// <param name="covariance">Receives U, P×P.</param>
    public MehlerResult Compute(PreactivationMeans means, int samples, double noise, Matrix<double> covariance)
    {
        int features = geometry.Norms.Length;
        int columns = Math.Min(samples, BlockSamples);
        using var meanBlock = new Matrix<double>(features, columns);
        using var block = new Matrix<double>(features, columns);
        double[] diagonal = new double[features];
        (int order, double bound, double[] gain, IPreactivationAverage average) = ChooseOrder(means, samples, noise, meanBlock, block, diagonal);

        if (single)
        {
            using Matrix<float> sum = new(features, features), narrow = new(features, columns);
            Sum(sum, (k, first, count) =>
            {
                MatrixView<double> part = Coefficients(means, first, count, noise, average, k, meanBlock, block);
                team.For(features, i => TensorPrimitives.ConvertChecked<double, float>(block.Row(i)[..count], narrow.Row(i)[..count]));
                return narrow.View.Slice(0, 0, part.Rows, part.Columns);
            });
            team.For(features, i => TensorPrimitives.ConvertChecked<float, double>(sum.Row(i), covariance.Row(i)));
        }
        else
        {
            covariance.Span.Clear();
            Sum(covariance, (k, first, count) => Coefficients(means, first, count, noise, average, k, meanBlock, block));
        }

        for (int i = 0; i < features; i++)
        {
            covariance[i, i] = diagonal[i];
        }

        return new MehlerResult(order, bound, gain);

        // Horner's rule over the orders, from a sum of zeros.
        void Sum<T>(Matrix<T> sum, Func<int, int, int, MatrixView<T>> coefficients)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            // U is written once, ρ and the mean pre-activations are read once.
            double square = (double)features * features;
            using KernelScope scope = Profiled<T>.Sum.Enter(
                (order + 1.0) * features * (features + 1.0) * samples + order * square,
                Unsafe.SizeOf<T>() * square + sizeof(double) * (square + (double)features * samples));
            for (int k = order; k >= 0; k--)
            {
                if (k < order)
                {
                    using KernelScope weighting = Profiled<T>.Weighting.Enter(square, (sizeof(double) + 2.0 * Unsafe.SizeOf<T>()) * square);
                    team.For(features, i => Multiply(geometry.Correlations.Row(i), sum.Row(i)));
                }

                for (int first = 0; first < samples; first += columns)
                {
                    Syrk.Multiply(team, T.CreateChecked(1.0 / samples), coefficients(k, first, Math.Min(columns, samples - first)), T.One, sum.View);
                }
            }
        }
    }

    /// <summary>Begins the evaluation of a number of Hermite coefficients.</summary>
    internal static KernelScope EnterCoefficients(IPreactivationAverage average, long count) =>
        Hermite.Enter(average.OperationsPerValue * count, 2.0 * sizeof(double) * count);

    /// <summary>row ← factors ∘ row.</summary>
    private static void Multiply<T>(ReadOnlySpan<double> factors, Span<T> row)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] converted = ArrayPool<T>.Shared.Rent(row.Length);
        TensorPrimitives.ConvertChecked<double, T>(factors, converted);
        TensorPrimitives.Multiply(converted.AsSpan(0, row.Length), row, row);
        ArrayPool<T>.Shared.Return(converted);
    }

    private IPreactivationAverage Average(int largestOrder, double noise) =>
        PreactivationAverages.Create(activation, largestOrder, noise * geometry.Norms.Max());

    private (int Order, double Bound, double[] Gain, IPreactivationAverage Average) ChooseOrder(
        PreactivationMeans means, int samples, double noise, Matrix<double> meanBlock, Matrix<double> block, double[] diagonal)
    {
        int features = diagonal.Length;

        // High orders need many quadrature nodes: most series end before the first step of this ladder.
        int prepared = LargestOrder / 8;
        IPreactivationAverage average = Average(prepared, noise);
        Accumulate(means, samples, noise, average, -1, meanBlock, block, row => TensorPrimitives.Sum<double>(row), diagonal);
        (int order, double bound) = SeriesOrder.Choose(diagonal, Captured, RemainderBound);
        double[] gain = new double[features];
        Accumulate(means, samples, noise, average, 1, meanBlock, block, row => TensorPrimitives.Sum<double>(row), gain);
        for (int i = 0; i < features; i++)
        {
            gain[i] /= noise * geometry.Norms[i];
        }

        return (order, bound, gain, average);

        double[] Captured(int k)
        {
            if (k > prepared)
            {
                prepared *= 2;
                average = Average(prepared, noise);
            }

            double[] captured = new double[features];
            Accumulate(means, samples, noise, average, k, meanBlock, block, row => TensorPrimitives.SumOfSquares<double>(row), captured);
            return captured;
        }
    }

    /// <summary>√(Σ_(i≠j) ρ_ij^(2k+2) T_i T_j).</summary>
    private double RemainderBound(int order, double[] tail)
    {
        int features = tail.Length;
        double[] rows = new double[features];
        double square = (double)features * features;
        using KernelScope scope = Remainder.Enter((order + 4) * square, sizeof(double) * square);
        team.For(features, i =>
        {
            Span<double> correlations = geometry.Correlations.Row(i);
            double sum = 0;
            for (int j = 0; j < features; j++)
            {
                double square = correlations[j] * correlations[j], power = 1;
                for (int k = 0; k <= order; k++)
                {
                    power *= square;
                }

                sum += power * tail[j];
            }

            rows[i] = tail[i] * (sum - tail[i]);
        });
        return Math.Sqrt(Math.Max(TensorPrimitives.Sum<double>(rows), 0));
    }

    /// <summary>total[i] = (1/M) Σ over blocks of reduce(row i of the coefficients of one order); order −1 stands for φ².</summary>
    private void Accumulate(
        PreactivationMeans means, int samples, double noise, IPreactivationAverage average, int order, Matrix<double> meanBlock, Matrix<double> block,
        RowReduction reduce, double[] total)
    {
        for (int first = 0; first < samples; first += block.Columns)
        {
            int count = Math.Min(block.Columns, samples - first);
            Coefficients(means, first, count, noise, average, order, meanBlock, block);
            team.For(total.Length, i => total[i] += reduce(block.Row(i)[..count]) / samples);
        }
    }

    private MatrixView<double> Coefficients(
        PreactivationMeans means, int first, int count, double noise, IPreactivationAverage average, int order, Matrix<double> meanBlock, Matrix<double> block)
    {
        int features = geometry.Norms.Length;
        means(first, meanBlock.View.Slice(0, 0, features, count));
        using KernelScope scope = EnterCoefficients(average, (long)features * count);
        team.For(features, i =>
        {
            double deviation = noise * geometry.Norms[i];
            Span<double> row = block.Row(i)[..count];
            if (order < 0)
            {
                average.SecondMoment(meanBlock.Row(i)[..count], deviation, row);
            }
            else
            {
                average.HermiteCoefficient(order, meanBlock.Row(i)[..count], deviation, row);
            }
        });
        return block.View.Slice(0, 0, features, count);
    }

    private delegate double RowReduction(ReadOnlySpan<double> row);

    private static class Profiled<T>
    {
        public static readonly Kernel Sum = Kernel.Of<T>("mehler-sum"), Weighting = Kernel.Of<T>("mehler-weighting");
    }
}
