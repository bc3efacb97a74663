using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Hpc.Cli.Figures;
using Hpc.Cli.Report;
using Hpc.Cli.Tests.Figures;

namespace Hpc.Cli.Tests.Report;

public class HtmlReportTests
{
    private static readonly string[] browsers = ["chromium", "chromium-browser", "google-chrome"];

    [Fact]
    public void IsSelfContained()
    {
        using TemporaryFolder folder = new();
        string page = Page(SyntheticResult.Simulation().WithTheory(), folder);
        Assert.DoesNotMatch("(src|srcset|data|poster)\\s*=", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("<link", page);
        Assert.DoesNotContain("@import", page);
        Assert.All(Regex.Matches(page, "url\\(([^)]*)\\)"), match => Assert.Matches("^(data:font/ttf;base64,|#)", match.Groups[1].Value));
        Assert.All(Regex.Matches(page, " href=\"([^\"]*)\""), match => Assert.StartsWith("./", match.Groups[1].Value));
        Assert.Equal(4, Regex.Count(page, "<svg "));
        Assert.Single(Regex.Matches(page, "@font-face"));
        Assert.Contains("name=\"viewport\"", page);
    }

    [Fact]
    public void EscapesEverything()
    {
        const string Hostile = "<script>alert('x' & \"y\")</script>";
        SyntheticResult result = new() { Name = Hostile };
        foreach ((string name, Results.Dataset dataset) in SyntheticResult.Simulation().WithTheory().Datasets)
            result.Datasets[name] = dataset;
        result.Attributes.Add(new(Hostile, Hostile));
        ((string[])result.Datasets["comparison_quantity"].Values)[0] = Hostile;
        using TemporaryFolder folder = new();
        string page = Page(result, folder, Hostile);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("\"y\")", page);
        Assert.True(Regex.Count(page, "&lt;script&gt;") >= 6);
    }

    [Fact]
    public void ShowsTimeScalesWithErrorsAndCounts()
    {
        using TemporaryFolder folder = new();
        string page = Page(SyntheticResult.Simulation().WithTheory(), folder);
        string[][] rows = Rows(page, "Time scales");
        Assert.Equal(6, rows.Length);

        // Steps of 0.05 over five seeds: standard error 0.05·√(2.5/5).
        Assert.Equal(["generalization", "class 1 (b = 0.75, σ² = 0.5)", "0.900 ± 0.035", "5 of 5", "0.920"], rows[0]);
        Assert.Equal("4 of 5", rows[3][3]);
        Assert.Equal("160", rows[3][4]);
        Assert.Equal(["—", "0 of 5", "—"], rows[5][2..]);
    }

    [Fact]
    public void ShowsTheComparisonAndMarksWhatDiffers()
    {
        using TemporaryFolder folder = new();
        string[][] rows = Rows(Page(SyntheticResult.Simulation().WithTheory(), folder), "Comparison with theory");
        Assert.Equal(["test loss of class 1 at s = 10", "0.7631", "0.7642 ± 0.0011", "1.0"], rows[0]);
        Assert.Equal("<b>−5.0</b>", rows[1][3]);
    }

    [Fact]
    public void LeavesOutWhatIsNotThere()
    {
        SyntheticResult result = new();
        string page = HtmlReport.Page(result.View, [], []);
        Assert.DoesNotContain("<h2>Time scales", page);
        Assert.DoesNotContain("<h2>Comparison", page);
        Assert.DoesNotContain("<h2>Files", page);
        Assert.DoesNotContain("<svg", page);
        Assert.Contains("<h2>Provenance", page);
        Assert.Contains("&quot;diffusionTime&quot;: 0.01", page);
    }

    [Fact]
    public void WritesTheFileWithRelativeLinks()
    {
        using TemporaryFolder folder = new();
        SyntheticResult result = SyntheticResult.Simulation();
        string path = HtmlReport.Write(result.View, [], folder.Path, ["fig2.h5", "figures/losses.png", "a:b?.h5"]);
        Assert.Equal(["report.html"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        string page = File.ReadAllText(path);
        Assert.Contains("href=\"./fig2.h5\"", page);
        Assert.Contains("href=\"./figures/losses.png\"", page);
        Assert.Contains("href=\"./a%3Ab%3F.h5\"", page);
    }

    /// <summary>
    /// In a browser as narrow as a phone the page does not scroll sideways, its text uses its own font, no texts of a figure cover each other, and
    /// the browser has nothing to complain about.
    /// </summary>
    [Fact]
    public void FitsAPhone()
    {
        string? browser = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(folder => browsers.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "No Chromium: install the package chromium to check the page in a browser.");
        using TemporaryFolder folder = new();
        string page = Page(SyntheticResult.Simulation().WithTheory(), folder);
        string probe = page.Replace("</body>", """
            <script>
            let errors = 0, texts = 0, covered = 0;
            addEventListener('error', () => errors++, true);
            document.fonts.ready.then(() => {
              for (const svg of document.querySelectorAll('figure svg')) {
                const boxes = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => text.getBoundingClientRect());
                texts += boxes.length > 5;
                boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => covered +=
                  Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.25 * Math.min(a.height, b.height)));
              }
              parent.postMessage(`overflow ${document.documentElement.scrollWidth - innerWidth} fonts ${[...document.fonts].map(font => font.status)} ` +
                `figures ${texts} covered ${covered} errors ${errors}`, '*');
            })</script></body>
            """);
        File.WriteAllText(Path.Combine(folder.Path, "probe.html"), probe);
        string frame = Path.Combine(folder.Path, "frame.html");
        File.WriteAllText(frame, """
            <!doctype html><p id="result">nothing</p>
            <script>addEventListener('message', event => document.getElementById('result').textContent = event.data)</script>
            <iframe src="probe.html" width="360" height="700" style="border:0"></iframe>
            """);
        ProcessStartInfo start = new(browser!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=10000",
            $"--user-data-dir={Path.Combine(folder.Path, "profile")}", "--dump-dom", $"file://{frame}",
        ])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        StringBuilder messages = new();
        process.ErrorDataReceived += (_, e) => messages.AppendLine(e.Data);
        process.BeginErrorReadLine();
        string dom = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Contains("<p id=\"result\">overflow 0 fonts loaded figures 4 covered 0 errors 0</p>", dom);
        Assert.DoesNotContain("CONSOLE", messages.ToString());
    }

    private static string Page(SyntheticResult result, TemporaryFolder folder, string file = "fig2.h5") =>
        HtmlReport.Page(result.View, FigureSet.Draw(result.View, Path.Combine(folder.Path, "figures")), [file, "figures/losses.png"]);

    /// <summary>Cells of the table under a heading, row by row.</summary>
    private static string[][] Rows(string page, string heading)
    {
        string table = page[page.IndexOf($"<h2>{heading}</h2>", StringComparison.Ordinal)..];
        table = table[table.IndexOf("<tbody>", StringComparison.Ordinal)..table.IndexOf("</tbody>", StringComparison.Ordinal)];
        return [.. Regex.Matches(table, "<tr>(.*?)</tr>").Select(row =>
            Regex.Matches(row.Groups[1].Value, "<td[^>]*>(.*?)</td>").Select(cell => cell.Groups[1].Value).ToArray())];
    }
}
