namespace Hpc.Cli.Figures;

/// <summary>A figure that was written.</summary>
/// <param name="Name">File name without extension: the figures are <c>Name.png</c> and <c>Name.svg</c>.</param>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Caption">How to read it.</param>
/// <param name="Svg">
/// The figure as an SVG element for a page that has <see cref="FigureFont.FontFace"/>; its identifiers begin with the name, so that a
/// page may hold several.
/// </param>
public sealed record Figure(string Name, string Title, string Caption, string Svg);
