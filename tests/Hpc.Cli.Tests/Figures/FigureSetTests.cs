using System.Xml.Linq;
using Hpc.Cli.Figures;

namespace Hpc.Cli.Tests.Figures;

public class FigureSetTests
{
    [Fact]
    public void WritesEveryFigureTwice()
    {
        using TemporaryFolder folder = new();
        string figures = Path.Combine(folder.Path, "figures");
        Assert.Equal(
            ["spectrum", "losses", "gap", "score-error"],
            FigureSet.Draw(SyntheticResult.Simulation().WithTheory().View, figures).Select(figure => figure.Name));
        Assert.Equal(
            ["gap", "losses", "score-error", "spectrum"],
            Directory.GetFiles(figures, "*.svg").Select(Path.GetFileNameWithoutExtension).Order());
        Assert.All(Directory.GetFiles(figures, "*.svg"), file => Assert.All([".png", ".csv"], other => Assert.True(new FileInfo(Path.ChangeExtension(file, other)).Length > 100)));
        Assert.All(Directory.GetFiles(figures, "*.svg"), file =>
        {
            XElement root = XDocument.Load(file).Root!;
            Assert.Contains("@font-face", root.Elements().First(element => element.Name.LocalName == "style").Value);
            Assert.DoesNotContain("http", string.Concat(root.Descendants().Attributes()
                .Where(attribute => !attribute.IsNamespaceDeclaration).Select(attribute => attribute.Value)));
        });
    }

    /// <summary>A run of fresh-noise descent has losses and nothing else.</summary>
    [Fact]
    public void SkipsWhatIsNotThere()
    {
        SyntheticResult result = SyntheticResult.Simulation(1);
        foreach (string name in result.Datasets.Keys.Except(["seed", "class", "epoch", "s", "train_loss", "test_loss"]))
            result.Datasets.Remove(name);
        using TemporaryFolder folder = new();
        Assert.Equal(["losses", "gap"], FigureSet.Draw(result.View, folder.Path).Select(figure => figure.Name));

        result.Datasets.Remove("test_loss");
        Assert.Equal(["losses"], FigureSet.Draw(result.View, folder.Path).Select(figure => figure.Name));
        result.Datasets.Remove("s");
        Assert.Empty(FigureSet.Draw(result.View, folder.Path));
    }

    [Fact]
    public void DrawsTheoryAlone()
    {
        SyntheticResult result = SyntheticResult.Simulation().WithTheory();
        foreach (string name in result.Datasets.Keys.Where(name => !name.StartsWith("theory")))
            result.Datasets.Remove(name);
        using TemporaryFolder folder = new();
        Assert.Equal(["spectrum", "losses", "gap"], FigureSet.Draw(result.View, folder.Path).Select(figure => figure.Name));
    }

    /// <summary>A dataset of a sweep has one dimension more and is not taken for that of one run.</summary>
    [Fact]
    public void LeavesOtherShapesAlone()
    {
        SyntheticResult result = SyntheticResult.Simulation();
        result.Datasets["eigenvalues"] = result.Datasets["eigenvalues"] with
        {
            Dimensions = ["point", "seed", "feature"],
            Shape = [1, SyntheticResult.Seeds, SyntheticResult.Features],
        };
        Assert.Null(SpectrumFigure.Draw(result.View));
    }

    /// <summary>No two figures of a page share an identifier, and every reference has its target.</summary>
    [Fact]
    public void IdentifiersAreUniqueInAPage()
    {
        using TemporaryFolder folder = new();
        XElement[] figures =
        [
            .. FigureSet.Draw(SyntheticResult.Simulation().View, folder.Path).Select(figure => XElement.Parse(figure.Svg)),
        ];
        string[] identifiers = [.. figures.DescendantsAndSelf().Attributes("id").Select(attribute => attribute.Value)];
        Assert.NotEmpty(identifiers);
        Assert.Equal(identifiers.Length, identifiers.Distinct().Count());
        string[] references =
        [
            .. figures.DescendantsAndSelf().Attributes().Where(attribute => attribute.Value.StartsWith("url(#"))
                .Select(attribute => attribute.Value[5..^1]),
        ];
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.Contains(reference, identifiers));
    }

    [Fact]
    public void RejectsAResultWithoutItsSpec()
    {
        Dictionary<string, Results.Dataset> none = [];
        ArgumentException error = Assert.Throws<ArgumentException>(() => new ResultView(none, "{}", []));
        Assert.Contains("model.dimension", error.Message);
    }
}
