using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// Products with a symmetric matrix that comes as panels of its upper triangle: a panel holds some rows from their diagonal on, so that what
/// is left of the diagonal is never made.
/// </summary>
internal static class SymmetricPanels
{
    private const int ScratchElements = 1 << 22;

    /// <summary>Adds the part of a panel and of its mirror image to Y = A X; the first panel overwrites Y.</summary>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="start">First row of the panel.</param>
    /// <param name="panel">A_ij for b rows and j ≥ start, b×(n − start).</param>
    /// <param name="x">n×k.</param>
    /// <param name="y">n×k.</param>
    public static void Multiply(ThreadTeam team, int start, MatrixView<double> panel, MatrixView<double> x, MatrixView<double> y)
    {
        int rows = panel.Rows, below = panel.Columns - rows, vectors = x.Columns, beta = start == 0 ? 0 : 1;
        Gemm.Multiply(team, 1, panel, x.Slice(start, 0, panel.Columns, vectors), beta, y.Slice(start, 0, rows, vectors));
        if (below > 0)
        {
            Gemm.Multiply(
                team, 1, panel.Slice(0, rows, rows, below).Transposed, x.Slice(start, 0, rows, vectors), beta,
                y.Slice(start + rows, 0, below, vectors));
        }
    }

    /// <summary>Adds the part of a panel and of its mirror image to x_lᵀ A x_l.</summary>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="start">First row of the panel.</param>
    /// <param name="panel">A_ij for b rows and j ≥ start, b×(n − start).</param>
    /// <param name="x">n×k, columns contiguous.</param>
    /// <param name="forms">k numbers.</param>
    public static void AddForms(ThreadTeam team, int start, MatrixView<double> panel, MatrixView<double> x, Span<double> forms)
    {
        int rows = panel.Rows, below = panel.Columns - rows;
        using var images = new Matrix<double>(Math.Clamp(ScratchElements / rows, 1, x.Columns), rows);
        for (int first = 0; first < x.Columns; first += images.Rows)
        {
            int count = Math.Min(images.Rows, x.Columns - first);
            MatrixView<double> image = images.View.Slice(0, 0, count, rows).Transposed, part = x.Slice(start, first, panel.Columns, count);
            Gemm.Multiply(team, 1, panel.Slice(0, 0, rows, rows), part.Slice(0, 0, rows, count), 0, image);
            if (below > 0)
            {
                Gemm.Multiply(team, 2, panel.Slice(0, rows, rows, below), part.Slice(rows, 0, below, count), 1, image);
            }

            for (int l = 0; l < count; l++)
            {
                forms[first + l] += TensorPrimitives.Dot<double>(Top(part, l, rows), images.Row(l));
            }
        }
    }

    private static unsafe ReadOnlySpan<double> Top(MatrixView<double> x, int column, int rows) => new(x.Pointer + column * x.ColumnStride, rows);
}
