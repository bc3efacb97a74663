using System.Numerics;
using System.Numerics.Tensors;

namespace Hpc.Theory;

/// <summary>
/// The coefficients at every quadrature node, in the form in which averages E_u[· ĝ] are sums of dot products. Features are ordered
/// v_c² (K of them), κ_aκ_b for a ≤ b, s_c² (K), and the constant 1; the first <see cref="Unknowns"/> pair with the unknowns δ_c, E_ab.
/// </summary>
/// <remarks>
/// Rotated nodes: x, u = Lx, is moved to x + iaLᵀh(u)/‖Gram‖, the Jacobian and the Gaussian going into the weights, with
/// h as <see cref="NodeRotation"/> says. Averages stay the same as long as the poles of the integrand keep to the other side of the nodes for Im z &gt; 0
/// (they do where 1/ĝ falls along h), but no longer run past poles of ĝ(u) as z reaches the spectrum, which real nodes turn into a comb of separate eigenvalues.
/// </remarks>
internal sealed class NodeTable
{
    /// <summary>Largest table of products of features, in bytes.</summary>
    private const long MemoryLimit = 4L << 30;

    private readonly Column[] features;
    private readonly Column[] products;
    private readonly Column weights;

    public NodeTable(TheoryModel model, CentroidQuadrature quadrature, IReadOnlyList<GaussianEquivalence> equivalences, NodeRotation rotation)
    {
        Classes = model.Classes.Count;
        Nodes = quadrature.Weights.Length;
        bool isRotated = IsRotated = rotation != NodeRotation.None;
        int pairs = Classes * (Classes + 1) / 2;
        Unknowns = Classes + pairs;
        Features = Unknowns + Classes + 1;
        long rows = (long)Unknowns * (Unknowns + 1) / 2 + (long)Unknowns * (Classes + 1);
        long bytes = rows * Nodes * (isRotated ? 2 : 1) * sizeof(double);
        if (bytes > MemoryLimit)
        {
            throw new ArgumentException(
                $"{Classes} classes whose centroids span {quadrature.Rank} dimensions need {bytes >> 20} MB ({Nodes} nodes), " +
                $"{MemoryLimit >> 20} MB are allowed: use fewer classes, a Gram matrix of lower rank or a larger tolerance.");
        }

        Pairs = new (int, int)[pairs];
        features = new Column[Features];
        var gains = new Column[Classes];
        var floor = new Complex[Nodes];
        var projections = new Complex[Classes][];
        for (int c = 0; c < Classes; c++)
        {
            projections[c] = Array.ConvertAll(quadrature.Projections[c], u => new Complex(u, 0));
        }

        Complex[] nodeWeights = Array.ConvertAll(quadrature.Weights, w => new Complex(w, 0));
        if (isRotated)
        {
            double[] turns = equivalences.Select(equivalence =>
                rotation == NodeRotation.Turning ? Math.Pow(Math.Tanh(LargestNoise(equivalence)), 2) : 0).ToArray();
            Rotate(model, quadrature, turns, projections, nodeWeights);
        }

        for (int c = 0; c < Classes; c++)
        {
            var known = new Dictionary<Complex, (Complex Gain, Complex Sample, Complex Noise)>();
            var gain = new Complex[Nodes];
            var sample = new Complex[Nodes];
            var noise = new Complex[Nodes];
            for (int i = 0; i < Nodes; i++)
            {
                Complex projection = projections[c][i];
                if (!known.TryGetValue(projection, out (Complex Gain, Complex Sample, Complex Noise) at))
                {
                    if (isRotated)
                    {
                        at = equivalences[c].At(projection);
                    }
                    else
                    {
                        EquivalentCoefficients real = equivalences[c].At(projection.Real);
                        at = (real.LinearGain, real.SampleVariance, real.NoiseVariance);
                    }

                    known[projection] = at;
                }

                (gain[i], sample[i], noise[i]) = at;
                floor[i] += model.Classes[c].Weight * at.Noise;
            }

            gains[c] = new Column(gain, isRotated);
            features[c] = new Column(sample, isRotated);
            features[Unknowns + c] = new Column(noise, isRotated);
        }

        weights = new Column(nodeWeights, isRotated);
        Floor = floor;
        features[Features - 1] = new Column(Enumerable.Repeat(Complex.One, Nodes).ToArray(), isRotated);
        int pair = 0;
        for (int a = 0; a < Classes; a++)
        {
            for (int b = a; b < Classes; b++)
            {
                features[Classes + pair] = gains[a].Times(gains[b]);
                Pairs[pair++] = (a, b);
            }
        }

        LargestGain = Enumerable.Range(0, pairs).Where(p => Pairs[p].First == Pairs[p].Second).MaxBy(p => Feature(Classes + p)[0]);
        if (Nodes == 1 && !isRotated && Feature(Classes + LargestGain)[0] > 0)
        {
            GainRatios = [.. Enumerable.Range(0, pairs).Where(p => Pairs[p].First == Pairs[LargestGain].First || Pairs[p].Second == Pairs[LargestGain].First)
                .Select(p => Feature(Classes + p)[0] / Feature(Classes + LargestGain)[0])];
        }

        products = new Column[rows];
        int row = 0;
        for (int i = 0; i < Unknowns; i++)
        {
            for (int j = 0; j < Features; j++)
            {
                if (j <= i || j >= Unknowns)
                {
                    products[row++] = features[i].Times(features[j]);
                }
            }
        }
    }

    public int Classes { get; }

    public int Nodes { get; }

    /// <summary>Whether the nodes are complex, for use at the spectrum.</summary>
    public bool IsRotated { get; }

    /// <summary>K + K(K+1)/2.</summary>
    public int Unknowns { get; }

    public int Features { get; }

    /// <summary>(a, b) of unknown Classes + index.</summary>
    public (int First, int Second)[] Pairs { get; }

    /// <summary>Position among <see cref="Pairs"/> of κ_m², the largest of κ_c² at the first node.</summary>
    public int LargestGain { get; }

    /// <summary>
    /// κ_c/κ_m where there is one node, else null. E is then e·κκᵀ, and what is small at a pole of ĝ, κᵀRκ and the like, is computed from e alone: as a
    /// sum over pairs it would be the difference of much larger numbers.
    /// </summary>
    public double[]? GainRatios { get; }

    /// <summary>Weights of the nodes (their real parts, where rotated).</summary>
    public ReadOnlySpan<double> Weights => weights.Real;

    /// <summary>Σ_c b_c s_c² at each node.</summary>
    public Complex[] Floor { get; }

    /// <summary>Feature f at each node (its real part, where rotated).</summary>
    public ReadOnlySpan<double> Feature(int feature) => features[feature].Real;

    /// <summary>Adds Σ_f coefficients[f]·feature f to (real, imaginary).</summary>
    public void Accumulate(ReadOnlySpan<Complex> coefficients, double[] real, double[] imaginary)
    {
        for (int f = 0; f < coefficients.Length; f++)
        {
            double re = coefficients[f].Real;
            double im = coefficients[f].Imaginary;
            if (re != 0)
            {
                TensorPrimitives.MultiplyAdd(features[f].Real, re, real, real);
            }

            if (im != 0)
            {
                TensorPrimitives.MultiplyAdd(features[f].Real, im, imaginary, imaginary);
            }

            if (IsRotated)
            {
                TensorPrimitives.MultiplyAdd(features[f].Imaginary, -im, real, real);
                TensorPrimitives.MultiplyAdd(features[f].Imaginary, re, imaginary, imaginary);
            }
        }
    }

    /// <summary>Values at the nodes times the weights.</summary>
    public (double[] Real, double[] Imaginary) Weighted(double[] real, double[] imaginary)
    {
        var weightedReal = new double[Nodes];
        var weightedImaginary = new double[Nodes];
        TensorPrimitives.Multiply(weights.Real, real, weightedReal);
        TensorPrimitives.Multiply(weights.Real, imaginary, weightedImaginary);
        if (IsRotated)
        {
            for (int i = 0; i < Nodes; i++)
            {
                weightedReal[i] -= weights.Imaginary[i] * imaginary[i];
                weightedImaginary[i] += weights.Imaginary[i] * real[i];
            }
        }

        return (weightedReal, weightedImaginary);
    }

    /// <summary>Σ_nodes feature f · (real + i imaginary), weights already inside.</summary>
    public Complex Moment(int feature, double[] real, double[] imaginary) => features[feature].Dot(real, imaginary);

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
                    Complex moment = products[row++].Dot(real, imaginary);
                    matrix[i * Features + j] = moment;
                    if (j < i)
                    {
                        matrix[j * Features + i] = moment;
                    }
                }
            }
        }
    }

    private static void Rotate(
        TheoryModel model,
        CentroidQuadrature quadrature,
        double[] turns,
        Complex[][] projections,
        Complex[] weights)
    {
        int classes = projections.Length;
        int rank = quadrature.Rank;
        double[][] factor = quadrature.Factor;
        double norm = model.CentroidGram.Max(row => row.Sum(x => Math.Abs(x)));
        double angle = GaussianEquivalence.LargestImaginary / norm;
        var jacobian = new Complex[rank * rank];
        var slopes = new double[classes];
        var shift = new double[rank];
        for (int i = 0; i < weights.Length; i++)
        {
            Array.Clear(shift);
            for (int c = 0; c < classes; c++)
            {
                double tanh = Math.Tanh(projections[c][i].Real);
                double square = tanh * tanh;
                slopes[c] = (3 * square - turns[c]) * (1 - square) / (1 - turns[c]);
                for (int k = 0; k < rank; k++)
                {
                    shift[k] += angle * factor[c][k] * tanh * (square - turns[c]) / (1 - turns[c]);
                }
            }

            // (x + i·shift)² − x² and det(I + ia Lᵀ diag(h') L).
            Complex exponent = Complex.Zero;
            for (int k = 0; k < rank; k++)
            {
                exponent += new Complex(-shift[k] * shift[k], 2 * shift[k] * quadrature.Points[i][k]);
                for (int j = 0; j < rank; j++)
                {
                    double sum = 0;
                    for (int c = 0; c < classes; c++)
                    {
                        sum += factor[c][k] * slopes[c] * factor[c][j];
                    }

                    jacobian[k * rank + j] = new Complex(k == j ? 1 : 0, angle * sum);
                }
            }

            weights[i] *= Complex.Exp(-0.5 * exponent) * ComplexSystem.Solve(jacobian, [], rank, 0);
            for (int c = 0; c < classes; c++)
            {
                double imaginary = 0;
                for (int k = 0; k < rank; k++)
                {
                    imaginary += factor[c][k] * shift[k];
                }

                projections[c][i] += new Complex(0, imaginary);
            }
        }
    }

    /// <summary>u ≥ 0 where s_c² is largest, to a grid: the rotation only has to turn near there.</summary>
    private static double LargestNoise(GaussianEquivalence equivalence) =>
        Enumerable.Range(0, 60).Select(i => 0.05 * i).MaxBy(u => equivalence.At(u).NoiseVariance);

    /// <summary>Complex numbers at the nodes, split; without imaginary parts when the nodes are real.</summary>
    private readonly struct Column
    {
        public Column(Complex[] values, bool isComplex)
        {
            Real = Array.ConvertAll(values, value => value.Real);
            Imaginary = isComplex ? Array.ConvertAll(values, value => value.Imaginary) : [];
        }

        private Column(double[] real, double[] imaginary)
        {
            Real = real;
            Imaginary = imaginary;
        }

        public double[] Real { get; }

        public double[] Imaginary { get; }

        public Column Times(Column other)
        {
            var real = new double[Real.Length];
            var imaginary = new double[Imaginary.Length];
            TensorPrimitives.Multiply(Real, other.Real, real);
            for (int i = 0; i < imaginary.Length; i++)
            {
                real[i] -= Imaginary[i] * other.Imaginary[i];
                imaginary[i] = Real[i] * other.Imaginary[i] + Imaginary[i] * other.Real[i];
            }

            return new Column(real, imaginary);
        }

        public Complex Dot(double[] real, double[] imaginary)
        {
            double re = TensorPrimitives.Dot<double>(Real, real);
            double im = TensorPrimitives.Dot<double>(Real, imaginary);
            if (Imaginary.Length > 0)
            {
                re -= TensorPrimitives.Dot<double>(Imaginary, imaginary);
                im += TensorPrimitives.Dot<double>(Imaginary, real);
            }

            return new Complex(re, im);
        }
    }
}
