using System.Numerics;

namespace Hpc.Theory;

/// <summary>
/// The spectrum of U in the limit of large N (theory.md section 4): density on an adaptive grid, bulks with their edges, and the
/// eigenvalues that set the time scales of each class.
/// </summary>
/// <remarks>
/// The real axis is scanned from above the spectrum down to the noise floor, each point decided as inside (complex solution) or outside
/// (real solution) by the solver. Edges are where ρ² vanishes linearly; gaps hidden between inside points are sought at minima of ρ, bulks hidden
/// between outside points by a contour integral of g where g and g' do not fit together. Bulks are integrated in
/// log λ = mid − half·cos θ, in which square-root edges are smooth, by adaptive Gauss–Kronrod. Without centroids all of this goes by the distance of λ from
/// the noise floor, to which the lowest bulk comes close at late diffusion times (1e-5 of λ at t = 1, 1e-9 at t = 2.5); with centroids, where neurons saturate and ρ has a thin
/// tail towards 0, their masses are contour integrals and ρ is checked against them.
/// </remarks>
public sealed class SpectralDensity
{
    /// <summary>Largest deviation of the total mass from 1.</summary>
    public const double MassTolerance = 1e-6;

    /// <summary>Relative accuracy of the edges.</summary>
    private const double EdgeTolerance = 2e-7;

    /// <summary>Bulks of less mass are left out; they belong to thin tails (theory.md section 5).</summary>
    private const double SmallestBulk = 2e-8;

    private const double SmallestReportedBulk = 1e-6;

    private const double ScanRatio = 1.06;

    /// <summary>Angle of z above the axis at which plain nodes are smooth; it blurs ρ over 2 % of λ where no rotation is accurate.</summary>
    private const double Tilt = 0.02;

    private const int TiltedPoints = 200;

    /// <summary>Relative imaginary part of g above which a solution found from a neighbour is taken.</summary>
    private const double ClearlyInside = 1e-5;

    /// <summary>Points without a solution after which a rotation is given up.</summary>
    private const int MostLost = 10;

    /// <summary>Distance from the noise floor, over it, below which a bulk has no edges of its own.</summary>
    private const double ClosestToFloor = 1e-8;

    private readonly ResolventEquations equations;

    /// <summary>From where λ is scanned, in equal ratios: the noise floor where all neurons have the same, else 0.</summary>
    private readonly double origin;

    private readonly SortedList<double, Point> points = [];
    private readonly SortedList<double, double> densities = [];
    private readonly double[] total;

    private SpectralDensity(ResolventEquations equations)
    {
        this.equations = equations;
        int classes = equations.Classes;
        int length = SpectralShares.Length(classes);
        origin = equations.Quadrature.Rank == 0 ? equations.Table.Floor[0].Real : 0;
        Scan();
        Atoms = FindAtoms();
        FindHiddenGaps();
        var pieces = new List<(Bulk Bulk, double[] Shares)>();
        foreach ((double location, double mass) in Atoms)
        {
            var shares = new double[length];
            shares[0] = shares[SpectralShares.Noise(classes)] = mass;
            shares[1] = shares[SpectralShares.Noise(classes) + 1] = mass * location;
            pieces.Add((Describe(location, location, shares), shares));
        }

        FindHiddenBulks(pieces);
        IntegrateBulks(pieces);
        total = new double[length];
        foreach ((_, double[] shares) in pieces)
        {
            for (int i = 0; i < length; i++)
            {
                total[i] += shares[i];
            }
        }

        if (!(Math.Abs(TotalMass - 1) <= MassTolerance))
        {
            throw new TheoryConvergenceException(
                $"The density integrates to {TotalMass:r}, not to 1 within {MassTolerance:g1}: part of the spectrum was not resolved.");
        }

        pieces.Sort((a, b) => a.Bulk.From.CompareTo(b.Bulk.From));
        Bulks = pieces.Where(p => p.Bulk.Mass >= SmallestReportedBulk).Select(p => p.Bulk).ToArray();
        MemorizationEigenvalues = Enumerable.Range(0, classes)
            .Select(c => ShareMean(pieces, SpectralShares.Sample(c), kind => kind != BulkKind.Generalization)).ToArray();
        GeneralizationEigenvalue = ShareMean(pieces, SpectralShares.Linear(classes), kind => kind == BulkKind.Generalization);

        Lambda = points.Keys.ToArray();
        Rho = points.Values.Select(point => point.IsInside ? densities.GetValueOrDefault(point.Location, point.Density) : 0).ToArray();
    }

    /// <summary>Grid, increasing, dense where the density varies; points outside the bulks are included, with density 0.</summary>
    public IReadOnlyList<double> Lambda { get; }

    /// <summary>ρ at each grid point: eigenvalues per unit λ, as a fraction of P. Atoms are not in it.</summary>
    public IReadOnlyList<double> Rho { get; }

    /// <summary>Bulks and atoms of mass at least 1e-6, in increasing order.</summary>
    public IReadOnlyList<Bulk> Bulks { get; }

    /// <summary>Eigenvalues of a finite fraction of multiplicity.</summary>
    public IReadOnlyList<(double Location, double Mass)> Atoms { get; }

    /// <summary>
    /// How far ∫ρ over the bulks is from their masses. Without centroids the masses are these integrals and it is 0; with centroids it is below
    /// <see cref="MassTolerance"/>, or up to about a per cent where ρ could only be had blurred over 2 % of λ.
    /// </summary>
    public double DensityMassError { get; private set; }

    /// <summary>Mass of everything found; 1 to <see cref="MassTolerance"/>.</summary>
    public double TotalMass => total[0];

    /// <summary>λ_mem of each class: mean eigenvalue of its samples' share outside the generalization bulk; its time scale is 1/λ.</summary>
    public IReadOnlyList<double> MemorizationEigenvalues { get; }

    /// <summary>λ_gen: mean eigenvalue of the linear share of the generalization bulk; its time scale is 1/λ.</summary>
    public double GeneralizationEigenvalue { get; }

    /// <summary>Computes the whole spectrum.</summary>
    /// <exception cref="TheoryConvergenceException">The mass found is not 1 to <see cref="MassTolerance"/>.</exception>
    public static SpectralDensity Compute(ResolventEquations equations) => new(equations);

    /// <summary>ρ at given real λ, 0 off the spectrum; fastest when they are sorted.</summary>
    /// <exception cref="ArgumentException">A λ is not finite.</exception>
    public static double[] At(ResolventEquations equations, IReadOnlyList<double> lambda)
    {
        var density = new double[lambda.Count];
        ResolventState? near = null;
        for (int i = lambda.Count - 1; i >= 0; i--)
        {
            if (!double.IsFinite(lambda[i]))
            {
                throw new ArgumentException($"λ = {lambda[i]} is not finite.", nameof(lambda));
            }

            near = equations.SolveOnAxis(lambda[i], near);
            density[i] = near.Trace.Imaginary / Math.PI;
        }

        return density;
    }

    private Point Add(double location)
    {
        if (points.TryGetValue(location, out Point? known))
        {
            return known;
        }

        int index = NextIndex(points.Keys, location);
        Point? above = index < points.Count ? points.Values[index] : null;
        Point? below = index > 0 ? points.Values[index - 1] : null;
        bool aboveIsNearer = below == null || (above != null && above.Location - location < location - below.Location);
        (Point? near, Point? far) = aboveIsNearer ? (above, below) : (below, above);
        Point point = Solve(location, near, far);
        points.Add(location, point);
        return point;
    }

    private Point Solve(double location, Point? near, Point? far)
    {
        if (equations.Quadrature.Rank == 0)
        {
            ResolventState state = equations.SolveOnAxis(location, near?.State, far?.State);
            return new Point(location, state, !ResolventEquations.IsReal(state));
        }

        // Outside, plain nodes give a real solution whose ĝ(u) has one sign; the comb of nodes inside the spectrum does not.
        Point?[] neighbours = [near, far];
        foreach (Point? neighbour in neighbours)
        {
            if (neighbour is { IsInside: false } && Outside(neighbour.State) is { } known)
            {
                return known;
            }
        }

        Point? inside = neighbours.FirstOrDefault(neighbour => neighbour is { IsInside: true });
        ResolventState tilted = equations.SolveAbove(Complex.FromPolarCoordinates(location, Tilt), inside?.State);
        return Outside(tilted) ?? new Point(location, tilted, true);

        Point? Outside(ResolventState start) =>
            equations.TryReal(location, start) is { } real && ResolventEquations.HasOneSign(real) ? new Point(location, real, false) : null;
    }

    /// <summary>Index of the first of increasing locations above a location.</summary>
    private static int NextIndex(IList<double> locations, double location)
    {
        int low = 0;
        int high = locations.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (locations[middle] > location)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private void Scan()
    {
        (ResolventState below, ResolventState above) = SpectrumSupport.UpperEdge(equations, 1.02);
        points.Add(above.Z.Real, new Point(above.Z.Real, above, false));
        Add(below.Z.Real);
        double floor = SpectrumSupport.LowerBound(equations, 1e-3 * SmallestBulk);
        double lowest = origin > 0 ? ClosestToFloor * floor : floor / ScanRatio;
        for (double distance = (below.Z.Real - origin) / ScanRatio; distance > lowest; distance /= ScanRatio)
        {
            Add(origin + distance);
        }

        Add(origin + lowest / ScanRatio);
        if (origin > 0)
        {
            Add(origin - lowest);
        }
    }

    /// <summary>
    /// A node that holds more than the fraction (N + M)/P of the neurons keeps the rest of them at its noise floor: N + M constraints leave an
    /// eigenspace. With all centroids zero there is one node.
    /// </summary>
    private List<(double Location, double Mass)> FindAtoms()
    {
        NodeTable table = equations.Table;
        double constrained = (1 + equations.SampleRatio) / equations.FeatureRatio;
        var atoms = new List<(double, double)>();
        for (int i = 0; i < table.Nodes; i++)
        {
            if (table.Nodes == 1 && table.Weights[i] > constrained)
            {
                atoms.Add((table.Floor[i].Real, table.Weights[i] - constrained));
            }
        }

        return atoms;
    }

    /// <summary>Looks for a gap at every local minimum of ρ by golden-section search.</summary>
    private void FindHiddenGaps()
    {
        Point[] scan = [.. points.Values];
        for (int i = 1; i + 1 < scan.Length; i++)
        {
            if (scan[i - 1].IsInside && scan[i].IsInside && scan[i + 1].IsInside
                && scan[i].Density < scan[i - 1].Density && scan[i].Density <= scan[i + 1].Density)
            {
                double low = scan[i - 1].Location;
                double high = scan[i + 1].Location;
                Point best = scan[i];
                for (int step = 0; step < 24 && best.IsInside; step++)
                {
                    double location = best.Location - low > high - best.Location
                        ? best.Location - 0.382 * (best.Location - low)
                        : best.Location + 0.382 * (high - best.Location);
                    Point candidate = Add(location);
                    if (!candidate.IsInside || candidate.Density < best.Density)
                    {
                        (low, high) = location < best.Location ? (low, best.Location) : (best.Location, high);
                        best = candidate;
                    }
                    else
                    {
                        (low, high) = location < best.Location ? (location, high) : (low, location);
                    }
                }
            }
        }
    }

    private void FindHiddenBulks(List<(Bulk Bulk, double[] Shares)> pieces)
    {
        Point[] scan = [.. points.Values];
        for (int i = 0; i + 1 < scan.Length; i++)
        {
            if (!scan[i].IsInside && !scan[i + 1].IsInside)
            {
                Search(scan[i], scan[i + 1]);
            }
        }

        void Search(Point low, Point high)
        {
            double a = low.Location;
            double b = high.Location;
            double width = b - a;
            double trapezoid = 0.5 * width * (equations.Derivative(low.State).Trace.Real + equations.Derivative(high.State).Trace.Real);
            double missing = trapezoid - (high.State.Trace.Real - low.State.Trace.Real);

            // Mass m in the middle of an interval changes the trapezoid by 4m/width and the difference by −4m/width.
            if (missing < 0.02 * trapezoid || missing * width / 8 < SmallestBulk)
            {
                return;
            }

            double[] shares = ContourShares(a, b);
            for (int k = 0; k < Atoms.Count; k++)
            {
                if (Atoms[k].Location > a && Atoms[k].Location < b)
                {
                    shares[0] -= Atoms[k].Mass;
                    shares[1] -= Atoms[k].Mass * Atoms[k].Location;
                }
            }

            if (shares[0] < SmallestBulk)
            {
                return;
            }

            if (width < EdgeTolerance * (a - origin) || a < origin)
            {
                pieces.Add((Describe(a, b, shares), shares));
                return;
            }

            Point middle = Add(Middle(a, b));
            if (!middle.IsInside)
            {
                Search(low, middle);
                Search(middle, high);
            }
        }
    }

    /// <summary>−(1/2πi)∮ of the shares on the circle through two real points outside the spectrum.</summary>
    private double[] ContourShares(double from, double to)
    {
        double center = 0.5 * (from + to);
        double radius = 0.5 * (to - from);
        double[] previous = Trapezoid(8);
        for (int half = 16; ; half *= 2)
        {
            double[] next = Trapezoid(half);
            if (Math.Abs(next[0] - previous[0]) < 0.1 * SmallestBulk || half > 500)
            {
                return next;
            }

            previous = next;
        }

        double[] Trapezoid(int half)
        {
            var sum = new double[SpectralShares.Length(equations.Classes)];
            ResolventState? near = null;
            for (int j = 0; j < half; j++)
            {
                Complex direction = Complex.FromPolarCoordinates(radius, Math.PI * (j + 0.5) / half);
                near = equations.SolveAbove(center + direction, near);
                Complex[] shares = SpectralShares.At(equations, near);
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] -= (shares[i] * direction).Real / half;
                }
            }

            return sum;
        }
    }

    private void IntegrateBulks(List<(Bulk Bulk, double[] Shares)> pieces)
    {
        Point[] scan = [.. points.Values];
        var edges = new List<(double From, double To)>();

        // A spectrum that thins out towards 0 has no lower edge: it is followed down to the last point of the scan.
        double lower = scan[0].Location;
        for (int i = 0; i + 1 < scan.Length; i++)
        {
            if (!scan[i].IsInside && scan[i + 1].IsInside)
            {
                lower = Edge(scan[i], scan[i + 1]);
            }
            else if (scan[i].IsInside && !scan[i + 1].IsInside)
            {
                edges.Add((lower, Edge(scan[i + 1], scan[i])));
            }
        }

        double[][] integrals = edges.Select(edge => new double[0]).ToArray();
        if (equations.Quadrature.Rank == 0)
        {
            integrals = edges.Select(edge => Integrate(edge.From, edge.To, location => Add(location) is { IsInside: true } p ? p.State : null, equations))
                .ToArray();
        }
        else
        {
            for (int i = 0; i < edges.Count; i++)
            {
                double below = i == 0 ? Math.Log(edges[0].From) - 1 : 0.5 * Math.Log(edges[i - 1].To * edges[i].From);
                double above = i + 1 == edges.Count ? Math.Log(edges[i].To) + 0.5 : 0.5 * Math.Log(edges[i].To * edges[i + 1].From);
                integrals[i] = EllipseShares(below, above);
            }

            SampleDensity(edges, integrals);
        }

        for (int i = 0; i < edges.Count; i++)
        {
            pieces.Add((Describe(edges[i].From, edges[i].To, integrals[i]), integrals[i]));
        }
    }

    /// <summary>
    /// With centroids, masses come from contours on plain nodes and ρ from rotated nodes. The rotation that suits depends on the model, so it has to prove
    /// itself by integrating to the masses; where none does, ρ is extrapolated from plain nodes at <see cref="Tilt"/> and twice that.
    /// </summary>
    private void SampleDensity(List<(double From, double To)> edges, double[][] integrals)
    {
        if (equations.Quadrature.Rank <= CentroidQuadrature.LargestTensorRank)
        {
            foreach (bool turns in new[] { false, true })
            {
                ResolventEquations rotated = NodeSelection.ChooseRotated(equations, MassTolerance, turns);
                var solved = new SortedList<double, ResolventState>();
                densities.Clear();
                int lost = 0;
                double error = 0;
                for (int i = edges.Count - 1; i >= 0 && lost < MostLost && error <= MassTolerance; i--)
                {
                    double[] shares = Integrate(edges[i].From, edges[i].To, On, rotated);
                    error += Math.Abs(shares[0] - integrals[i][0]);
                }

                if (lost < MostLost && error <= MassTolerance)
                {
                    DensityMassError = error;
                    Insert(densities.Keys);
                    return;
                }

                ResolventState? On(double location)
                {
                    // Deep in the tail, where ρ is below rounding, no solution may be found: the mass decides whether that matters.
                    ResolventState? state = lost < MostLost ? FromNeighbours(location) ?? rotated.FindOnAxis(location) : null;
                    lost += state == null ? 1 : 0;
                    if (state != null)
                    {
                        solved[location] = state;
                    }

                    densities[location] = state == null ? 0 : Math.Max(0, state.Trace.Imaginary) / Math.PI;
                    return state;
                }

                // A far start may lead to another root, whose density is next to nothing: such points are solved from above.
                ResolventState? FromNeighbours(double location)
                {
                    int index = NextIndex(solved.Keys, location);
                    foreach (int i in new[] { index, index - 1 })
                    {
                        if (i >= 0 && i < solved.Count && rotated.TryOnAxis(location, solved.Values[i]) is { } state
                            && state.Trace.Imaginary > ClearlyInside * Complex.Abs(state.Trace))
                        {
                            return state;
                        }
                    }

                    return null;
                }
            }
        }

        densities.Clear();
        DensityMassError = 0;
        for (int i = edges.Count - 1; i >= 0; i--)
        {
            double center = 0.5 * Math.Log(edges[i].From * edges[i].To);
            double half = 0.5 * Math.Log(edges[i].To / edges[i].From);
            double mass = 0;
            for (int k = 1; k < TiltedPoints; k++)
            {
                double theta = Math.PI * k / TiltedPoints;
                Point point = Add(Math.Exp(center - half * Math.Cos(theta)));
                if (point.IsInside)
                {
                    // Linear extrapolation of the blur to angle 0.
                    ResolventState twice = equations.SolveAbove(Complex.FromPolarCoordinates(point.Location, 2 * Tilt), point.State);
                    double density = Math.Max(0, 2 * point.Density - twice.Trace.Imaginary / Math.PI);
                    densities[point.Location] = density;
                    mass += density * point.Location * half * Math.Sin(theta) * Math.PI / TiltedPoints;
                }
            }

            DensityMassError += Math.Abs(mass - integrals[i][0]);
        }

        Insert([]);
    }

    private void Insert(IEnumerable<double> locations)
    {
        foreach (double location in points.Keys.Where(x => points[x].IsInside && !densities.ContainsKey(x)).ToArray())
        {
            points.Remove(location);
        }

        foreach (double location in locations)
        {
            points.TryAdd(location, new Point(location, points.Values[0].State, true));
        }
    }

    /// <summary>−(1/2πi)∮ of the shares on an ellipse in log z that crosses the real axis at two points (given as logarithms) in gaps.</summary>
    private double[] EllipseShares(double below, double above)
    {
        double center = 0.5 * (below + above);
        double semiAxis = 0.5 * (above - below);
        double angle = Math.Min(1, semiAxis);
        double[] previous = Trapezoid(32);
        for (int half = 64; ; half *= 2)
        {
            double[] next = Trapezoid(half);
            if (Math.Abs(next[0] - previous[0]) < 0.1 * MassTolerance || half > 2000)
            {
                return next;
            }

            previous = next;
        }

        double[] Trapezoid(int half)
        {
            var sum = new double[SpectralShares.Length(equations.Classes)];
            ResolventState? near = null;
            for (int j = 0; j < half; j++)
            {
                (double sine, double cosine) = Math.SinCos(Math.PI * (j + 0.5) / half);
                Complex z = Complex.Exp(new Complex(center + semiAxis * cosine, angle * sine));
                near = equations.SolveAbove(z, near);
                Complex step = z * new Complex(-semiAxis * sine, angle * cosine);
                Complex[] shares = SpectralShares.At(equations, near);
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] -= (shares[i] * step).Imaginary / half;
                }
            }

            return sum;
        }
    }

    /// <summary>The edge between a point outside and a point inside the spectrum, where ρ² vanishes linearly.</summary>
    private double Edge(Point outside, Point inside)
    {
        Point? further = null;
        for (int i = 0; Math.Abs(outside.Location - inside.Location) > EdgeTolerance * (inside.Location - origin); i++)
        {
            double location = Middle(Math.Min(outside.Location, inside.Location), Math.Max(outside.Location, inside.Location));
            if (further != null && i % 3 != 0 && equations.Quadrature.Rank == 0)
            {
                // Overshoot the extrapolated edge a little, alternating sides, so that both ends of the bracket close in.
                double estimate = Extrapolate(inside, further);
                double slack = (i % 3 == 1 ? 0.05 : -0.05) * (inside.Location - estimate);
                double guess = estimate - slack - Math.Sign(slack) * 0.3 * EdgeTolerance * (inside.Location - origin);
                if ((guess - outside.Location) * (guess - inside.Location) < 0)
                {
                    location = guess;
                }
            }

            Point state = Add(location);
            if (state.IsInside)
            {
                (further, inside) = (inside, state);
            }
            else
            {
                outside = state;
            }
        }

        double edge = further == null || equations.Quadrature.Rank > 0 ? outside.Location : Extrapolate(inside, further);
        return (edge - outside.Location) * (edge - inside.Location) < 0 ? edge : outside.Location;
    }

    private static double Extrapolate(Point near, Point far)
    {
        double nearSquare = near.Density * near.Density;
        double farSquare = far.Density * far.Density;
        return near.Location - nearSquare * (far.Location - near.Location) / (farSquare - nearSquare);
    }

    /// <summary>Middle of two λ, a below b, by the ratio of their distances from the origin where both are above it.</summary>
    private double Middle(double a, double b) => a < origin ? 0.5 * (a + b) : origin + Math.Sqrt((a - origin) * (b - origin));

    private double[] Integrate(double from, double to, Func<double, ResolventState?> solve, ResolventEquations equations)
    {
        double center = 0.5 * Math.Log((from - origin) * (to - origin));
        double half = 0.5 * Math.Log((to - origin) / (from - origin));
        return GaussKronrod.Integrate(Integrand, 0, Math.PI, SpectralShares.Length(equations.Classes), 0.1 * MassTolerance);

        void Integrand(double theta, Span<double> values)
        {
            double distance = Math.Exp(center - half * Math.Cos(theta));
            if (solve(origin + distance) is { } state)
            {
                double jacobian = distance * half * Math.Sin(theta) / Math.PI;
                Complex[] shares = SpectralShares.At(equations, state);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = shares[i].Imaginary * jacobian;
                }
            }
        }
    }

    private Bulk Describe(double from, double to, double[] shares)
    {
        int classes = equations.Classes;
        int best = Enumerable.Range(0, classes).MaxBy(c => shares[SpectralShares.Sample(c)]);
        double samples = Enumerable.Range(0, classes).Sum(c => shares[SpectralShares.Sample(c)]);
        double linear = shares[SpectralShares.Linear(classes)];
        double noise = shares[SpectralShares.Noise(classes)];
        BulkKind kind = noise >= samples && noise >= linear ? BulkKind.NoiseFloor
            : samples >= linear ? BulkKind.Memorization
            : BulkKind.Generalization;
        return new Bulk(from, to, shares[0], shares[1] / shares[0], kind, kind == BulkKind.Memorization ? best : -1);
    }

    private static double ShareMean(List<(Bulk Bulk, double[] Shares)> pieces, int share, Func<BulkKind, bool> isIncluded)
    {
        (Bulk Bulk, double[] Shares)[] included = pieces.Where(p => isIncluded(p.Bulk.Kind)).ToArray();
        IEnumerable<(Bulk Bulk, double[] Shares)> used = included.Length > 0 ? included : pieces;
        return used.Sum(p => p.Shares[share + 1]) / used.Sum(p => p.Shares[share]);
    }

    /// <summary>A point of the real axis; inside the spectrum of a model with centroids the state is at angle <see cref="Tilt"/> above it.</summary>
    private sealed record Point(double Location, ResolventState State, bool IsInside)
    {
        public double Density => IsInside ? Math.Max(0, State.Trace.Imaginary) / Math.PI : 0;
    }
}
