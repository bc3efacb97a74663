using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>Lays a legend out in rows of <paramref name="columns"/> items, each column as wide as its widest item.</summary>
internal sealed class LegendGrid(int columns) : ILegendLayout
{
    public LegendLayout GetLayout(Legend legend, LegendItem[] items, PixelSize maxSize, Paint paint)
    {
        PixelSize[] labels = [.. items.Select(item => item.LabelStyle.Measure(item.LabelText, paint).Size)];
        float lead = legend.SymbolWidth + legend.SymbolPadding;
        float rowHeight = labels.Max(label => label.Height);
        float[] left = new float[columns + 1];
        for (int column = 0; column < columns; column++)
        {
            float width = labels.Where((_, i) => i % columns == column).Select(label => label.Width).DefaultIfEmpty(-lead).Max();
            left[column + 1] = left[column] + lead + width + legend.InterItemPadding.Right;
        }

        PixelRect[] symbolRects = new PixelRect[items.Length];
        PixelRect[] labelRects = new PixelRect[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            float x = legend.Padding.Left + left[i % columns];
            float y = legend.Padding.Top + i / columns * (rowHeight + legend.InterItemPadding.Bottom);
            float lift = FigureAxes.Centring * items[i].LabelFontSize;
            symbolRects[i] = new PixelRect(x, x + legend.SymbolWidth, y + rowHeight - lift, y - lift);
            labelRects[i] = new PixelRect(x + lead, x + lead + labels[i].Width, y + rowHeight, y);
        }

        return new LegendLayout
        {
            LegendItems = items,
            LegendRect = new PixelRect(
                0, labelRects.Max(label => label.Right) + legend.Padding.Right, labelRects[^1].Bottom + legend.Padding.Bottom, 0),
            LabelRects = labelRects,
            SymbolRects = symbolRects,
        };
    }
}
