namespace Hpc.Diffusion.Measurement;

/// <summary>One loss per recorded epoch and class.</summary>
public sealed class ClassLosses(int records, int classes)
{
    private readonly double[] values = new double[records * classes];

    public int Records { get; } = records;

    public int Classes { get; } = classes;

    public ref double this[int record, int c] => ref values[record * Classes + c];

    /// <summary>Row-major, records × classes.</summary>
    public double[] Values => values;

    /// <summary>The curve of one class over the records.</summary>
    public double[] Curve(int c) => [.. Enumerable.Range(0, Records).Select(r => values[r * Classes + c])];
}
