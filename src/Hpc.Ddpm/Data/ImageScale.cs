namespace Hpc.Ddpm.Data;

/// <summary>
/// Pictures as the network sees them: 28×28 grey values, padded with background to 32×32, averaged over squares of
/// (32/<see cref="Side"/>)² pixels, and mapped linearly from 0 … 255 to −1 … 1.
/// </summary>
public sealed class ImageScale
{
    private const int Padded = 32;
    private const int Border = (Padded - DatasetInfo.Side) / 2;

    /// <param name="side">Rows and columns: one of <see cref="Sides"/>.</param>
    public ImageScale(int side) => Side = Sides.Contains(side)
        ? side
        : throw new ArgumentOutOfRangeException(nameof(side), side, $"Allowed is one of {string.Join(", ", Sides)}.");

    /// <summary>The sizes that there are.</summary>
    public static IReadOnlyList<int> Sides { get; } = [32, 16, 8, 4];

    public int Side { get; }

    public int Pixels => Side * Side;

    /// <summary>The grey value 0 … 255 that a value of the network stands for, cut at both ends.</summary>
    public static long Grey(float value) => (long)Math.Clamp(Math.Round(127.5 * (value + 1.0)), 0, 255);

    /// <summary>Scales one picture.</summary>
    /// <param name="image">28 × 28 grey values.</param>
    /// <param name="destination">Side × Side values in [−1, 1].</param>
    public void Scale(ReadOnlySpan<byte> image, Span<float> destination)
    {
        int square = Padded / Side;
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                int sum = 0;
                for (int y = row * square - Border; y < (row + 1) * square - Border; y++)
                {
                    for (int x = column * square - Border; x < (column + 1) * square - Border; x++)
                    {
                        sum += (uint)y < DatasetInfo.Side && (uint)x < DatasetInfo.Side ? image[y * DatasetInfo.Side + x] : 0;
                    }
                }

                destination[row * Side + column] = (float)(2.0 * sum / (255.0 * square * square) - 1);
            }
        }
    }
}
