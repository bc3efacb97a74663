using System.Xml.Linq;

namespace Hpc.Cli.Figures;

/// <summary>
/// Makes the SVG of a plot stand by itself: it scales, names what it shows to a screen reader, carries its font, and its identifiers
/// begin with the name of the figure, so that several fit in one page.
/// </summary>
internal static class SvgDocument
{
    private static readonly XNamespace svg = "http://www.w3.org/2000/svg";

    public static XElement Finish(string xml, string name, string title, int width, int height)
    {
        XElement root = XDocument.Parse(xml, LoadOptions.PreserveWhitespace).Root!;
        foreach (XAttribute attribute in root.DescendantsAndSelf().Attributes().ToList())
        {
            if (attribute.Name == "id")
                attribute.Value = $"{name}-{attribute.Value}";
            else if (attribute.Name == "font-family")
                attribute.Value = FigureFont.Fallback;
            else if (attribute.Name == XNamespace.Get("http://www.w3.org/1999/xlink") + "href" && attribute.Value.StartsWith('#'))
                attribute.Value = $"#{name}-{attribute.Value[1..]}";
            else
                attribute.Value = attribute.Value.Replace("url(#", $"url(#{name}-");
        }

        root.SetAttributeValue("viewBox", $"0 0 {width} {height}");
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-labelledby", $"{name}-title");
        root.AddFirst(new XElement(svg + "title", new XAttribute("id", $"{name}-title"), title));
        return root;
    }

    /// <summary>The figure with another name before its identifiers.</summary>
    public static string Rename(string figure, string name, string other) => figure.Replace($"\"{name}-", $"\"{other}-").Replace($"#{name}-", $"#{other}-");

    /// <summary>A copy of <paramref name="root"/> with the font inside, for a file of its own.</summary>
    public static XDocument WithFont(XElement root)
    {
        XElement copy = new(root);
        copy.AddFirst(new XElement(svg + "style", FigureFont.FontFace));
        return new XDocument(new XDeclaration("1.0", "utf-8", null), copy);
    }
}
