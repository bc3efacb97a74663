namespace Hpc.Cli.Figures;

/// <summary>
/// Puts labels beside points so that they cover neither each other nor a point nor a line, and stand nearer to their own point than to
/// any other.
/// </summary>
public static class LabelPlacement
{
    /// <summary>Room around the middle of a point, around a label and around a line, in pixels.</summary>
    private const double PointRadius = 6, Gap = 1;

    /// <summary>Distances of a label from its point.</summary>
    private static readonly double[] Distances = [9, 13, 18, 26, 36, 48, 64, 84, 110, 150];

    /// <summary>Directions in units of a half turn, the easiest to read first: right, left, then between and above, below.</summary>
    private static readonly double[] Directions = [0, 1, 0.25, -0.25, 0.75, -0.75, 0.125, -0.125, 0.875, -0.875, 0.5, -0.5, 0.375, -0.375, 0.625, -0.625];

    /// <summary>Places one label after the other, each at the nearest free place inside the bounds.</summary>
    /// <param name="points">Points, in pixels from the upper left corner.</param>
    /// <param name="sizes">Width and height of each label.</param>
    /// <param name="lines">Points of lines to keep clear of, dense enough that no label slips between two.</param>
    /// <param name="bounds">Where labels may be.</param>
    /// <returns>
    /// Upper left corner of each label, and the point of its edge that is nearest to its point; where there is no free place, right of the
    /// point.
    /// </returns>
    public static IReadOnlyList<(double X, double Y, (double X, double Y) Anchor)> Place(
        IReadOnlyList<(double X, double Y)> points, IReadOnlyList<(double Width, double Height)> sizes, IEnumerable<(double X, double Y)> lines,
        (double Left, double Top, double Right, double Bottom) bounds)
    {
        var obstacles = new List<(double X, double Y)>(lines);
        var labels = new List<Box>();
        var places = new List<(double X, double Y, (double X, double Y) Anchor)>();
        for (int i = 0; i < points.Count; i++)
        {
            (double X, double Y) point = points[i];
            Box[] candidates = [.. Candidates(point, sizes[i].Width, sizes[i].Height)];
            Box box = candidates.Where(IsFree).DefaultIfEmpty(candidates[0]).First();
            labels.Add(box);
            (double X, double Y) anchor = box.Nearest(point);
            obstacles.AddRange(Between(point, anchor));
            places.Add((box.Left, box.Top, anchor));

            bool IsFree(Box candidate)
            {
                (double X, double Y) edge = candidate.Nearest(point);
                double own = Distance(edge, point);
                return candidate.Left >= bounds.Left && candidate.Top >= bounds.Top && candidate.Right <= bounds.Right && candidate.Bottom <= bounds.Bottom
                    && labels.TrueForAll(label => !label.Overlaps(candidate) && Between(point, edge).All(p => Distance(label.Nearest(p), p) > 0))
                    && points.All(p => p == point || Distance(candidate.Nearest(p), p) > Math.Max(PointRadius, own))
                    && obstacles.TrueForAll(p => Distance(candidate.Nearest(p), p) > Gap);
            }
        }

        return places;
    }

    private static IEnumerable<Box> Candidates((double X, double Y) point, double width, double height)
    {
        foreach (double distance in Distances)
        {
            foreach (double direction in Directions)
            {
                (double sine, double cosine) = Math.SinCos(Math.PI * direction);

                // The edge or corner that faces the point is at the distance; upwards is negative.
                double x = point.X + distance * cosine + Side(cosine) * width, y = point.Y - distance * sine - (1 + Side(-sine)) * height;
                yield return new Box(x, y, x + width, y + height);
            }
        }

        // 0 for a label that begins at the point, −1 for one that ends there, −½ for one in the middle.
        static double Side(double component) => component > 0.3 ? 0 : component < -0.3 ? -1 : -0.5;
    }

    /// <summary>Points of a line, three pixels apart.</summary>
    private static IEnumerable<(double X, double Y)> Between((double X, double Y) from, (double X, double Y) to)
    {
        int steps = (int)Math.Ceiling(Distance(from, to) / 3);
        return Enumerable.Range(0, steps).Select(k => (from.X + (to.X - from.X) * k / steps, from.Y + (to.Y - from.Y) * k / steps));
    }

    private static double Distance((double X, double Y) a, (double X, double Y) b) => Math.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));

    private readonly record struct Box(double Left, double Top, double Right, double Bottom)
    {
        public bool Overlaps(Box other) =>
            Left < other.Right + Gap && other.Left < Right + Gap && Top < other.Bottom + Gap && other.Top < Bottom + Gap;

        public (double X, double Y) Nearest((double X, double Y) p) => (Math.Clamp(p.X, Left, Right), Math.Clamp(p.Y, Top, Bottom));
    }
}
