using Hpc.Numerics.Distribution;
using Hpc.Numerics.Eigen;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// An orthonormal basis Q of a Krylov space (rows), with the projection T = Q A Qᵀ of the operator on it: A Qᵀ = Qᵀ T + Rᵀ, where R has
/// rows only for the last block.
/// </summary>
public sealed class KrylovBasis : IDisposable
{
    private static readonly Lazy<ISymmetricEigensolver> Eigensolver = new(() => SymmetricEigensolvers.Find("auto"));

    private readonly double[,] projection;
    private readonly IKrylovVectors? kept;

    internal KrylovBasis(int capacity, ISymmetricOperator apply, ThreadTeam team)
    {
        RowShare share = apply.Share;
        (Team, Share, kept) = (team, share, apply.KeepVectors(capacity));
        Vectors = new Matrix<double>(capacity, share.Count);
        projection = new double[capacity, capacity];
    }

    /// <summary>Number of basis vectors.</summary>
    public int Count { get; internal set; }

    /// <summary>First vector of the last block.</summary>
    public int LastStart { get; internal set; }

    /// <summary>First vector that the operator couples to the last block: the block before it, or everything after a restart.</summary>
    public int CoupledStart { get; internal set; }

    /// <summary>Q, capacity × n; rows from <see cref="Count"/> on are not used.</summary>
    internal Matrix<double> Vectors { get; }

    internal ThreadTeam Team { get; }

    internal RowShare Share { get; }

    internal ref double Projection(int i, int j) => ref projection[i, j];

    /// <summary>w ← w − w Q[from..to]ᵀ Q[from..to], for the rows of w; returns w Qᵀ.</summary>
    internal static Matrix<double> Project(ThreadTeam team, RowShare share, MatrixView<double> basis, MatrixView<double> w)
    {
        var overlaps = new Matrix<double>(w.Rows, basis.Rows);
        Gemm.Multiply(team, 1, w, basis.Transposed, 0, overlaps.View);
        share.Sum(overlaps.Span);
        Gemm.Multiply(team, -1, overlaps.View, basis, 1, w);
        return overlaps;
    }

    /// <summary>Projects as <see cref="Project(ThreadTeam, RowShare, MatrixView{double}, MatrixView{double})"/> on rows from, …, to − 1 of this.</summary>
    /// <returns>w Qᵀ before the first pass.</returns>
    internal Matrix<double> Project(int from, int to, MatrixView<double> w, int passes = 1)
    {
        if (kept is not null)
        {
            var overlaps = new Matrix<double>(w.Rows, to - from);
            kept.Project(from, to, passes, w, overlaps.View);
            return overlaps;
        }

        Matrix<double> first = Project(Team, Share, Rows(from, to), w);
        for (int pass = 1; pass < passes; pass++)
        {
            Project(Team, Share, Rows(from, to), w).Dispose();
        }

        return first;
    }

    /// <summary>C·Q with the first vectors, as many as C has columns.</summary>
    internal void Combine(Matrix<double> coefficients, Matrix<double> result)
    {
        if (kept is not null)
        {
            kept.Combine(coefficients.View, result.View);
            return;
        }

        Gemm.Multiply(Team, 1, coefficients.View, Rows(0, coefficients.Columns), 0, result.View);
    }

    /// <summary>To be called when vectors from, …, to − 1 have been written.</summary>
    internal void Written(int from, int to)
    {
        if (to > from)
        {
            kept?.Set(from, Rows(from, to));
        }
    }

    internal MatrixView<double> Rows(int from, int to) => Vectors.View.Slice(from, 0, to - from, Vectors.Columns);

    /// <summary>Eigenvalues (ascending) and eigenvectors (rows) of the leading <paramref name="count"/>×count part of T.</summary>
    internal (double[] Values, Matrix<double> Vectors) Decompose(int count)
    {
        var t = new Matrix<double>(count, count);
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                t[i, j] = 0.5 * (projection[i, j] + projection[j, i]);
            }
        }

        double[] values = new double[count];
        Eigensolver.Value.Decompose(t, values, vectors: true, threads: Team.Count);
        Share.Agree(values);
        Share.Agree(t.Span);
        return (values, t);
    }

    internal void ClearProjection() => Array.Clear(projection);

    public void Dispose()
    {
        kept?.Dispose();
        Vectors.Dispose();
    }
}
