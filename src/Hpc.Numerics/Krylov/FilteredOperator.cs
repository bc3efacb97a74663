using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>A polynomial of an operator, as an operator.</summary>
/// <param name="apply">A.</param>
/// <param name="series">p on an interval that holds the spectrum of A.</param>
/// <param name="team">Threads for the sums.</param>
public sealed class FilteredOperator(ISymmetricOperator apply, ChebyshevSeries series, ThreadTeam team) : ISymmetricOperator
{
    public int Dimension => apply.Dimension;

    public RowShare Share => apply.Share;

    public IKrylovVectors? KeepVectors(int capacity) => apply.KeepVectors(capacity);

    public long MemoryBytes => apply.MemoryBytes;

    public double Flops(int vectors) => series.Degree * (apply.Flops(vectors) + 5.0 * Dimension * vectors);

    public unsafe void Apply(MatrixView<double> x, MatrixView<double> y)
    {
        using Matrix<double> block = new(x.Columns, Dimension), result = new(1, checked(x.Columns * Dimension));
        MatrixCopy.Copy(x.Transposed, block.View);
        ChebyshevRecurrence.Apply(apply, [series], block, result, team);
        MatrixCopy.Copy(new MatrixView<double>(result.Pointer, x.Columns, Dimension, Dimension, 1), y.Transposed);
    }
}
