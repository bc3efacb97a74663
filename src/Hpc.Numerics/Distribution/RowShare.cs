using System.Numerics.Tensors;

namespace Hpc.Numerics.Distribution;

/// <summary>
/// Which rows of long vectors (and of matrices with such columns) this process holds, and the sums over all rows. A whole share holds all of
/// them, and its sums are those that are there already.
/// </summary>
public sealed class RowShare
{
    private readonly IReduction? reduction;

    private RowShare(int first, int count, int total, IReduction? reduction) =>
        (First, Count, Total, this.reduction) = (first, count, total, reduction);

    /// <summary>First row held here.</summary>
    public int First { get; }

    /// <summary>Number of rows held here, at least 1.</summary>
    public int Count { get; }

    /// <summary>Rows of the process that holds most: the same number everywhere, from which the sizes of shared blocks follow.</summary>
    public int LargestCount => (Total + Ranks - 1) / Ranks;

    /// <summary>Number of rows of all processes.</summary>
    public int Total { get; }

    /// <summary>Number of processes that share the rows.</summary>
    public int Ranks => reduction?.Ranks ?? 1;

    /// <summary>Number of this process among them.</summary>
    public int Rank => reduction?.Rank ?? 0;

    /// <summary>Whether all rows are here.</summary>
    public bool IsWhole => reduction is null;

    /// <inheritdoc cref="IReduction.Overlaps"/>
    public bool Overlaps => reduction is { Overlaps: true };

    /// <summary>All rows in this process.</summary>
    public static RowShare Whole(int total) => new(0, total, total, null);

    /// <summary>Contiguous shares that differ by one row at most; whole for one process.</summary>
    /// <exception cref="ArgumentException">More processes than rows.</exception>
    public static RowShare Of(int total, IReduction reduction)
    {
        if (reduction.Ranks > total)
        {
            throw new ArgumentException($"{total} rows cannot be shared by {reduction.Ranks} ranks: start at most {total}.");
        }

        int First(int rank) => (int)((long)total * rank / reduction.Ranks);
        return reduction.Ranks == 1 ? Whole(total) : new(First(reduction.Rank), First(reduction.Rank + 1) - First(reduction.Rank), total, reduction);
    }

    /// <summary>Replaces every element by its sum over all processes.</summary>
    public void Sum(Span<double> values) => reduction?.Sum(values);

    /// <inheritdoc cref="Sum(Span{double})"/>
    public void Sum(Span<float> values) => reduction?.Sum(values);

    /// <inheritdoc cref="IReduction.Begin"/>
    public void Begin(Span<double> values) => reduction?.Begin(values);

    /// <inheritdoc cref="IReduction.Complete"/>
    public void Complete() => reduction?.Complete();

    /// <summary>Σ x_i y_i over all rows.</summary>
    public double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = TensorPrimitives.Dot(x, y);
        reduction?.Sum(new Span<double>(ref sum));
        return sum;
    }

    /// <summary>Euclidean norm over all rows.</summary>
    public double Norm(ReadOnlySpan<double> x) => IsWhole ? TensorPrimitives.Norm(x) : Math.Sqrt(Dot(x, x));

    /// <summary>
    /// Gives all processes the values of the first: what each computes from the same sums may differ in the last bit where processors do, and
    /// processes that decide differently would wait for each other for ever.
    /// </summary>
    public void Agree(Span<double> values)
    {
        if (reduction is { Rank: not 0 })
        {
            values.Clear();
        }

        reduction?.Sum(values);
    }

    /// <summary>The largest of the values of all processes.</summary>
    public double Largest(double value)
    {
        if (reduction is null)
        {
            return value;
        }

        double[] values = new double[Ranks];
        values[Rank] = value;
        reduction.Sum(values);
        return values.Max();
    }

    /// <summary>Whether the answer is yes in any process.</summary>
    public bool Any(bool value)
    {
        double sum = value ? 1 : 0;
        reduction?.Sum(new Span<double>(ref sum));
        return sum > 0;
    }
}
