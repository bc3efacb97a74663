using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Numerics.Krylov;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// A covariance matrix in memory, made once from its panels; in single precision its elements are rounded once (6e-8 of each), and products
/// are in double.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class StoredCovariance<T> : ISymmetricOperator, IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly Kernel Product = Kernel.Of<double>("stored-operator");

    private const int PanelRows = 512;

    private readonly Matrix<T> matrix;
    private readonly ThreadTeam team;

    /// <exception cref="OutOfMemoryException">P² numbers do not fit.</exception>
    public StoredCovariance(MehlerCovariance source, ThreadTeam team)
    {
        this.team = team;
        matrix = new Matrix<T>(source.Dimension, source.Dimension);
        source.ForPanels((start, panel) => team.For(panel.Rows, i =>
            TensorPrimitives.ConvertTruncating<double, T>(Row(panel, i), matrix.Row(start + i)[start..])));

        // Written row by row; the square on the diagonal of a panel came in both triangles, which differ in the last bit.
        team.For(Dimension, i =>
        {
            for (int j = 0; j < i; j++)
            {
                matrix[i, j] = matrix[j, i];
            }
        });
    }

    public int Dimension => matrix.Rows;

    public unsafe long MemoryBytes => sizeof(T) * matrix.Length;

    public double Flops(int vectors) => 2.0 * Dimension * Dimension * vectors;

    public void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using KernelScope scope = Product.Enter(Flops(x.Columns), MemoryBytes + 2.0 * sizeof(double) * Dimension * x.Columns);
        if (matrix is Matrix<double> full)
        {
            Gemm.Multiply(team, 1, full.View, x, 0, y);
            return;
        }

        using var panel = new Matrix<double>(Math.Min(PanelRows, Dimension), Dimension);
        for (int first = 0; first < Dimension; first += panel.Rows)
        {
            int start = first, rows = Math.Min(panel.Rows, Dimension - first);
            team.For(rows, i => TensorPrimitives.ConvertTruncating<T, double>(matrix.Row(start + i), panel.Row(i)));
            Gemm.Multiply(team, 1, panel.View.Slice(0, 0, rows, Dimension), x, 0, y.Slice(start, 0, rows, y.Columns));
        }
    }

    public void QuadraticForms(MatrixView<double> x, Span<double> forms)
    {
        using KernelScope scope = Product.Enter(Flops(x.Columns) / 2, MemoryBytes / 2 + sizeof(double) * (double)Dimension * x.Columns);
        using var panel = new Matrix<double>(Math.Min(PanelRows, Dimension), Dimension);
        forms.Clear();
        for (int first = 0; first < Dimension; first += panel.Rows)
        {
            int start = first, rows = Math.Min(panel.Rows, Dimension - first);
            team.For(rows, i => TensorPrimitives.ConvertTruncating<T, double>(matrix.Row(start + i)[start..], panel.Row(i)));
            SymmetricPanels.AddForms(team, start, panel.View.Slice(0, 0, rows, Dimension - start), x, forms);
        }
    }

    public void Dispose() => matrix.Dispose();

    private static unsafe Span<double> Row(MatrixView<double> panel, int i) => new(panel.Pointer + i * panel.RowStride, panel.Columns);
}
