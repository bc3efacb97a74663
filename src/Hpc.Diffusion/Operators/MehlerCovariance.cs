using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// The exact average of φφᵀ over Gaussian noise (theory.md section 2) as an operator: panels of the upper triangle of
/// Σ_k ρ^k∘(C_k C_kᵀ)/M, with the exact diagonal, are made, multiplied and forgotten, so that no P×P matrix exists.
/// </summary>
/// <remarks>
/// A product costs P²(N + (K + 1)M + 2k) flops: cheap for fresh samples, whose average is one sample of a wider noise (M = 1), while for M
/// training samples it equals the cost of forming U. At N = 400, P = 24000, M = 12000, K = 5 that is 4·10¹³ flops a product, 7 minutes at
/// 100 GFLOP/s: right for one product with many vectors (the losses of a class), out of the question for the hundreds of a recurrence. The
/// order K is the first whose remainder, by the bound of <see cref="MehlerSeries"/>, is below its tolerance.
/// </remarks>
public sealed class MehlerCovariance : ISymmetricOperator
{
    private static readonly Kernel Product = Kernel.Of<double>("mehler-operator"), Panels = Kernel.Of<double>("mehler-panels");

    private const int BlockSamples = 1024;

    // Coefficients are made again for every panel: panels are small where a single sample makes them cheap and large, 1 GB, where they are not.
    private const long PanelElements = 1 << 23, LargePanelElements = 1 << 27;

    // Panels of the upper triangle shrink: with several for each process, dealt out in turn, all have about the same work.
    private const int PanelsPerRank = 6;

    private readonly Matrix<double> firstLayer;
    private readonly PreactivationMeans means;
    private readonly int samples;
    private readonly double noise;
    private readonly ThreadTeam team;
    private readonly double[] norms;
    private readonly double[] diagonal;
    private readonly double[] gains;
    private readonly Activation activation;
    private IPreactivationAverage average;

    /// <summary>Chooses the order and computes diagonal and gains; one product with W Wᵀ by panels.</summary>
    /// <param name="firstLayer">W, P×N.</param>
    /// <param name="activation">φ.</param>
    /// <param name="means">Mean pre-activations h of the samples.</param>
    /// <param name="samples">M.</param>
    /// <param name="noise">The pre-activation of feature i is h_i + noise · n_i · z.</param>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="share">Rows of vectors that are here; null for all. Processes that share them make the panels in turn.</param>
    public MehlerCovariance(Matrix<double> firstLayer, Activation activation, PreactivationMeans means, int samples, double noise,
        ThreadTeam team, RowShare? share = null)
    {
        Share = share ?? RowShare.Whole(firstLayer.Rows);
        (this.firstLayer, this.activation, this.means, this.samples, this.noise, this.team) = (firstLayer, activation, means, samples,
            noise, team);
        int features = firstLayer.Rows;
        norms = [.. Enumerable.Range(0, features).Select(i =>
            TensorPrimitives.Norm<double>(firstLayer.Row(i)) / Math.Sqrt(firstLayer.Columns))];
        diagonal = new double[features];
        gains = new double[features];
        average = Average(MehlerSeries.LargestOrder / 8);
        ChooseOrder();
        Gain = gains[Share.First..(Share.First + Share.Count)];
    }

    /// <summary>Largest k of the series.</summary>
    public int Order { get; private set; }

    /// <summary>Upper bound on the spectral norm of what the series leaves out.</summary>
    public double RemainderBound { get; private set; }

    /// <summary>E[φ'] of the features that are here, averaged over the samples.</summary>
    public double[] Gain { get; }

    public int Dimension => Share.Count;

    public RowShare Share { get; }

    /// <summary>P.</summary>
    private int Total => firstLayer.Rows;

    public long MemoryBytes => sizeof(double) * (2 * (long)PanelRows + 2L * Math.Min(samples, BlockSamples)) * Total;

    /// <summary>W and the mean pre-activations.</summary>
    private double OperandBytes => sizeof(double) * ((double)firstLayer.Length + (double)Total * samples);

    /// <summary>Most rows of a panel.</summary>
    internal int LargestPanel { get; set; } = int.MaxValue;

    private int PanelRows => (int)Math.Min(
        Math.Min(LargestPanel, Share.IsWhole ? Total : Total / (PanelsPerRank * Share.Ranks) + 1),
        Math.Max(16, (samples == 1 ? PanelElements : LargePanelElements) / Total));

    /// <summary>Of making the panels; the squares on the diagonal are made whole.</summary>
    private double PanelFlops => (double)Total * (Total + PanelRows) * (firstLayer.Columns + (Order + 1.0) * (samples + 1));

    public double Flops(int vectors) => PanelFlops + 2.0 * Total * Total * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using KernelScope scope = Product.Enter(Flops(x.Columns), OperandBytes + 2.0 * sizeof(double) * Total * x.Columns);
        if (Share.IsWhole)
        {
            ForPanels((start, panel) => SymmetricPanels.Multiply(team, start, panel, x, y));
            return;
        }

        using Matrix<double> input = SharedVectors.Gather(Share, x), output = new(x.Columns, Total);
        ForPanels((start, panel) => SymmetricPanels.Multiply(team, start, panel, input.Transposed, output.Transposed));
        SharedVectors.Scatter(Share, output, y);
    }

    public void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        using KernelScope scope = Product.Enter(
            PanelFlops + (double)Total * (Total + PanelRows) * x.Columns, OperandBytes + sizeof(double) * (double)Total * x.Columns);
        double[] sums = new double[forms.Length];
        SharedVectors.ForBands(Share, x, (first, band) => ForPanels(
            (start, panel) => SymmetricPanels.AddForms(team, start, panel, band, sums.AsSpan(first, band.Columns))));
        Share.Sum(sums);
        sums.CopyTo(forms);
    }

    /// <summary>Makes the upper triangle a panel of rows at a time; of several processes each makes its own.</summary>
    /// <param name="use">
    /// Given the first row and the panel, b×(P − first), whose columns begin at the diagonal; it is overwritten by the next.
    /// </param>
    public void ForPanels(Action<int, MatrixView<double>> use)
    {
        int features = Total, columns = Math.Min(samples, BlockSamples);
        using KernelScope scope = Panels.Enter(PanelFlops, OperandBytes + sizeof(double) * 0.5 * features * features);
        using Matrix<double> meanBlock = new(features, columns), block = new(features, columns);
        using Matrix<double> panel = new(PanelRows, features), correlations = new(PanelRows, features);
        for (int first = 0; first < features; first += panel.Rows)
        {
            int start = first, rows = Math.Min(panel.Rows, features - first), width = features - first;
            if (!IsOwn(first / panel.Rows))
            {
                continue;
            }

            Correlate(start, rows, correlations);
            MatrixView<double> target = panel.View.Slice(0, 0, rows, width);
            for (int k = Order; k >= 0; k--)
            {
                if (k < Order)
                {
                    team.For(rows, i => TensorPrimitives.Multiply(panel.Row(i)[..width], correlations.Row(i)[..width], panel.Row(i)[..width]));
                }

                for (int sample = 0; sample < samples; sample += columns)
                {
                    MatrixView<double> part = Coefficients(sample, Math.Min(columns, samples - sample), k, meanBlock, block);
                    Gemm.Multiply(
                        team, 1.0 / samples, part.Slice(start, 0, rows, part.Columns), part.Slice(start, 0, width, part.Columns).Transposed,
                        k == Order && sample == 0 ? 0 : 1, target);
                }
            }

            for (int i = 0; i < rows; i++)
            {
                panel[i, i] = diagonal[start + i];
            }

            use(start, target);
        }
    }

    private bool IsOwn(int panel) => panel % Share.Ranks == Share.Rank;

    /// <summary>ρ_ij for the rows of a panel and columns from its diagonal on.</summary>
    private void Correlate(int first, int rows, Matrix<double> correlations)
    {
        int columns = Total - first, dimension = firstLayer.Columns;
        Gemm.Multiply(
            team, 1.0 / dimension, firstLayer.View.Slice(first, 0, rows, dimension),
            firstLayer.View.Slice(first, 0, columns, dimension).Transposed, 0, correlations.View.Slice(0, 0, rows, columns));
        team.For(rows, i =>
        {
            Span<double> row = correlations.Row(i)[..columns];
            TensorPrimitives.Divide(row, norms.AsSpan(first), row);
            TensorPrimitives.Divide(row, norms[first + i], row);
        });
    }

    private IPreactivationAverage Average(int largestOrder) => PreactivationAverages.Create(activation, largestOrder, noise * norms.Max());

    private void ChooseOrder()
    {
        int features = Total, columns = Math.Min(samples, BlockSamples), prepared = MehlerSeries.LargestOrder / 8;
        using Matrix<double> meanBlock = new(features, columns), block = new(features, columns);
        Accumulate(-1, meanBlock, block, squares: false, diagonal);
        (Order, RemainderBound) = SeriesOrder.Choose(diagonal, Captured, Remainder);
        Accumulate(1, meanBlock, block, squares: false, gains);
        for (int i = 0; i < features; i++)
        {
            gains[i] /= noise * norms[i];
        }

        double[] Captured(int k)
        {
            if (k > prepared)
            {
                prepared *= 2;
                average = Average(prepared);
            }

            double[] captured = new double[features];
            Accumulate(k, meanBlock, block, squares: true, captured);
            return captured;
        }
    }

    private double Remainder(int order, double[] tail)
    {
        using var correlations = new Matrix<double>(PanelRows, Total);
        double[] sums = new double[PanelRows];
        double total = 0;
        for (int first = 0; first < Total; first += correlations.Rows)
        {
            int start = first, rows = Math.Min(correlations.Rows, Total - first);
            if (!IsOwn(first / correlations.Rows))
            {
                continue;
            }

            Correlate(start, rows, correlations);
            team.For(rows, i =>
            {
                // ρ² to the power order + 1, the diagonal left out, and what has no mirror image in the panel twice.
                Span<double> row = correlations.Row(i)[..(Total - start)];
                double[] power = new double[row.Length];
                TensorPrimitives.Multiply(row, row, row);
                row[i] = 0;
                row.CopyTo(power);
                for (int k = 0; k < order; k++)
                {
                    TensorPrimitives.Multiply(power, row, power);
                }

                double square = TensorPrimitives.Dot<double>(power.AsSpan(0, rows), tail.AsSpan(start, rows));
                double rest = TensorPrimitives.Dot<double>(power.AsSpan(rows), tail.AsSpan(start + rows));
                sums[i] = (square + 2 * rest) * tail[start + i];
            });
            total += TensorPrimitives.Sum<double>(sums.AsSpan(0, rows));
        }

        Share.Sum(new Span<double>(ref total));
        return Math.Sqrt(total);
    }

    /// <summary>Means over the samples of the coefficients of one order or of their squares; order −1 stands for E[φ²].</summary>
    private void Accumulate(int order, Matrix<double> meanBlock, Matrix<double> block, bool squares, double[] total)
    {
        for (int first = 0; first < samples; first += block.Columns)
        {
            MatrixView<double> part = Coefficients(first, Math.Min(block.Columns, samples - first), order, meanBlock, block);
            team.For(total.Length, i =>
            {
                Span<double> row = block.Row(i)[..part.Columns];
                total[i] += (squares ? TensorPrimitives.SumOfSquares<double>(row) : TensorPrimitives.Sum<double>(row)) / samples;
            });
        }
    }

    private MatrixView<double> Coefficients(int first, int count, int order, Matrix<double> meanBlock, Matrix<double> block)
    {
        means(first, meanBlock.View.Slice(0, 0, Total, count));
        using KernelScope scope = MehlerSeries.EnterCoefficients(average, (long)Total * count);
        team.For(Total, i =>
        {
            Span<double> row = block.Row(i)[..count];
            if (order < 0)
            {
                average.SecondMoment(meanBlock.Row(i)[..count], noise * norms[i], row);
            }
            else
            {
                average.HermiteCoefficient(order, meanBlock.Row(i)[..count], noise * norms[i], row);
            }
        });
        return block.View.Slice(0, 0, Total, count);
    }
}
