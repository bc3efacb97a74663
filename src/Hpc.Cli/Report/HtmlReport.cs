using System.Text;
using System.Text.Encodings.Web;
using Hpc.Cli.Figures;

namespace Hpc.Cli.Report;

/// <summary>One page that shows a run, with nothing outside it: figures, time scales, comparison with theory, spec, provenance.</summary>
public static class HtmlReport
{
    /// <summary>A difference beyond this many standard errors is set in bold.</summary>
    private const double Notable = 3;

    private const string Style = """
        :root{color-scheme:light}
        body{font:16px/1.5 'DejaVu Sans',Verdana,sans-serif;color:#1a1a1a;background:#fff;max-width:760px;margin:0 auto;padding:0 16px 48px}
        h1{font-size:1.6em;line-height:1.2;margin:1em 0 .2em;overflow-wrap:anywhere}
        h2{font-size:1.15em;margin:2em 0 .5em}
        h1,h2{font-weight:normal}
        p,figcaption{margin:.4em 0}
        figure{margin:1em 0 2em}
        figure svg{display:block;width:100%;height:auto}
        figcaption,.note{color:#444;font-size:.88em}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;font-size:.88em}
        th,td{text-align:left;vertical-align:top;padding:.3em .9em .3em 0;border-bottom:1px solid #ddd;font-weight:normal}
        thead th{border-bottom:1px solid #1a1a1a}
        td.number{white-space:nowrap;font-variant-numeric:tabular-nums}
        td.text{overflow-wrap:anywhere;min-width:9em}
        pre{overflow-x:auto;background:#f5f5f5;padding:.8em;font-size:.82em}
        summary{cursor:pointer}
        a{color:#0072b2}
        """;

    /// <summary>Writes <c>report.html</c> into <paramref name="folder"/>, whole or not at all.</summary>
    /// <param name="results">The merged result.</param>
    /// <param name="figures">What <see cref="FigureSet.Draw(ResultView, string, IReadOnlyCollection{string})"/> returned.</param>
    /// <param name="folder">The output folder of the run.</param>
    /// <param name="files">Files to link to, relative to the folder with forward slashes: the HDF5 file, the figures.</param>
    /// <returns>Path of the page.</returns>
    public static string Write(ResultView results, IReadOnlyList<Figure> figures, string folder, IReadOnlyList<string> files) =>
        Save(Page(results, figures, files), folder);

    /// <summary>Writes the page of a sweep: its figures, links to the page of every point, spec, provenance.</summary>
    /// <param name="sweep">The merged sweep.</param>
    /// <param name="figures">What <see cref="FigureSet.Draw(SweepView, string, IReadOnlyCollection{string})"/> returned.</param>
    /// <param name="pages">What distinguishes a point, and its page, relative to the folder.</param>
    /// <param name="spec">The resolved spec with its sweep.</param>
    /// <param name="attributes">Root attributes of the file.</param>
    /// <param name="folder">The output folder of the run.</param>
    /// <param name="files">Files to link to.</param>
    public static string WriteSweep(
        SweepView sweep, IReadOnlyList<Figure> figures, IReadOnlyList<(string Label, string Page)> pages, string spec,
        IEnumerable<KeyValuePair<string, string>> attributes, string folder, IReadOnlyList<string> files)
    {
        StringBuilder page = Open(sweep.Name, "Random-features score model on Gaussian mixtures: one page for each point of the sweep.");
        Figures(page, figures);
        Links(page, "Points", pages);
        Links(page, "Files", files.Select(file => (file, file)));
        return Save(Close(page, spec, attributes), folder);
    }

    /// <summary>Writes the page of several runs: tables, then the figures of each run.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="introduction">A sentence below it.</param>
    /// <param name="tables">Heading, note, columns and rows of each table.</param>
    /// <param name="runs">What each run shows, its figures, and its page relative to the folder.</param>
    /// <param name="folder">Folder of the page.</param>
    public static string WriteCollection(
        string title, string introduction, IEnumerable<(string Title, string Note, IReadOnlyList<string> Header, IEnumerable<string[]> Rows)> tables,
        IEnumerable<(string Name, string Text, IReadOnlyList<Figure> Figures, string Page)> runs, string folder)
    {
        StringBuilder page = Open(title, introduction);
        Tables(page, tables);
        int number = 0;
        foreach ((string name, string text, IReadOnlyList<Figure> figures, string target) in runs)
        {
            page.Append($"<h2 class=\"run\">{Text(name)}</h2>\n<p>{Text(text)}</p>\n");

            // Figures of several runs have the same names.
            number++;
            Figures(page, [.. figures.Select(f => f with { Svg = SvgDocument.Rename(f.Svg, f.Name, $"run{number}-{f.Name}") })]);
            Links(page, "Data", [("report, data and tables of these figures", target)]);
        }

        return Save(page.Append("</body>\n</html>\n").ToString(), folder);
    }

    /// <summary>Writes the page of a run of another kind: figures, tables, links, spec, provenance.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="introduction">A sentence below it.</param>
    /// <param name="figures">The figures, in their order.</param>
    /// <param name="tables">Heading, note, columns and rows of each table.</param>
    /// <param name="spec">The resolved spec.</param>
    /// <param name="attributes">Root attributes of the file.</param>
    /// <param name="folder">The output folder of the run.</param>
    /// <param name="files">Files to link to, relative to the folder.</param>
    public static string WriteRun(
        string title, string introduction, IReadOnlyList<Figure> figures,
        IEnumerable<(string Title, string Note, IReadOnlyList<string> Header, IEnumerable<string[]> Rows)> tables,
        string spec, IEnumerable<KeyValuePair<string, string>> attributes, string folder, IReadOnlyList<string> files)
    {
        StringBuilder page = Open(title, introduction);
        Figures(page, figures);
        Tables(page, tables);
        Links(page, "Files", files.Select(file => (file, file)));
        return Save(Close(page, spec, attributes), folder);
    }

    /// <summary>The page as text; arguments as for <see cref="Write"/>.</summary>
    public static string Page(ResultView results, IReadOnlyList<Figure> figures, IReadOnlyList<string> files)
    {
        StringBuilder page = Open(results.Name.Length > 0 ? results.Name : "Results", $"Random-features score model on a Gaussian mixture: {results.ModelDescription}.");
        Figures(page, figures);
        TimeScales(page, results);
        Comparison(page, results);
        Links(page, "Files", files.Select(file => (file, file)));
        return Close(page, results.Spec, results.Attributes);
    }

    private static void Tables(StringBuilder page, IEnumerable<(string Title, string Note, IReadOnlyList<string> Header, IEnumerable<string[]> Rows)> tables)
    {
        foreach ((string heading, string note, IReadOnlyList<string> header, IEnumerable<string[]> rows) in tables)
        {
            Table(page, heading, note, header, rows.Select(row => (Cell[])[.. row.Select(cell => new Cell(cell, Number: false))]));
        }
    }

    private static StringBuilder Open(string title, string introduction) => new StringBuilder().Append($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width,initial-scale=1">
        <title>{Text(title)}</title>
        <style>
        {FigureFont.FontFace}
        {Style}
        </style>
        </head>
        <body>
        <h1>{Text(title)}</h1>
        <p>{Text(introduction)}</p>

        """);

    private static void Figures(StringBuilder page, IReadOnlyList<Figure> figures)
    {
        foreach (Figure figure in figures)
        {
            page.Append($"""
                <h2>{Text(figure.Title)}</h2>
                <figure>
                {figure.Svg}
                <figcaption>{Text(figure.Caption)}</figcaption>
                </figure>

                """);
        }
    }

    private static string Close(StringBuilder page, string spec, IEnumerable<KeyValuePair<string, string>> attributes)
    {
        page.Append($"""
            <h2>Spec</h2>
            <details><summary>Resolved spec</summary><pre>{Text(spec)}</pre></details>

            """);
        Table(page, "Provenance", "", ["attribute", "value"], attributes.Select(attribute =>
            (Cell[])[new(attribute.Key, Number: false), new(attribute.Value, Number: false)]));
        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>The page appears whole or not at all.</summary>
    private static string Save(string page, string folder)
    {
        string path = Path.Combine(folder, "report.html");
        string partial = path + ".partial";
        File.WriteAllText(partial, page, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        File.Move(partial, path, overwrite: true);
        return path;
    }

    private static void TimeScales(StringBuilder page, ResultView results)
    {
        (string Name, string Label)[] named =
        [
            ("generalization_time", "generalization"), ("memorization_time", "memorization"),
            ("memorization_rise_time", "memorization, by rise of the test loss"),
        ];
        List<Cell[]> rows = [];
        foreach ((string name, string label) in named)
        {
            TimeScale[] scales = TimeScale.Find(results, name) ?? [];
            for (int index = 0; index < scales.Length; index++)
            {
                TimeScale scale = scales[index];
                rows.Add(
                [
                    new(label, Number: false), new(results.ClassDescription(index), Number: false),
                    new(Superscript.WithError(scale.Mean, scale.Error), Number: true),
                    new(scale.Seeds > 0 ? $"{scale.Reached} of {scale.Seeds}" : "—", Number: true),
                    new(Superscript.Number(scale.Theory), Number: true),
                ]);
            }
        }

        Table(
            page, "Time scales",
            "Rescaled training time s = 2η₀k. Generalization: the test loss has made 90 % of its largest drop. Memorization: test − " +
            "train loss reaches 0.1; by rise: the test loss exceeds its minimum by 5 %. Mean and standard error over the " +
            "seeds that reached it.",
            ["time scale", "class", "simulation", "seeds that reached it", "theory"], rows);
    }

    private static void Comparison(StringBuilder page, ResultView results)
    {
        if (results.Find("comparison_quantity", "row")?.Values is not string[] quantities
            || results.Find("comparison_theory", "row") is not { } theory
            || results.Find("comparison_simulation", "row") is not { } simulation
            || results.Find("comparison_stderr", "row") is not { } error
            || results.Find("comparison_difference", "row") is not { } difference)
            return;
        Table(
            page, "Comparison with theory",
            $"Mean and standard error over seeds against asymptotic theory; differences in standard errors, in bold beyond {Notable}.",
            ["quantity", "theory", "simulation", "difference"], quantities.Select((quantity, row) => (Cell[])
            [
                new(quantity, Number: false), new(Superscript.Number(theory.Doubles[row], 4), Number: true),
                new(Superscript.WithError(simulation.Doubles[row], error.Doubles[row]), Number: true),
                new(Superscript.Number(difference.Doubles[row], 2), Number: true, Bold: Math.Abs(difference.Doubles[row]) > Notable),
            ]));
    }

    private static void Links(StringBuilder page, string title, IEnumerable<(string Label, string Path)> links)
    {
        (string Label, string Path)[] all = [.. links];
        if (all.Length == 0)
            return;
        page.Append($"<h2>{title}</h2>\n<ul>\n");
        foreach ((string label, string path) in all)
        {
            // Every part escaped, so that a name with a colon or a question mark stays a name.
            string address = "./" + string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
            page.Append($"<li><a href=\"{Text(address)}\">{Text(label)}</a></li>\n");
        }

        page.Append("</ul>\n");
    }

    private static void Table(StringBuilder page, string title, string note, IReadOnlyList<string> header, IEnumerable<Cell[]> rows)
    {
        List<Cell[]> all = [.. rows];
        if (all.Count == 0)
            return;
        page.Append($"<h2>{Text(title)}</h2>\n");
        if (note.Length > 0)
            page.Append($"<p class=\"note\">{Text(note)}</p>\n");
        page.Append("<div class=\"wide\"><table>\n<thead><tr>");
        foreach (string name in header)
            page.Append($"<th>{Text(name)}</th>");
        page.Append("</tr></thead>\n<tbody>\n");
        foreach (Cell[] row in all)
        {
            page.Append("<tr>");
            foreach (Cell cell in row)
            {
                string text = cell.Bold ? $"<b>{Text(cell.Value)}</b>" : Text(cell.Value);
                page.Append($"<td class=\"{(cell.Number ? "number" : "text")}\">{text}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table></div>\n");
    }

    private static string Text(string value) => HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All).Encode(value);

    private readonly record struct Cell(string Value, bool Number, bool Bold = false);
}
