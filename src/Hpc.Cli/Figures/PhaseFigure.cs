using ScottPlot;

namespace Hpc.Cli.Figures;

/// <summary>Who comes first, over two swept values (theory.md section 7).</summary>
public static class PhaseFigure
{
    /// <summary>
    /// Sign of log₁₀ τ_1/τ_2 for generalization and memorization: a cell of colour for the theory at every point of the sweep, a marker for the
    /// simulation; null unless two numbers that rise are swept and there are two classes.
    /// </summary>
    public static Drawing? Draw(SweepView sweep)
    {
        if (sweep.Entries != 2 || sweep.Numbers(0) is not { Length: > 2 } rows || sweep.Numbers(1) is not { Length: > 2 } columns || !Rises(rows) || !Rises(columns) || sweep.Points.Any(p => p.Classes.Count != 2))
            return null;
        double[] xEdges = Edges(columns), yEdges = Edges(rows);
        FigureAxes axes = new(sweep.Name, sweep.LabelOf(1), sweep.LabelOf(0), (xEdges.Min(), xEdges.Max()), (yEdges.Min(), yEdges.Max()), false, 0, linear: true);
        List<Curve> table = [];
        bool any = false;
        foreach ((string scale, string word) in ((string, string)[])[("memorization_time", "memorization"), ("generalization_time", "generalization")])
        {
            for (int r = 0; r < rows.Length; r++)
            {
                double[] theory = new double[columns.Length], simulation = new double[columns.Length], errors = new double[columns.Length];
                for (int c = 0; c < columns.Length; c++)
                {
                    (theory[c], simulation[c], errors[c]) = (double.NaN, double.NaN, double.NaN);
                    if (sweep.At(r * columns.Length + c) is not { } result)
                        continue;
                    theory[c] = SweepFigures.TheoryGap(result, scale);
                    (simulation[c], errors[c]) = SeedAverage.Of([.. SweepFigures.SeedGaps(result, scale)]);
                    any |= double.IsFinite(theory[c]) || double.IsFinite(simulation[c]);
                    if (scale == "memorization_time")
                        Cell(c, r, theory[c], simulation[c], SweepFigures.HasOrder(result, simulation[c], errors[c]));
                    else
                        Corner(c, r, simulation[c], SweepFigures.HasOrder(result, simulation[c], errors[c]));
                }

                string where = $"{sweep.Symbol(0)} = {Superscript.Number(rows[r])}";
                table.Add(new Curve($"{word} simulation, {where}", columns, simulation, errors));
                table.Add(new Curve($"{word} theory, {where}", columns, theory, null));
            }
        }

        if (!any)
            return null;
        LegendItem[] items =
        [
            FigureAxes.FillItem("theory: class 1 is memorized first", Shade(-1)), FigureAxes.FillItem("theory: class 2 is memorized first", Shade(1)),
            FigureAxes.MarkerItem("simulation: class 1 is", MarkerShape.FilledCircle, Tone(-1)),
            FigureAxes.MarkerItem("simulation: class 2 is", MarkerShape.FilledCircle, Tone(1)),
            FigureAxes.MarkerItem("no clear order", MarkerShape.OpenCircle, Colors.Gray),
            FigureAxes.MarkerItem("class learned first", MarkerShape.FilledTriangleUp, Colors.Gray),
        ];
        axes.Legend(2, items);
        return new Drawing(
            "phase-diagram", "Which class is memorized and learned first",
            "Cells: the class that the asymptotic theory memorizes first. Circles: the class that the simulation memorizes first; open where the mean over seeds is within three standard errors and 3/N of none. "
                + "Triangles: the same for the class that the simulation generalizes first.",
            axes.Plot, 3, table);

        void Cell(int c, int r, double theory, double simulation, bool clear)
        {
            // Two classes that are alike have no order, but rounding.
            if (double.IsFinite(theory) && Math.Abs(theory) > 1e-6)
            {
                var cell = axes.Plot.Add.Rectangle(xEdges[c], xEdges[c + 1], yEdges[r], yEdges[r + 1]);
                (cell.FillColor, cell.LineWidth) = (Shade(theory), 0);
            }

            if (double.IsFinite(simulation))
            {
                axes.Plot.Add.Marker(columns[c], rows[r], clear ? MarkerShape.FilledCircle : MarkerShape.OpenCircle, 11, clear ? Tone(simulation) : Colors.Gray);
            }
        }

        void Corner(int c, int r, double simulation, bool clear)
        {
            if (double.IsFinite(simulation))
            {
                axes.Plot.Add.Marker(
                    columns[c] + 0.3 * (xEdges[c + 1] - columns[c]), rows[r] + 0.55 * (yEdges[r + 1] - rows[r]),
                    clear ? MarkerShape.FilledTriangleUp : MarkerShape.OpenTriangleUp, 8, clear ? Tone(simulation) : Colors.Gray);
            }
        }

        static Color Tone(double gap) => Palette.Class(gap < 0 ? 0 : 1, 2);

        static Color Shade(double gap) => Palette.Pale(Palette.Pale(Tone(gap)));
    }

    private static bool Rises(double[] values) => values.Zip(values.Skip(1)).All(pair => pair.Second > pair.First);

    /// <summary>Half-way between neighbouring values, and as far beyond the first and the last.</summary>
    private static double[] Edges(double[] values)
    {
        double[] middles = [.. values.Zip(values.Skip(1), (a, b) => 0.5 * (a + b))];
        return [2 * values[0] - middles[0], .. middles, 2 * values[^1] - middles[^1]];
    }
}
