using Hpc.Cli.Figures;

namespace Hpc.Cli.Tests.Figures;

public class LabelPlacementTests
{
    private static readonly (double Left, double Top, double Right, double Bottom) bounds = (0, 0, 600, 400);

    [Fact]
    public void APointAloneHasItsLabelOnTheRight()
    {
        (double x, double y, (double X, double Y) anchor) = Assert.Single(LabelPlacement.Place([(100, 100)], [(80, 14)], [], bounds));
        Assert.Equal((109, 93), (x, y));
        Assert.Equal((109, 100), anchor);
    }

    /// <summary>Points as close as those of a profile, and closer.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(30)]
    public void LabelsCoverNeitherEachOtherNorPointsNorLines(double distance)
    {
        (double X, double Y)[] points = [.. Enumerable.Range(0, 12).Select(i => (200 + distance * (i % 4), 150 + distance * (i / 4)))];
        (double Width, double Height)[] sizes = [.. points.Select((_, i) => (60.0 + 5 * (i % 5), 14.0))];
        (double X, double Y)[] line = [.. Enumerable.Range(0, 200).Select(i => (3.0 * i, 120.0))];
        IReadOnlyList<(double X, double Y, (double X, double Y) Anchor)> places = LabelPlacement.Place(points, sizes, line, bounds);
        for (int i = 0; i < places.Count; i++)
        {
            (double left, double top, _) = places[i];
            (double right, double bottom) = (left + sizes[i].Width, top + sizes[i].Height);
            Assert.True(left >= bounds.Left && top >= bounds.Top && right <= bounds.Right && bottom <= bounds.Bottom);
            Assert.DoesNotContain(points.Concat(line), p => p.X > left && p.X < right && p.Y > top && p.Y < bottom);
            for (int j = 0; j < i; j++)
            {
                Assert.False(
                    left < places[j].X + sizes[j].Width && places[j].X < right && top < places[j].Y + sizes[j].Height && places[j].Y < bottom,
                    $"labels {i} and {j} overlap");
            }
        }
    }
}
