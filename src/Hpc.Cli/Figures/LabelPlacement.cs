namespace Hpc.Cli.Figures;

/// <summary>Puts labels beside points so that they cover neither each other nor a point nor a line.</summary>
public static class LabelPlacement
{
    /// <summary>Distances of a label from its point, in pixels, from the one that is best to read on.</summary>
    private static readonly double[] Distances = [9, 16, 26, 40, 58, 80, 110, 150];

    /// <summary>Room around a point, and between two labels.</summary>
    private const double PointRadius = 6, Gap = 1;

    /// <summary>Places one label after the other, each at the nearest free place inside the bounds.</summary>
    /// <param name="points">Points, in pixels from the upper left corner.</param>
    /// <param name="sizes">Width and height of each label.</param>
    /// <param name="lines">Points of lines to keep clear of, dense enough that no label slips between two.</param>
    /// <param name="bounds">Where labels may be.</param>
    /// <returns>Upper left corner of each label; where there is no free place, the one right of the point.</returns>
    public static (double X, double Y)[] Place(
        IReadOnlyList<(double X, double Y)> points, IReadOnlyList<(double Width, double Height)> sizes, IEnumerable<(double X, double Y)> lines,
        (double Left, double Top, double Right, double Bottom) bounds)
    {
        var taken = new List<(double Left, double Top, double Right, double Bottom)>();
        taken.AddRange(lines.Select(p => (p.X - Gap, p.Y - Gap, p.X + Gap, p.Y + Gap)));
        taken.AddRange(points.Select(p => (p.X - PointRadius, p.Y - PointRadius, p.X + PointRadius, p.Y + PointRadius)));
        var places = new (double X, double Y)[points.Count];
        for (int i = 0; i < points.Count; i++)
        {
            (double width, double height) = sizes[i];
            (double X, double Y)[] candidates = [.. Candidates(points[i], width, height)];
            places[i] = candidates.Where(place => IsFree(place, width, height)).DefaultIfEmpty(candidates[0]).First();
            taken.Add((places[i].X - Gap, places[i].Y - Gap, places[i].X + width + Gap, places[i].Y + height + Gap));
        }

        return places;

        bool IsFree((double X, double Y) place, double width, double height) =>
            place.X >= bounds.Left && place.Y >= bounds.Top && place.X + width <= bounds.Right && place.Y + height <= bounds.Bottom
            && taken.TrueForAll(t => place.X >= t.Right || place.X + width <= t.Left || place.Y >= t.Bottom || place.Y + height <= t.Top);
    }

    /// <summary>Right, left, above, below and between them, nearest first.</summary>
    private static IEnumerable<(double X, double Y)> Candidates((double X, double Y) point, double width, double height)
    {
        foreach (double distance in Distances)
        {
            double diagonal = 0.7 * distance;
            double right = point.X + distance, left = point.X - distance - width, middle = point.X - width / 2;
            double above = point.Y - distance - height, below = point.Y + distance, level = point.Y - height / 2;
            yield return (right, level);
            yield return (left, level);
            yield return (point.X + diagonal, point.Y - diagonal - height);
            yield return (point.X - diagonal - width, point.Y - diagonal - height);
            yield return (point.X + diagonal, point.Y + diagonal);
            yield return (point.X - diagonal - width, point.Y + diagonal);
            yield return (middle, above);
            yield return (middle, below);
        }
    }
}
