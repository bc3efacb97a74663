using System.Numerics;
using System.Numerics.Tensors;

namespace Hpc.Theory;

/// <summary>
/// The coefficients at every quadrature node, in the form in which averages E_u[· ĝ] are sums of dot products. Features are ordered
/// v_c² (K of them), κ_aκ_b for a ≤ b, s_c² (K), and the constant 1; the first <see cref="Unknowns"/> pair with the unknowns δ_c, E_ab.
/// </summary>
internal sealed class NodeTable
{
    /// <summary>Largest table of products of features, in bytes.</summary>
    private const long MemoryLimit = 4L << 30;

    private readonly double[][] features;
    private readonly double[][] products;

    public NodeTable(TheoryModel model, CentroidQuadrature quadrature, GaussianEquivalence[] equivalences)
    {
        Classes = model.Classes.Count;
        Nodes = quadrature.Weights.Length;
        Weights = quadrature.Weights;
        int pairs = Classes * (Classes + 1) / 2;
        Unknowns = Classes + pairs;
        Features = Unknowns + Classes + 1;
        long rows = (long)Unknowns * (Unknowns + 1) / 2 + (long)Unknowns * (Classes + 1);
        if (rows * Nodes * sizeof(double) > MemoryLimit)
        {
            throw new ArgumentException(
                $"{Classes} classes whose centroids span {quadrature.Rank} dimensions need {rows * Nodes * sizeof(double) >> 20} MB " +
                $"({Nodes} nodes), {MemoryLimit >> 20} MB are allowed: use fewer classes, a Gram matrix of lower rank or a lower order.");
        }

        Pairs = new (int, int)[pairs];
        features = Enumerable.Range(0, Features).Select(_ => new double[Nodes]).ToArray();
        Floor = new double[Nodes];
        features[Features - 1].AsSpan().Fill(1);
        var gains = new double[Classes][];
        for (int c = 0; c < Classes; c++)
        {
            gains[c] = new double[Nodes];
            var known = new Dictionary<double, EquivalentCoefficients>();
            for (int i = 0; i < Nodes; i++)
            {
                double projection = quadrature.Projections[c][i];
                if (!known.TryGetValue(projection, out EquivalentCoefficients at))
                {
                    known[projection] = at = equivalences[c].At(projection);
                }

                features[c][i] = at.SampleVariance;
                features[Unknowns + c][i] = at.NoiseVariance;
                gains[c][i] = at.LinearGain;
                Floor[i] += model.Classes[c].Weight * at.NoiseVariance;
            }
        }

        int pair = 0;
        for (int a = 0; a < Classes; a++)
        {
            for (int b = a; b < Classes; b++)
            {
                TensorPrimitives.Multiply(gains[a], gains[b], features[Classes + pair]);
                Pairs[pair++] = (a, b);
            }
        }

        products = new double[rows][];
        int row = 0;
        for (int i = 0; i < Unknowns; i++)
        {
            for (int j = 0; j < Features; j++)
            {
                if (j <= i || j >= Unknowns)
                {
                    products[row] = new double[Nodes];
                    TensorPrimitives.Multiply(features[i], features[j], products[row++]);
                }
            }
        }
    }

    public int Classes { get; }

    public int Nodes { get; }

    /// <summary>K + K(K+1)/2.</summary>
    public int Unknowns { get; }

    public int Features { get; }

    /// <summary>(a, b) of unknown Classes + index.</summary>
    public (int First, int Second)[] Pairs { get; }

    public double[] Weights { get; }

    /// <summary>Σ_c b_c s_c² at each node.</summary>
    public double[] Floor { get; }

    /// <summary>Feature f at each node.</summary>
    public ReadOnlySpan<double> Feature(int feature) => features[feature];

    /// <summary>Adds Σ_f coefficients[f]·feature f to (real, imaginary).</summary>
    public void Accumulate(ReadOnlySpan<Complex> coefficients, double[] real, double[] imaginary)
    {
        for (int f = 0; f < coefficients.Length; f++)
        {
            if (coefficients[f].Real != 0)
            {
                TensorPrimitives.MultiplyAdd(features[f], coefficients[f].Real, real, real);
            }

            if (coefficients[f].Imaginary != 0)
            {
                TensorPrimitives.MultiplyAdd(features[f], coefficients[f].Imaginary, imaginary, imaginary);
            }
        }
    }

    /// <summary>Σ_nodes feature f · (real + i imaginary), weights already inside.</summary>
    public Complex Moment(int feature, double[] real, double[] imaginary) =>
        new(TensorPrimitives.Dot(features[feature], real), TensorPrimitives.Dot(features[feature], imaginary));

    /// <summary>
    /// All moments of products: matrix[i, j] = Σ_nodes feature i · feature j · (real + i imaginary), i &lt; Unknowns, j &lt; Features.
    /// </summary>
    public void ProductMoments(double[] real, double[] imaginary, Complex[] matrix)
    {
        int row = 0;
        for (int i = 0; i < Unknowns; i++)
        {
            for (int j = 0; j < Features; j++)
            {
                if (j <= i || j >= Unknowns)
                {
                    double[] product = products[row++];
                    var moment = new Complex(TensorPrimitives.Dot(product, real), TensorPrimitives.Dot(product, imaginary));
                    matrix[i * Features + j] = moment;
                    if (j < i)
                    {
                        matrix[j * Features + i] = moment;
                    }
                }
            }
        }
    }
}
