using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>
/// Colours that stay apart for colour-blind readers: the set of Okabe and Ito (Color Universal Design, 2008), without its yellow, which
/// is too pale for lines on white. A class has the same colour in every figure.
/// </summary>
internal static class Palette
{
    public static readonly Color NoiseFloor = Color.FromHex("#999999");
    public static readonly Color Memorization = Color.FromHex("#E69F00");
    public static readonly Color Generalization = Color.FromHex("#009E73");
    public static readonly Color Spectrum = Color.FromHex("#56B4E9");
    public static readonly Color Theory = Colors.Black;

    private static readonly string[] classes = ["#0072B2", "#D55E00", "#CC79A7", "#56B4E9", "#009E73", "#E69F00", "#000000"];

    /// <summary>Colour of class <paramref name="index"/> of <paramref name="count"/>; more than seven share a perceptual scale.</summary>
    public static Color Class(int index, int count) => count <= classes.Length
        ? Color.FromHex(classes[index])
        : new ScottPlot.Colormaps.Viridis().GetColor(0.95 * index / (count - 1));

    /// <summary>
    /// A paler tone of <paramref name="color"/>, opaque, since overlapping translucent lines would look like other colours.
    /// </summary>
    public static Color Pale(Color color) => color.MixedWith(Colors.White, 0.5);
}
