namespace Hpc.Results;

/// <summary>
/// One named array of a result file, row-major, with the names of its dimensions. A dataset with one dimension of its own name is the
/// dimension scale of that name (for example <c>epoch[epoch]</c>).
/// </summary>
/// <param name="Name">Name in the file, for example <c>train_loss</c>.</param>
/// <param name="Dimensions">Names of the dimensions, slowest first, for example seed, epoch, class.</param>
/// <param name="Shape">Length of every dimension.</param>
/// <param name="Values"><c>double[]</c> or <c>long[]</c> of length ∏ Shape.</param>
/// <param name="Units">Unit as text; "1" for a pure number.</param>
/// <param name="LongName">What it is, with its symbol, as a figure would label it.</param>
public sealed record Dataset(
    string Name, IReadOnlyList<string> Dimensions, IReadOnlyList<int> Shape, Array Values, string Units, string LongName)
{
    public double[] Doubles => (double[])Values;

    public long[] Integers => (long[])Values;
}
