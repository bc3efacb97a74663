using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>A figure before it is written.</summary>
/// <param name="Name">File name without extension.</param>
/// <param name="Title">What it shows, in a few words.</param>
/// <param name="Caption">How to read it: marks, bands, what is left out.</param>
/// <param name="Plot">Axes and curves; a logarithmic axis has log₁₀ coordinates.</param>
/// <param name="LegendRows">Rows of the legend below the axes.</param>
/// <param name="Curves">The numbers that it shows, for <c>name.csv</c>.</param>
public sealed record Drawing(string Name, string Title, string Caption, Plot Plot, int LegendRows, IReadOnlyList<Curve> Curves)
{
    /// <summary>Columns of a page of several panels: <see cref="Plot"/> and after it <see cref="OtherPanels"/>, row by row.</summary>
    public int Columns { get; init; } = 1;

    /// <summary>The panels after the first.</summary>
    public IReadOnlyList<Plot> OtherPanels { get; init; } = [];

    /// <summary>Height of a panel in points at scale 1, where its content sets it; null for the usual one.</summary>
    public int? PanelHeight { get; init; }
}
