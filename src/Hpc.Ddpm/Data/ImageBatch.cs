namespace Hpc.Ddpm.Data;

/// <summary>Scaled pictures of the classes of one pair.</summary>
/// <param name="Pixels">Pixels of one picture.</param>
/// <param name="Values">Count × Pixels values.</param>
/// <param name="Classes">Class of each in the pair: 0 the reference, 1 its partner.</param>
/// <param name="Sources">Position of each in its data set.</param>
public sealed record ImageBatch(int Pixels, float[] Values, int[] Classes, int[] Sources)
{
    public int Count => Classes.Length;

    public ReadOnlySpan<float> this[int index] => Values.AsSpan(index * Pixels, Pixels);

    /// <summary>Positions of the pictures of a class.</summary>
    public int[] Of(int member) => [.. Enumerable.Range(0, Count).Where(i => Classes[i] == member)];
}
