using Hpc.Diffusion.Model;
using Hpc.Numerics.Quadrature;
using MathNet.Numerics.Distributions;

namespace Hpc.Theory;

/// <summary>
/// Nodes u (one projection per class) and weights for the average E_u over the Gaussian u with covariance Gram (theory.md section 3).
/// </summary>
/// <remarks>
/// Tensor Gauss–Hermite over the rank of Gram up to rank <see cref="LargestTensorRank"/>; nodes of weight below 1e-14 of the largest are
/// dropped and the rest normalized. Above it the nodes are an additive-recurrence lattice (fractional parts of multiples of √prime) mapped by
/// the inverse normal distribution: weights stay positive, as the resolvent equations need, and different shifts estimate the error.
/// </remarks>
public sealed class CentroidQuadrature
{
    public const int LargestTensorRank = 4;


    private const double SmallestWeight = 1e-14;

    private readonly double[][] gram;

    private CentroidQuadrature(double[][] gram, double[][] factor, int rank, int order, double[][] points, double[][] projections, double[] weights)
    {
        this.gram = gram;
        Factor = factor;
        Rank = rank;
        Order = order;
        Projections = projections;
        Points = points;
        Weights = weights;
    }

    /// <summary>L with Gram = L Lᵀ, K×rank.</summary>
    public double[][] Factor { get; }

    public int Rank { get; }

    /// <summary>Nodes per dimension of a tensor rule, or number of points of a lattice.</summary>
    public int Order { get; }

    /// <summary>Projections[c][i] is u_c at node i.</summary>
    public double[][] Projections { get; }

    /// <summary>Points[i] is x at node i, u = Lx.</summary>
    public double[][] Points { get; }

    /// <summary>Positive weights that sum to 1.</summary>
    public double[] Weights { get; }

    /// <param name="gram">Gram, K×K.</param>
    /// <param name="order">Nodes per dimension (tensor), or number of points (lattice).</param>
    /// <param name="shift">Which lattice shift; the tensor rule has only one.</param>
    public static CentroidQuadrature Create(double[][] gram, int order, int shift = 0)
    {
        double[][] factor = Gram.Factor(gram);
        int rank = factor.Length == 0 ? 0 : factor[0].Length;
        (List<double[]> points, List<double> weights) = rank <= LargestTensorRank ? Tensor(rank, order) : Lattice(rank, order, shift);
        double total = weights.Sum();
        var projections = new double[gram.Length][];
        for (int c = 0; c < gram.Length; c++)
        {
            projections[c] = points.Select(x => Project(factor[c], x)).ToArray();
        }

        return new CentroidQuadrature(gram, factor, rank, order, [.. points], projections, weights.Select(w => w / total).ToArray());
    }

    /// <summary>The rule for the same Gram matrix with another order.</summary>
    public CentroidQuadrature Resized(int order) => Create(gram, order);

    /// <summary>
    /// Merges nodes that differ in the sign of u, or of single u_c where centroids are orthogonal. For an odd activation κ_c, v_c² and s_c² are
    /// even in u_c, so every average of sections 4 and 5 stays the same.
    /// </summary>
    public CentroidQuadrature FoldSigns()
    {
        int classes = Projections.Length;
        bool isDiagonal = true;
        for (int i = 0; i < classes; i++)
        {
            for (int j = 0; j < i; j++)
            {
                isDiagonal &= gram[i][j] == 0;
            }
        }

        var merged = new Dictionary<NodeKey, (double[] Point, double Weight)>();
        for (int i = 0; i < Weights.Length; i++)
        {
            double[] values = Projections.Select(u => isDiagonal ? Math.Abs(u[i]) : u[i]).ToArray();
            double leading = values.FirstOrDefault(value => value != 0);
            var key = new NodeKey(leading < 0 ? Array.ConvertAll(values, value => -value) : values);
            bool isKnown = merged.TryGetValue(key, out (double[] Point, double Weight) sum);
            double sign = leading < 0 ? -1 : 1;
            merged[key] = isKnown
                ? (sum.Point, sum.Weight + Weights[i])
                : (Points[i].Select(x => isDiagonal ? Math.Abs(x) : sign * x).ToArray(), Weights[i]);
        }

        var projections = Enumerable.Range(0, classes).Select(c => merged.Keys.Select(key => key.Values[c]).ToArray()).ToArray();
        return new CentroidQuadrature(
            gram,
            Factor,
            Rank,
            Order,
            merged.Values.Select(node => node.Point).ToArray(),
            projections,
            merged.Values.Select(node => node.Weight).ToArray());
    }

    private static double Project(double[] row, double[] x)
    {
        double sum = 0;
        for (int k = 0; k < row.Length; k++)
        {
            sum += row[k] * x[k];
        }

        return sum;
    }

    private static (List<double[]> Points, List<double> Weights) Tensor(int rank, int order)
    {
        var rule = new GaussHermite(order);
        double largest = rule.Weights[order / 2];
        List<double[]> points = [[]];
        List<double> weights = [1];
        double cutoff = SmallestWeight;
        for (int k = 0; k < rank; k++)
        {
            cutoff *= largest;
            var nextPoints = new List<double[]>();
            var nextWeights = new List<double>();
            for (int i = 0; i < points.Count; i++)
            {
                for (int j = 0; j < order; j++)
                {
                    double weight = weights[i] * rule.Weights[j];
                    if (weight >= cutoff)
                    {
                        nextPoints.Add([.. points[i], rule.Nodes[j]]);
                        nextWeights.Add(weight);
                    }
                }
            }

            (points, weights) = (nextPoints, nextWeights);
        }

        return (points, weights);
    }

    private static (List<double[]> Points, List<double> Weights) Lattice(int rank, int count, int shift)
    {
        double[] steps = Primes().Take(rank).Select(p => Math.Sqrt(p)).ToArray();
        double[] offsets = steps.Select(step => Fraction(0.5 + shift * Math.PI * step)).ToArray();
        var points = new List<double[]>(count);
        for (int i = 0; i < count; i++)
        {
            var point = new double[rank];
            for (int k = 0; k < rank; k++)
            {
                double uniform = Fraction(offsets[k] + (i + 1.0) * steps[k]);
                point[k] = Normal.InvCDF(0, 1, Math.Clamp(uniform, 1e-12, 1 - 1e-12));
            }

            points.Add(point);
        }

        return (points, Enumerable.Repeat(1.0 / count, count).ToList());
    }

    private static double Fraction(double x) => x - Math.Floor(x);

    private static IEnumerable<int> Primes()
    {
        for (int n = 2; ; n++)
        {
            if (Enumerable.Range(2, n - 2).TakeWhile(d => d * d <= n).All(d => n % d != 0))
            {
                yield return n;
            }
        }
    }

    private readonly record struct NodeKey(double[] Values)
    {
        public bool Equals(NodeKey other) => Values.AsSpan().SequenceEqual(other.Values);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (double value in Values)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}
