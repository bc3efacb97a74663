using System.Numerics.Tensors;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Gradient descent on the loss averaged over the noise, at any epochs, where no P×P matrix can be held: B_k = F_k(U)V (theory.md section
/// 1) by Chebyshev series of
/// F_k in U, all epochs from the same products, and L^c = 1 − (2/N) tr(B_kᵀV_c) + (1/N) tr(B_kᵀU_cB_k).
/// </summary>
/// <remarks>
/// The series live on [λ_lo, λ_max], with λ_lo half of the smallest Ritz value less its residual (0 where U has a null space), so that the
/// degree grows as √(λ_max min(s, 1/λ_lo)) with the training time s and
/// does not depend on the number of epochs; an eigenvalue that the iteration missed outside the interval is noticed, since T_j grows there.
/// Columns of V are taken in blocks, so that the memory for the records
/// is bounded; the cost of the recurrence is that of degree·N products with U, and that of the losses 2K·records·N products with the class
/// covariances.
/// </remarks>
public sealed class ChebyshevDescent
{
    // λ_max is found to this relative residual, and the interval of the series ends a residual above it.
    private const double EdgeTolerance = 1e-6;

    private const double LowerEdgeTolerance = 1e-4;

    private const double ClassEdgeTolerance = 0.01;

    private const int EdgeProducts = 300;

    private readonly Realization realization;
    private readonly IFeatureMoments moments;
    private readonly ThreadTeam team;
    private readonly long workspaceBytes;
    private readonly double largest;
    private readonly double smallest;

    /// <summary>Finds λ_max and λ_min by Lanczos iteration and checks the step size.</summary>
    /// <param name="realization">N, P and the seed.</param>
    /// <param name="moments">U, V and those of the classes.</param>
    /// <param name="learningRate">η₀.</param>
    /// <param name="workspaceBytes">Memory for the records of a block of columns of V.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public ChebyshevDescent(Realization realization, IFeatureMoments moments, double learningRate, long workspaceBytes, ThreadTeam team)
    {
        (this.realization, this.moments, this.team, this.workspaceBytes) = (realization, moments, team, workspaceBytes);
        LearningRate = learningRate;
        ISymmetricOperator covariance = moments.TrainAll.Covariance;
        SymmetryProbe.Check(covariance, realization.Seed);
        double found = StepSize.Check((x, y) => Multiply(covariance, x, y), covariance.Dimension, learningRate, realization.Seed);
        largest = found * (1 + 2 * EdgeTolerance);
        (double distance, double residual) = LargestOf(
            (x, y) =>
            {
                Multiply(covariance, x, y);
                TensorPrimitives.Negate(y, y);
                TensorPrimitives.MultiplyAdd(x, largest, y, y);
            },
            LowerEdgeTolerance);
        smallest = Math.Max(0, 0.5 * (largest - distance - residual));
    }

    /// <summary>η₀.</summary>
    public double LearningRate { get; }

    /// <summary>Largest |error| of F_k on the spectrum, relative to its largest value there, that a series may have.</summary>
    public double Tolerance { get; init; } = 1e-13;

    /// <summary>
    /// Losses at the given epochs. <see cref="ChebyshevLosses.ErrorBound"/> follows from the tails of the series before any product: with
    /// ε_k = tail·‖V‖_F,
    /// |ΔL^c| ≤ (1/N)(2 ε_k ‖V_c‖_F + 2 ε_k √(λ_max(U_c) tr(BᵀU_cB)) + λ_max(U_c) ε_k²); rounding is not in it.
    /// </summary>
    /// <param name="epochs">k, ascending.</param>
    /// <param name="stage">Told what is being done.</param>
    /// <exception cref="ArgumentException">No epoch, or a workspace too small for one column.</exception>
    public ChebyshevLosses Losses(long[] epochs, Action<string>? stage = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(epochs.Length, nameof(epochs));
        int features = realization.Model.Features, dimension = realization.Model.Dimension, classes = realization.Model.Classes.Count,
            records = epochs.Length;
        ChebyshevSeries[] series = [.. epochs.Select(
            k => ChebyshevSeries.Expand(x => EpochSchedule.Filter(x, LearningRate, k), smallest, largest,
                Tolerance * EpochSchedule.Filter(smallest, LearningRate, k)))];
        long column = sizeof(double) * (long)features * (2 * records + 20);
        if (column > workspaceBytes)
        {
            throw new ArgumentException(
                $"{records} records of one column of V need {column / 1e6:F0} MB and the workspace is "
                + $"{workspaceBytes / 1e6:F0} MB: allow more or record fewer epochs.");
        }

        FeatureMoments all = moments.TrainAll;
        FeatureMoments[] groups = [.. Enumerable.Range(0, classes).Select(moments.Train),
            .. Enumerable.Range(0, classes).Select(moments.Test)];
        double[,] linear = new double[groups.Length, records], quadratic = new double[groups.Length, records];
        double[] classSquares = new double[groups.Length];
        double square = 0;
        int width = (int)Math.Min(dimension, workspaceBytes / column);
        for (int first = 0; first < dimension; first += width)
        {
            int count = Math.Min(width, dimension - first), length = checked(count * features);
            stage?.Invoke($"columns {first + 1} to {first + count} of {dimension}");
            using Matrix<double> v = new(count, features), classColumns = new(count, features), readouts = new(records, length),
                images = new(records, length);
            all.Correlation(first, v.Transposed);
            square += TensorPrimitives.SumOfSquares<double>(v.Span);
            ChebyshevRecurrence.Apply(all.Covariance, series, v, readouts, team);
            for (int g = 0; g < groups.Length; g++)
            {
                groups[g].Correlation(first, classColumns.Transposed);
                classSquares[g] += TensorPrimitives.SumOfSquares<double>(classColumns.Span);
                groups[g].Covariance.Apply(Vectors(readouts, features), Vectors(images, features));
                for (int r = 0; r < records; r++)
                {
                    linear[g, r] += TensorPrimitives.Dot<double>(readouts.Row(r), classColumns.Span);
                    quadratic[g, r] += TensorPrimitives.Dot<double>(readouts.Row(r), images.Row(r));
                }
            }
        }

        var train = new ClassLosses(records, classes);
        var test = new ClassLosses(records, classes);
        double bound = 0;
        for (int g = 0; g < groups.Length; g++)
        {
            ISymmetricOperator covariance = groups[g].Covariance;
            (double value, double residual) = LargestOf((x, y) => Multiply(covariance, x, y), ClassEdgeTolerance);
            double edge = value + residual;
            for (int r = 0; r < records; r++)
            {
                (g < classes ? train : test)[r, g % classes] = 1 + (quadratic[g, r] - 2 * linear[g, r]) / dimension;
                double error = series[r].TailBound * Math.Sqrt(square);
                double slope = 2 * Math.Sqrt(classSquares[g]) + 2 * Math.Sqrt(edge * Math.Max(quadratic[g, r], 0)) + edge * error;
                bound = Math.Max(bound, slope * error / dimension);
            }
        }

        return new ChebyshevLosses(train, test, series.Max(s => s.Degree), bound);
    }

    /// <summary>All records' columns as one P×(records·k) block of vectors.</summary>
    private static unsafe MatrixView<double> Vectors(Matrix<double> blocks, int features) =>
        new(blocks.Pointer, features, checked((int)(blocks.Length / features)), 1, features);

    private static unsafe void Multiply(ISymmetricOperator covariance, ReadOnlySpan<double> x, Span<double> y)
    {
        fixed (double* source = x, target = y)
        {
            covariance.Apply(new MatrixView<double>(source, x.Length, 1, 1, x.Length), new MatrixView<double>(target, y.Length, 1, 1,
                y.Length));
        }
    }

    private (double Value, double Residual) LargestOf(SymmetricOperator apply, double tolerance)
    {
        double[] start = new double[realization.Model.Features];
        new RandomStream(realization.Seed, StreamPurpose.ProbeVectors).FillNormals(0, 0, start);
        (double value, Convergence convergence) = LargestEigenvalue.Compute(apply, start, tolerance, EdgeProducts);
        return (value, convergence.Residual);
    }
}
