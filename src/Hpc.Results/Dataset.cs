namespace Hpc.Results;

/// <summary>
/// One named array of a result file, row-major, with the names of its dimensions. A dataset with one dimension of its own name is the
/// dimension scale of that name (for example <c>epoch[epoch]</c>); a dataset without dimensions is a single number.
/// </summary>
/// <param name="Name">Name in the file, for example <c>train_loss</c>.</param>
/// <param name="Dimensions">Names of the dimensions, slowest first, for example seed, epoch, class.</param>
/// <param name="Shape">Length of every dimension.</param>
/// <param name="Values"><c>double[]</c> or <c>long[]</c> of length ∏ Shape.</param>
/// <param name="Units">Unit as text; "1" for a pure number.</param>
/// <param name="LongName">What it is, with its symbol, as a figure would label it.</param>
/// <param name="IsCoordinate">
/// True for an auxiliary coordinate, which labels the points of a dimension that has another scale (for example <c>s[epoch]</c>).
/// </param>
public sealed record Dataset(
    string Name,
    IReadOnlyList<string> Dimensions,
    IReadOnlyList<int> Shape,
    Array Values,
    string Units,
    string LongName,
    bool IsCoordinate = false)
{
    public double[] Doubles => (double[])Values;

    public long[] Integers => (long[])Values;

    /// <summary>True when this dataset is the scale of the dimension of its own name.</summary>
    public bool IsScale => Dimensions.Count == 1 && Dimensions[0] == Name;
}
