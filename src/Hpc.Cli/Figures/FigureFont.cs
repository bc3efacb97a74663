using ScottPlot;
using SkiaSharp;

namespace Hpc.Cli.Figures;

/// <summary>
/// The font of every figure: DejaVu Sans (Latin, Greek, mathematical symbols), carried in this assembly, because text disappears
/// silently where no font is installed. Files in SVG carry it too, as a font face.
/// </summary>
public static class FigureFont
{
    /// <summary>Family name, the font's own, so that a program that ignores font faces finds an installed copy.</summary>
    public const string Family = "DejaVu Sans";

    /// <summary>Families to try in order; Verdana has the same widths.</summary>
    public const string Fallback = "'DejaVu Sans', Verdana, sans-serif";

    private const string Resource = "DejaVuSans-subset.ttf";

    private static readonly byte[] file = Load();
    private static readonly SKTypeface typeface = Register();

    /// <summary>The CSS rule that gives a page or an SVG document the font without any other file.</summary>
    public static string FontFace { get; } =
        $"@font-face{{font-family:'{Family}';src:url(data:font/ttf;base64,{Convert.ToBase64String(file)}) format('truetype')}}";

    /// <summary>Whether the font has a glyph for every character of <paramref name="text"/>.</summary>
    public static bool Contains(string text) => typeface.ContainsGlyphs(text);

    /// <summary>Makes the font the one of all text of <paramref name="plot"/>, present and future.</summary>
    internal static void Apply(Plot plot)
    {
        plot.Font.Set(typeface.FamilyName);
        plot.Legend.FontName = typeface.FamilyName;
    }

    private static byte[] Load()
    {
        using Stream stream = typeof(FigureFont).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its font {Resource}; build it again from complete sources.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static SKTypeface Register()
    {
        using SKData data = SKData.CreateCopy(file);
        SKTypeface loaded = SKTypeface.FromData(data);

        // First in the list, so that an installed copy of another version cannot change a figure.
        Fonts.FontResolvers.Insert(0, new Resolver(loaded));
        return loaded;
    }

    private sealed class Resolver(SKTypeface typeface) : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            fontName == Family ? typeface : null;

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Family ? typeface : null;
    }
}
