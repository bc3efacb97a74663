using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>A figure before it is written.</summary>
/// <param name="Name">File name without extension.</param>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Caption">How to read it: marks, bands, what is left out.</param>
/// <param name="Plot">Axes and curves; a logarithmic axis has log₁₀ coordinates.</param>
/// <param name="LegendRows">Rows of the legend below the axes.</param>
/// <param name="Curves">The numbers that it shows, for <c>name.csv</c>.</param>
public sealed record Drawing(string Name, string Title, string Caption, Plot Plot, int LegendRows, IReadOnlyList<Curve> Curves);
