using System.Xml.Linq;
using Hpc.Cli.Figures;
using ScottPlot;
using SkiaSharp;

namespace Hpc.Cli.Tests.Figures;

public class FigureFontTests
{
    [Fact]
    public void HasTheSymbolsOfTheField() =>
        Assert.True(FigureFont.Contains("χστλΔηρκα ²₀₁ₜ √∞→−×±≈≤≥·∇‖… 10⁻³⁴⁵⁶⁷⁸⁹"));

    [Fact]
    public void LacksWhatItWasReducedBy() => Assert.False(FigureFont.Contains("漢"));

    /// <summary>The font of the assembly, not an installed one of the same name, which has thousands of glyphs.</summary>
    [Fact]
    public void IsTheOneOfTheAssembly()
    {
        Assert.True(FigureFont.Contains("x"));
        SKTypeface used = Fonts.GetTypeface(FigureFont.Family, bold: false, italic: false);
        Assert.Equal(FigureFont.Family, used.FamilyName);
        Assert.InRange(used.GlyphCount, 300, 700);
    }

    /// <summary>Every text in every figure is in that font and has all its glyphs, so that none becomes an empty box.</summary>
    [Fact]
    public void CoversEveryTextOfEveryFigure()
    {
        using TemporaryFolder folder = new();
        IReadOnlyList<Figure> figures = FigureSet.Draw(SyntheticResult.Simulation().WithTheory().View, folder.Path);
        XElement[] texts = [.. figures.SelectMany(figure => XElement.Parse(figure.Svg).Descendants())
            .Where(element => element.Name.LocalName == "text")];
        Assert.Contains(texts, text => text.Value.Contains("10⁻³"));
        Assert.All(texts, text => Assert.True(FigureFont.Contains(text.Value.Trim()), text.Value));
        Assert.All(texts, text => Assert.Equal(FigureFont.Fallback, (string?)text.Attribute("font-family")));
    }

    /// <summary>Labels leave ink: the strips that only hold the title and the label of the horizontal axis are not blank.</summary>
    [Fact]
    public void LeavesInkInPixels()
    {
        using TemporaryFolder folder = new();
        FigureSet.Draw(SyntheticResult.Simulation().View, folder.Path);
        using SKBitmap bitmap = SKBitmap.Decode(Path.Combine(folder.Path, "score-error.png"));
        Assert.Equal((int)(FigureSet.Width * FigureSet.PixelScale), bitmap.Width);
        double unit = FigureSet.PixelScale;
        Assert.InRange(Ink(bitmap, 0, (int)(25 * unit)), 0.01, 0.3);
        int middle = (int)(bitmap.Height - (26 + 26 + 8) * unit);
        Assert.InRange(Ink(bitmap, middle - (int)(12 * unit), middle + (int)(12 * unit)), 0.01, 0.3);
    }

    private static double Ink(SKBitmap bitmap, int top, int bottom)
    {
        int dark = 0;
        for (int y = top; y < bottom; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
                dark += bitmap.GetPixel(x, y).Green < 128 ? 1 : 0;
        }

        return (double)dark / bitmap.Width / (bottom - top);
    }
}
