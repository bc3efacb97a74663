using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Numerics.Distribution;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// A covariance matrix of which every process keeps some panels of the upper triangle: P²/2 numbers divided among them. A product sends the
/// vectors twice through a sum over the processes.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>, as in <see cref="StoredCovariance{T}"/>.</typeparam>
internal sealed class SharedCovariance<T> : ISymmetricOperator, IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ThreadTeam team;
    private readonly List<(int Start, Matrix<T> Panel)> panels = [];

    /// <exception cref="OutOfMemoryException">The panels of this process do not fit.</exception>
    public SharedCovariance(MehlerCovariance source, ThreadTeam team)
    {
        this.team = team;
        Share = source.Share;
        source.ForPanels((start, panel) =>
        {
            var kept = new Matrix<T>(panel.Rows, panel.Columns);
            team.For(panel.Rows, i => TensorPrimitives.ConvertTruncating<double, T>(Row(panel, i), kept.Row(i)));
            panels.Add((start, kept));
        });
    }

    public int Dimension => Share.Count;

    public RowShare Share { get; }

    public unsafe long MemoryBytes => panels.Sum(p => sizeof(T) * p.Panel.Length);

    public double Flops(int vectors) => 4.0 * panels.Sum(p => p.Panel.Length) * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using Matrix<double> input = SharedVectors.Gather(Share, x), output = new(x.Columns, Share.Total);
        ForPanels((start, panel) => SymmetricPanels.Multiply(team, start, panel, input.Transposed, output.Transposed));
        SharedVectors.Scatter(Share, output, y);
    }

    public void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        double[] sums = new double[forms.Length];
        SharedVectors.ForBands(Share, x, (first, band) => ForPanels(
            (start, panel) => SymmetricPanels.AddForms(team, start, panel, band, sums.AsSpan(first, band.Columns))));
        Share.Sum(sums);
        sums.CopyTo(forms);
    }

    public void Dispose() => panels.ForEach(p => p.Panel.Dispose());

    private static unsafe Span<double> Row(MatrixView<double> panel, int i) => new(panel.Pointer + i * panel.RowStride, panel.Columns);

    private void ForPanels(Action<int, MatrixView<double>> use)
    {
        foreach ((int start, Matrix<T> panel) in panels)
        {
            if (panel is Matrix<double> full)
            {
                use(start, full.View);
                continue;
            }

            using var wide = new Matrix<double>(panel.Rows, panel.Columns);
            team.For(panel.Rows, i => TensorPrimitives.ConvertTruncating<T, double>(panel.Row(i), wide.Row(i)));
            use(start, wide.View);
        }
    }
}
