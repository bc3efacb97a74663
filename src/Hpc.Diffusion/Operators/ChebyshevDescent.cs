using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Hpc.Diffusion.Descent;
using Hpc.Diffusion.Measurement;
using Hpc.Diffusion.Model;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Gradient descent on the loss averaged over the noise, at any epochs, where no P×P matrix can be held: B_k = F_k(U)V (theory.md section
/// 1) by Chebyshev series of F_k in U, all epochs from the same products, and L^c = 1 − (2/N) tr(B_kᵀV_c) + (1/N) tr(B_kᵀU_cB_k).
/// </summary>
/// <remarks>
/// The N eigenvalues of the generalization bulk lie far above all others and V nearly spans their eigenvectors. These are found first
/// (<see cref="DominantSubspace"/>) and treated in closed form, so that the series only has to cover the spectrum below them: its degree grows
/// as √(λ min(s, 1/λ_lo)) with the largest eigenvalue λ of what is left and the training time s, and does not depend on the number of epochs.
/// Where there is no such gap the series covers the whole spectrum. An eigenvalue outside the interval of the series is noticed, since T_j
/// grows there. Columns of V are taken in blocks, so that the memory for the records is bounded; the cost of the recurrence is that of degree·N
/// products with U, and that of the losses 2K·records·N quadratic forms of the class covariances.
/// </remarks>
public sealed class ChebyshevDescent
{
    // The interval of a series ends this part and a residual above the largest Ritz value.
    private const double EdgeTolerance = 1e-6;

    private const double LowerEdgeTolerance = 1e-4;

    // λ_max of the test covariances enters the bound of the error only.
    private const double ClassEdgeTolerance = 0.1;

    private const int EdgeProducts = 300;

    // The search for the subspace costs about a dozen products for every column of V; below this degree it cannot pay.
    private const int DegreeWorthDeflation = 40;

    private const double LeastGapRatio = 3;

    private const double SubspaceTolerance = 1e-12;

    private readonly Realization realization;
    private readonly IFeatureMoments moments;
    private readonly ISymmetricEigensolver eigensolver;
    private readonly ThreadTeam team;
    private readonly long workspaceBytes;
    private readonly double largest;

    /// <summary>Finds λ_max by Lanczos iteration and checks the step size.</summary>
    /// <param name="realization">N, P and the seed.</param>
    /// <param name="moments">U, V and those of the classes.</param>
    /// <param name="learningRate">η₀.</param>
    /// <param name="workspaceBytes">Memory for the records of a block of columns of V.</param>
    /// <param name="eigensolver">For matrices of size N.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <exception cref="SpecException">2η₀ λ_max ≥ 2.</exception>
    public ChebyshevDescent(
        Realization realization, IFeatureMoments moments, double learningRate, long workspaceBytes, ISymmetricEigensolver eigensolver, ThreadTeam team)
    {
        (this.realization, this.moments, this.eigensolver, this.team, this.workspaceBytes) = (realization, moments, eigensolver, team, workspaceBytes);
        LearningRate = learningRate;
        ISymmetricOperator covariance = moments.TrainAll.Covariance;
        SymmetryProbe.Check(covariance, realization.Seed);
        double found = StepSize.Check((x, y) => Multiply(covariance, x, y), covariance.Share, learningRate, realization.Seed);
        largest = found * (1 + 2 * EdgeTolerance);
    }

    /// <summary>η₀.</summary>
    public double LearningRate { get; }

    /// <summary>Largest |error| of F_k on the spectrum, relative to its largest value there, that a series may have.</summary>
    public double Tolerance { get; init; } = 1e-13;

    /// <summary>
    /// Losses at the given epochs. <see cref="ChebyshevLosses.ErrorBound"/> follows from the tails of the series and the residual of the
    /// subspace: with ε_k = tail·‖V‖_F + F_k(λ_lo)·‖V‖_F·residual/gap,
    /// |ΔL^c| ≤ (1/N)(2 ε_k ‖V_c‖_F + 2 ε_k √(λ_max(U_c) tr(BᵀU_cB)) + λ_max(U_c) ε_k²); rounding is not in it.
    /// </summary>
    /// <param name="epochs">k, ascending.</param>
    /// <param name="sampler">Measures on fresh samples from the same readouts; null leaves that out.</param>
    /// <param name="stage">Told what is being done; may throw to stop.</param>
    /// <exception cref="ArgumentException">No epoch, or a workspace too small for one column.</exception>
    public ChebyshevLosses Losses(long[] epochs, ReadoutSampler? sampler = null, Action<string>? stage = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(epochs.Length, nameof(epochs));
        int features = realization.Features.Count, dimension = realization.Model.Dimension, classes = realization.Model.Classes.Count,
            records = epochs.Length;
        long column = BytesPerColumn(realization.Features.LargestCount, records);
        if (column > workspaceBytes)
        {
            throw new ArgumentException(
                $"{records} records of one column of V need {column / 1e6:F0} MB and the workspace is "
                + $"{workspaceBytes / 1e6:F0} MB: allow more or record fewer epochs.");
        }

        FeatureMoments all = moments.TrainAll;
        using Filter filter = CreateFilter(all, epochs, stage);
        FeatureMoments[] groups = [.. Enumerable.Range(0, classes).Select(moments.Train),
            .. Enumerable.Range(0, classes).Select(moments.Test)];
        double[,] linear = new double[groups.Length, records], quadratic = new double[groups.Length, records];
        double[] classSquares = new double[groups.Length];
        double square = 0;
        int width = (int)Math.Min(dimension, workspaceBytes / column);
        width = (dimension + (dimension + width - 1) / width - 1) / ((dimension + width - 1) / width);
        for (int first = 0; first < dimension; first += width)
        {
            int count = Math.Min(width, dimension - first), length = checked(count * features);
            string columns = $"columns {first + 1} to {first + count} of {dimension}";
            stage?.Invoke($"descent, {columns}");
            using Matrix<double> readouts = new(records, length);
            using (var v = new Matrix<double>(count, features))
            {
                all.Correlation(first, v.Transposed);
                square += TensorPrimitives.SumOfSquares<double>(v.Span);
                filter.Apply(v, readouts);
            }

            using (var classColumns = new Matrix<double>(count, features))
            {
                double[] forms = new double[records * count];
                for (int g = 0; g < groups.Length; g++)
                {
                    stage?.Invoke($"{(g < classes ? "train" : "test")} losses of class {g % classes + 1}, {columns}");
                    groups[g].Correlation(first, classColumns.Transposed);
                    classSquares[g] += TensorPrimitives.SumOfSquares<double>(classColumns.Span);
                    groups[g].Covariance.QuadraticForms(Vectors(readouts, features), forms);
                    for (int r = 0; r < records; r++)
                    {
                        linear[g, r] += TensorPrimitives.Dot<double>(readouts.Row(r), classColumns.Span);
                        quadratic[g, r] += TensorPrimitives.Sum<double>(forms.AsSpan(r * count, count));
                    }
                }
            }

            if (sampler is not null)
            {
                stage?.Invoke($"losses on fresh samples, {columns}");
                sampler.Add(first, count, Vectors(readouts, features));
            }
        }

        realization.Features.Sum(MemoryMarshal.CreateSpan(ref linear[0, 0], linear.Length));
        realization.Features.Sum(classSquares);
        realization.Features.Sum(new Span<double>(ref square));
        var train = new ClassLosses(records, classes);
        var test = new ClassLosses(records, classes);
        double bound = 0;
        for (int g = 0; g < groups.Length; g++)
        {
            double edge = g < classes ? largest * realization.Model.Samples / realization.ClassSizes[g] : TestEdge(groups[g].Covariance);
            for (int r = 0; r < records; r++)
            {
                (g < classes ? train : test)[r, g % classes] = 1 + (quadratic[g, r] - 2 * linear[g, r]) / dimension;
                double error = filter.ErrorBound(r) * Math.Sqrt(square);
                double slope = 2 * Math.Sqrt(classSquares[g]) + 2 * Math.Sqrt(edge * Math.Max(quadratic[g, r], 0)) + edge * error;
                bound = Math.Max(bound, slope * error / dimension);
            }
        }

        return new ChebyshevLosses(train, test, filter.Degree, filter.Deflated, bound);
    }

    /// <summary>Bytes for one column of V with its records and the terms of the recurrence.</summary>
    public static long BytesPerColumn(int features, int records) => sizeof(double) * (long)features * (records + 20);

    private Filter CreateFilter(FeatureMoments all, long[] epochs, Action<string>? stage)
    {
        ISymmetricOperator covariance = all.Covariance;
        double lower = 0, upper = largest;
        ChebyshevSeries[] series = Expand(lower, upper);
        Eigenpairs? subspace = null;
        if (series.Max(s => s.Degree) > DegreeWorthDeflation)
        {
            stage?.Invoke("eigenvectors above the gap");
            subspace = Dominant(all);
            if (subspace is not null)
            {
                var deflated = new DeflatedOperator(covariance, subspace.Vectors, team);
                (double value, double residual) = LargestOf(deflated, subspace, EdgeTolerance);
                upper = value * (1 + 2 * EdgeTolerance) + residual;
                covariance = deflated;
                series = Expand(lower, upper);
            }
        }

        // A series that is longer than the search for the lower edge pays for it: from there on its degree no longer grows with s.
        if (series.Max(s => s.Degree) > EdgeProducts)
        {
            stage?.Invoke("lower edge of the spectrum");
            (double distance, double residual) = LargestOf(new ReflectedOperator(covariance, upper), subspace, LowerEdgeTolerance);
            lower = Math.Max(0, 0.5 * (upper - distance - residual));
            series = Expand(lower, upper);
        }

        return new Filter(covariance, series, subspace, [.. epochs.Select(k => (Func<double, double>)(x => EpochSchedule.Filter(x, LearningRate, k)))], upper, team);

        ChebyshevSeries[] Expand(double from, double to) => [.. epochs.Select(
            k => ChebyshevSeries.Expand(x => EpochSchedule.Filter(x, LearningRate, k), from, to, Tolerance * EpochSchedule.Filter(from, LearningRate, k)))];
    }

    /// <summary>The eigenvectors of the generalization bulk and of outliers, from V and random vectors; null without a gap below them.</summary>
    private Eigenpairs? Dominant(FeatureMoments all)
    {
        RowShare share = realization.Features;
        int features = share.Count, dimension = realization.Model.Dimension;
        int count = dimension + realization.Model.Classes.Count * 2 + Math.Max(8, dimension / 16);
        if (count > share.Total / 2)
        {
            return null;
        }

        using var block = new Matrix<double>(count, features);
        all.Correlation(0, block.View.Slice(0, 0, dimension, features).Transposed);
        var random = new RandomStream(realization.Seed, StreamPurpose.ProbeVectors);
        for (int i = 0; i < count; i++)
        {
            if (i >= dimension)
            {
                random.FillNormals(long.MaxValue - 1, (long)i * share.Total + share.First, block.Row(i));
            }

            double norm = share.Norm(block.Row(i));
            if (norm > 0)
            {
                TensorPrimitives.Divide(block.Row(i), norm, block.Row(i));
            }
        }

        return DominantSubspace.Find(all.Covariance, block, LeastGapRatio, SubspaceTolerance, eigensolver, team);
    }

    private double TestEdge(ISymmetricOperator covariance)
    {
        (double value, double residual) = LargestOf(covariance, null, ClassEdgeTolerance);
        return value + residual;
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

    /// <summary>Largest eigenvalue on the vectors that are orthogonal to a subspace.</summary>
    private (double Value, double Residual) LargestOf(ISymmetricOperator apply, Eigenpairs? without, double tolerance)
    {
        using var start = new Matrix<double>(1, realization.Features.Count);
        new RandomStream(realization.Seed, StreamPurpose.ProbeVectors).FillNormals(0, realization.Features.First, start.Row(0));
        if (without is not null)
        {
            new DeflatedOperator(apply, without.Vectors, team).Project(start.View);
        }

        (double value, Convergence convergence) = LargestEigenvalue.Compute((x, y) => Multiply(apply, x, y), start.Row(0), tolerance, EdgeProducts, apply.Share);
        return (value, convergence.Residual);
    }

    /// <summary>F_k(U) for all epochs: in closed form on the subspace, by series on what is orthogonal to it.</summary>
    private sealed class Filter(
        ISymmetricOperator covariance, ChebyshevSeries[] series, Eigenpairs? subspace, Func<double, double>[] functions, double upper, ThreadTeam team) : IDisposable
    {
        public int Degree { get; } = series.Max(s => s.Degree);

        public int Deflated { get; } = subspace?.Values.Length ?? 0;

        /// <summary>Bound on ‖F_k(U)x − result‖/‖x‖ for record <paramref name="record"/>.</summary>
        public double ErrorBound(int record)
        {
            double tail = series[record].TailBound;
            return subspace is null ? tail : tail + functions[record](series[record].Lower) * subspace.Convergence.Residual / (subspace.Values[0] - upper);
        }

        /// <summary>readouts[k] ← F_k(U) v for the rows of <paramref name="v"/>, which is overwritten.</summary>
        public unsafe void Apply(Matrix<double> v, Matrix<double> readouts)
        {
            if (subspace is null)
            {
                ChebyshevRecurrence.Apply(covariance, series, v, readouts, team);
                return;
            }

            using Matrix<double> overlaps = KrylovBasis.Project(team, covariance.Share, subspace.Vectors.View, v.View), weighted = new(v.Rows, subspace.Values.Length);
            KrylovBasis.Project(team, covariance.Share, subspace.Vectors.View, v.View).Dispose();
            ChebyshevRecurrence.Apply(covariance, series, v, readouts, team);
            for (int r = 0; r < series.Length; r++)
            {
                double[] filter = [.. subspace.Values.Select(functions[r])];
                for (int l = 0; l < v.Rows; l++)
                {
                    TensorPrimitives.Multiply(overlaps.Row(l), filter, weighted.Row(l));
                }

                Gemm.Multiply(team, 1, weighted.View, subspace.Vectors.View, 1, new MatrixView<double>(readouts.Pointer + r * (nint)readouts.Columns, v.Rows, v.Columns, v.Columns, 1));
            }
        }

        public void Dispose() => subspace?.Dispose();
    }

    /// <summary>shift − A.</summary>
    private sealed class ReflectedOperator(ISymmetricOperator apply, double shift) : ISymmetricOperator
    {
        public int Dimension => apply.Dimension;

        public RowShare Share => apply.Share;

        public long MemoryBytes => apply.MemoryBytes;

        public double Flops(int vectors) => apply.Flops(vectors) + 2.0 * Dimension * vectors;

        public void Apply(MatrixView<double> x, MatrixView<double> y)
        {
            apply.Apply(x, y);
            for (int l = 0; l < x.Columns; l++)
            {
                for (int i = 0; i < x.Rows; i++)
                {
                    y[i, l] = shift * x[i, l] - y[i, l];
                }
            }
        }
    }
}
