using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>
/// Ticks of a logarithmic axis whose coordinate is log₁₀ of the value: labels at powers of ten and minor ticks at 2…9 between them; over
/// fewer than two decades labels at 1, 2, 5, and where even those are fewer than three, at 1…9.
/// </summary>
public sealed class DecadeTicks : ITickGenerator
{
    private static readonly int[][] labelledDigits = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

    public Tick[] Ticks { get; private set; } = [];

    /// <summary>Most labels on the axis; with more decades every second, third, … is labelled.</summary>
    public int MaxTickCount { get; set; } = 10;

    public void Regenerate(CoordinateRange range, Edge edge, PixelLength size, Paint paint, LabelStyle labelStyle) =>
        Ticks = Generate(range.Min, range.Max, MaxTickCount);

    public static Tick[] Generate(double low, double high, int most)
    {
        int first = (int)Math.Floor(low), last = (int)Math.Floor(high);
        int[] labelled = labelledDigits.FirstOrDefault(digits => Positions(digits).Count() >= 3) ?? labelledDigits[^1];
        int decades = Positions([1]).Count();
        int stride = labelled.Length == 1 ? (decades + most - 1) / most : 1;
        List<Tick> ticks = [];
        foreach ((int exponent, int digit) in Positions(labelledDigits[^1]))
        {
            double position = exponent + Math.Log10(digit);
            if (labelled.Contains(digit) && exponent % stride == 0)
                ticks.Add(Tick.Major(position, Label(exponent, digit, labelled.Length == 1)));
            else if (stride == 1 || digit == 1)
                ticks.Add(Tick.Minor(position));
        }

        return [.. ticks];

        IEnumerable<(int Exponent, int Digit)> Positions(int[] digits) =>
            from exponent in Enumerable.Range(first, last - first + 1)
            from digit in digits
            let position = exponent + Math.Log10(digit)
            where position >= low - 1e-9 && position <= high + 1e-9
            select (exponent, digit);
    }

    private static string Label(int exponent, int digit, bool powers) => powers
        ? Superscript.PowerOfTen(exponent)
        : Superscript.Number(digit * Math.Pow(10, exponent), 1);
}
