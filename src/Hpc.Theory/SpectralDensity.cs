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
/// log λ = mid − half·cos θ, in which square-root edges are smooth, by adaptive Gauss–Kronrod.
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

    private readonly ResolventEquations equations;
    private readonly SortedList<double, ResolventState> points = [];
    private readonly double[] total;

    private SpectralDensity(ResolventEquations equations)
    {
        this.equations = equations;
        int classes = equations.Classes;
        int length = SpectralShares.Length(classes);
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

        ResolventState[] inside = points.Values.ToArray();
        Lambda = inside.Select(state => state.Z.Real).ToArray();
        Rho = inside.Select(Density).ToArray();
    }

    /// <summary>Grid, increasing, dense where the density varies; points outside the bulks are included, with density 0.</summary>
    public IReadOnlyList<double> Lambda { get; }

    /// <summary>ρ at each grid point: eigenvalues per unit λ, as a fraction of P. Atoms are not in it.</summary>
    public IReadOnlyList<double> Rho { get; }

    /// <summary>Bulks and atoms of mass at least 1e-6, in increasing order.</summary>
    public IReadOnlyList<Bulk> Bulks { get; }

    /// <summary>Eigenvalues of a finite fraction of multiplicity.</summary>
    public IReadOnlyList<(double Location, double Mass)> Atoms { get; }

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
            density[i] = Density(near);
        }

        return density;
    }

    private static double Density(ResolventState state) => state.Trace.Imaginary / Math.PI;

    private static bool IsInside(ResolventState state) => !ResolventEquations.IsReal(state);

    private ResolventState Add(double location)
    {
        if (points.TryGetValue(location, out ResolventState? known))
        {
            return known;
        }

        ResolventState? near = null;
        if (points.Count > 0)
        {
            int index = NextIndex(location);
            ResolventState? above = index < points.Count ? points.Values[index] : null;
            ResolventState? below = index > 0 ? points.Values[index - 1] : null;
            bool takeAbove = below == null || (above != null && above.Z.Real - location < location - below.Z.Real);
            near = takeAbove ? above : below;
        }

        ResolventState state = equations.SolveOnAxis(location, near);
        points.Add(location, state);
        return state;
    }

    /// <summary>Index of the first point above a location.</summary>
    private int NextIndex(double location)
    {
        int low = 0;
        int high = points.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (points.Keys[middle] > location)
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
        points.Add(above.Z.Real, above);
        points.Add(below.Z.Real, below);
        double lowest = SpectrumSupport.LowerBound(equations, 1e-3 * SmallestBulk) / ScanRatio;
        for (double location = below.Z.Real / ScanRatio; location > lowest; location /= ScanRatio)
        {
            Add(location);
        }

        Add(lowest / ScanRatio);
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
            if (table.Weights[i] > constrained)
            {
                atoms.Add((table.Floor[i], table.Weights[i] - constrained));
            }
        }

        return atoms;
    }

    /// <summary>Looks for a gap at every local minimum of ρ by golden-section search.</summary>
    private void FindHiddenGaps()
    {
        ResolventState[] scan = [.. points.Values];
        for (int i = 1; i + 1 < scan.Length; i++)
        {
            if (IsInside(scan[i - 1]) && IsInside(scan[i]) && IsInside(scan[i + 1])
                && Density(scan[i]) < Density(scan[i - 1]) && Density(scan[i]) <= Density(scan[i + 1]))
            {
                double low = scan[i - 1].Z.Real;
                double high = scan[i + 1].Z.Real;
                ResolventState best = scan[i];
                for (int step = 0; step < 24 && IsInside(best); step++)
                {
                    double location = best.Z.Real - low > high - best.Z.Real
                        ? best.Z.Real - 0.382 * (best.Z.Real - low)
                        : best.Z.Real + 0.382 * (high - best.Z.Real);
                    ResolventState candidate = Add(location);
                    if (!IsInside(candidate) || Density(candidate) < Density(best))
                    {
                        (low, high) = location < best.Z.Real ? (low, best.Z.Real) : (best.Z.Real, high);
                        best = candidate;
                    }
                    else
                    {
                        (low, high) = location < best.Z.Real ? (location, high) : (low, location);
                    }
                }
            }
        }
    }

    private void FindHiddenBulks(List<(Bulk Bulk, double[] Shares)> pieces)
    {
        ResolventState[] scan = [.. points.Values];
        for (int i = 0; i + 1 < scan.Length; i++)
        {
            if (!IsInside(scan[i]) && !IsInside(scan[i + 1]))
            {
                Search(scan[i], scan[i + 1]);
            }
        }

        void Search(ResolventState low, ResolventState high)
        {
            double a = low.Z.Real;
            double b = high.Z.Real;
            double width = b - a;
            double trapezoid = 0.5 * width * (equations.Derivative(low).Trace.Real + equations.Derivative(high).Trace.Real);
            double missing = trapezoid - (high.Trace.Real - low.Trace.Real);

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

            if (width < EdgeTolerance * a)
            {
                pieces.Add((Describe(a, b, shares), shares));
                return;
            }

            ResolventState middle = Add(Math.Sqrt(a * b));
            if (!IsInside(middle))
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
        ResolventState[] scan = [.. points.Values];
        double lower = double.NaN;
        for (int i = 0; i + 1 < scan.Length; i++)
        {
            if (!IsInside(scan[i]) && IsInside(scan[i + 1]))
            {
                lower = Edge(scan[i], scan[i + 1]);
            }
            else if (IsInside(scan[i]) && !IsInside(scan[i + 1]))
            {
                double upper = Edge(scan[i + 1], scan[i]);
                double[] shares = Integrate(lower, upper);
                pieces.Add((Describe(lower, upper, shares), shares));
            }
        }
    }

    /// <summary>The edge between a point outside and a point inside the spectrum, where ρ² vanishes linearly.</summary>
    private double Edge(ResolventState outside, ResolventState inside)
    {
        ResolventState? further = null;
        for (int i = 0; Math.Abs(outside.Z.Real - inside.Z.Real) > EdgeTolerance * inside.Z.Real; i++)
        {
            double location = Math.Sqrt(outside.Z.Real * inside.Z.Real);
            if (further != null && i % 3 != 0)
            {
                // Overshoot the extrapolated edge a little, alternating sides, so that both ends of the bracket close in.
                double estimate = Extrapolate(inside, further);
                double slack = (i % 3 == 1 ? 0.05 : -0.05) * (inside.Z.Real - estimate);
                double guess = estimate - slack - Math.Sign(slack) * 0.3 * EdgeTolerance * inside.Z.Real;
                if ((guess - outside.Z.Real) * (guess - inside.Z.Real) < 0)
                {
                    location = guess;
                }
            }

            ResolventState state = Add(location);
            if (IsInside(state))
            {
                (further, inside) = (inside, state);
            }
            else
            {
                outside = state;
            }
        }

        double edge = further == null ? outside.Z.Real : Extrapolate(inside, further);
        return (edge - outside.Z.Real) * (edge - inside.Z.Real) < 0 ? edge : outside.Z.Real;
    }

    private static double Extrapolate(ResolventState near, ResolventState far)
    {
        double nearSquare = Density(near) * Density(near);
        double farSquare = Density(far) * Density(far);
        return near.Z.Real - nearSquare * (far.Z.Real - near.Z.Real) / (farSquare - nearSquare);
    }

    private double[] Integrate(double from, double to)
    {
        double center = 0.5 * Math.Log(from * to);
        double half = 0.5 * Math.Log(to / from);
        int length = SpectralShares.Length(equations.Classes);
        return GaussKronrod.Integrate(Integrand, 0, Math.PI, length, 0.01 * MassTolerance);

        void Integrand(double theta, Span<double> values)
        {
            double location = Math.Exp(center - half * Math.Cos(theta));
            ResolventState state = Add(location);
            if (IsInside(state))
            {
                double jacobian = location * half * Math.Sin(theta) / Math.PI;
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
}
