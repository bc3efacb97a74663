using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hpc.Numerics.Quadrature;
using Hpc.Numerics.Simd;

namespace Hpc.Diffusion.Covariance;

/// <summary>
/// <see cref="IPreactivationAverage"/> by Gauss–Hermite quadrature, for activations that are analytic near the real axis.
/// </summary>
/// <remarks>
/// The number of nodes is the smallest of a list for which every coefficient up to the largest order agrees with a rule of
/// <see cref="ReferenceNodes"/> nodes to <see cref="Tolerance"/> on a grid of means at the largest deviation asked for; the error grows
/// with the deviation, so smaller ones are at least as accurate.
/// Wide noise needs many nodes (192 for a deviation of 1.3) and makes averages that are smooth in the mean: for many means within a few
/// deviations of each other the rule is applied at some Chebyshev points only, and their interpolating polynomial is evaluated, whose last
/// coefficients are below <see cref="InterpolationTolerance"/>. Measured against the rule at every mean for tanh and erf, deviations 0.3 to 1.5,
/// orders 0 to 6, φ², and means within ±3.7: at most 3e-14.
/// </remarks>
/// <typeparam name="TActivation">φ.</typeparam>
public sealed class QuadratureAverage<TActivation> : IPreactivationAverage
    where TActivation : struct, IElementwise<double>
{
    /// <summary>Largest absolute error of a coefficient, measured against the reference rule.</summary>
    public const double Tolerance = 1e-13;

    /// <summary>Number of nodes of the rule that candidates are measured against.</summary>
    public const int ReferenceNodes = 512;

    /// <summary>Largest coefficient among the last of an interpolating polynomial: they fall geometrically.</summary>
    public const double InterpolationTolerance = 2e-15;

    /// <summary>Below this many nodes the rule costs no more than a polynomial.</summary>
    private const int FewNodes = 24;

    /// <summary>Last coefficients that are looked at, two of each parity; and means there must be for every point.</summary>
    private const int LastCoefficients = 4, SavedPoints = 4;

    /// <summary>Numbers of Chebyshev points, and cos(πj/2n) for each.</summary>
    private static readonly int[] Counts = [16, 24, 32, 48, 64, 96];

    private static readonly double[][] Cosines = [.. Counts.Select(n => Enumerable.Range(0, 4 * n).Select(j => Math.Cos(Math.PI * j / (2 * n))).ToArray())];

    private static readonly int[] Candidates = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384];

    private readonly double[] nodes;
    private readonly double[] weights;
    private readonly double[][] hermiteWeights;

    /// <param name="largestOrder">Largest k that will be asked for.</param>
    /// <param name="largestDeviation">Largest σ that will be asked for.</param>
    public QuadratureAverage(int largestOrder, double largestDeviation)
    {
        GaussHermite rule = Rule(largestOrder, largestDeviation, out double error);
        (Error, nodes, weights, hermiteWeights) = (error, rule.Nodes.ToArray(), rule.Weights.ToArray(), HermiteWeights(rule, largestOrder));
    }

    /// <summary>The rule that is used for these orders and deviations.</summary>
    public static GaussHermite Rule(int largestOrder, double largestDeviation) => Rule(largestOrder, largestDeviation, out _);

    private static GaussHermite Rule(int largestOrder, double largestDeviation, out double error)
    {
        double[] means = [.. Enumerable.Range(0, 101).Select(i => -10 + 0.2 * i)];
        double[][] reference = Evaluate(new GaussHermite(ReferenceNodes), largestOrder, means, largestDeviation);
        GaussHermite rule = new(Candidates[0]);
        for (int next = 1; ; next++)
        {
            double[][] values = Evaluate(rule, largestOrder, means, largestDeviation);
            error = values.Zip(reference, (row, exact) => row.Zip(exact, (v, e) => Math.Abs(v - e)).Max()).Max();
            if (error <= Tolerance || next == Candidates.Length)
            {
                return rule;
            }

            rule = new GaussHermite(Candidates[next]);
        }
    }

    /// <summary>Number of Gauss–Hermite nodes in use.</summary>
    public int Nodes => nodes.Length;

    /// <summary>Of the rule; interpolation over many means needs fewer.</summary>
    public double OperationsPerValue => 4.0 * Nodes;

    /// <summary>Largest difference from the reference rule; above <see cref="Tolerance"/> only if the largest rule was not enough.</summary>
    public double Error { get; }

    public void HermiteCoefficient(int order, ReadOnlySpan<double> means, double deviation, Span<double> result) =>
        Average<First>(hermiteWeights[order], means, deviation, result);

    public void SecondMoment(ReadOnlySpan<double> means, double deviation, Span<double> result) =>
        Average<Squared>(weights, means, deviation, result);

    /// <summary>w_q He_k(z_q)/√(k!) for k = 0 … <paramref name="largestOrder"/>.</summary>
    private static double[][] HermiteWeights(GaussHermite rule, int largestOrder)
    {
        var table = new double[largestOrder + 1][];
        for (int k = 0; k <= largestOrder; k++)
        {
            table[k] = new double[rule.Order];
            for (int q = 0; q < rule.Order; q++)
            {
                double z = rule.Nodes[q];
                table[k][q] = k switch
                {
                    0 => rule.Weights[q],
                    1 => rule.Weights[q] * z,

                    // Orthonormal recurrence √k p_k = z p_(k−1) − √(k−1) p_(k−2), carried on the weighted values.
                    _ => (z * table[k - 1][q] - Math.Sqrt(k - 1) * table[k - 2][q]) / Math.Sqrt(k),
                };
            }
        }

        return table;
    }

    private static double[][] Evaluate(GaussHermite rule, int largestOrder, double[] means, double deviation)
    {
        double[] z = rule.Nodes.ToArray();
        double[][] table = HermiteWeights(rule, largestOrder);
        var values = new double[largestOrder + 2][];
        for (int k = 0; k <= largestOrder + 1; k++)
        {
            values[k] = new double[means.Length];
            if (k <= largestOrder)
            {
                Average<First>(z, table[k], means, deviation, values[k]);
            }
            else
            {
                Average<Squared>(z, table[0], means, deviation, values[k]);
            }
        }

        return values;
    }

    private void Average<TPower>(double[] nodeWeights, ReadOnlySpan<double> means, double deviation, Span<double> result)
        where TPower : struct, IPower
    {
        if (nodes.Length < FewNodes || !Interpolate<TPower>(nodeWeights, means, deviation, result))
        {
            Average<TPower>(nodes, nodeWeights, means, deviation, result);
        }
    }

    /// <summary>The averages by a polynomial in the mean; false where none of few enough points is good enough.</summary>
    private bool Interpolate<TPower>(double[] nodeWeights, ReadOnlySpan<double> means, double deviation, Span<double> result)
        where TPower : struct, IPower
    {
        if (means.Length < SavedPoints * Counts[0])
        {
            return false;
        }

        double least = TensorPrimitives.Min(means), largest = TensorPrimitives.Max(means);
        double middle = 0.5 * (least + largest), half = Math.Max(0.5 * (largest - least), 1e-3 * deviation);
        Span<double> points = stackalloc double[Counts[^1]], values = stackalloc double[Counts[^1]], coefficients = stackalloc double[Counts[^1]];
        for (int which = 0; which < Counts.Length && SavedPoints * Counts[which] <= means.Length; which++)
        {
            int count = Counts[which];
            double[] cosines = Cosines[which];
            for (int j = 0; j < count; j++)
            {
                points[j] = middle + half * cosines[2 * j + 1];
            }

            Average<TPower>(nodes, nodeWeights, points[..count], deviation, values[..count]);

            // Discrete cosine transform from the last coefficient down, as far as they are small where they must be.
            int k = count - 1;
            for (; k >= 0; k--)
            {
                double sum = 0;
                for (int j = 0; j < count; j++)
                {
                    sum += values[j] * cosines[k * (2 * j + 1) % (4 * count)];
                }

                coefficients[k] = (k == 0 ? 1.0 : 2.0) / count * sum;
                if (k >= count - LastCoefficients && Math.Abs(coefficients[k]) > InterpolationTolerance)
                {
                    break;
                }
            }

            if (k < 0)
            {
                Clenshaw(coefficients[..count], middle, 1 / half, means, result);
                return true;
            }
        }

        return false;
    }

    /// <summary>result[i] = Σ_k c_k T_k((means[i] − middle) scale).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Clenshaw(ReadOnlySpan<double> coefficients, double middle, double scale, ReadOnlySpan<double> means, Span<double> result)
    {
        ref double source = ref MemoryMarshal.GetReference(means);
        ref double target = ref MemoryMarshal.GetReference(result);
        int i = 0;
        if (SimdSupport.Widest == SimdWidth.Vector512)
        {
            for (; i <= means.Length - Vector512<double>.Count; i += Vector512<double>.Count)
            {
                Vector512<double> x = (Vector512.LoadUnsafe(ref source, (nuint)i) - Vector512.Create(middle)) * Vector512.Create(scale), twice = x + x;
                Vector512<double> next = Vector512<double>.Zero, current = Vector512<double>.Zero;
                for (int k = coefficients.Length - 1; k > 0; k--)
                {
                    (next, current) = (current, Vector512.FusedMultiplyAdd(twice, current, Vector512.Create(coefficients[k]) - next));
                }

                Vector512.FusedMultiplyAdd(x, current, Vector512.Create(coefficients[0]) - next).StoreUnsafe(ref target, (nuint)i);
            }
        }
        else if (SimdSupport.Widest == SimdWidth.Vector256)
        {
            for (; i <= means.Length - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                Vector256<double> x = (Vector256.LoadUnsafe(ref source, (nuint)i) - Vector256.Create(middle)) * Vector256.Create(scale), twice = x + x;
                Vector256<double> next = Vector256<double>.Zero, current = Vector256<double>.Zero;
                for (int k = coefficients.Length - 1; k > 0; k--)
                {
                    (next, current) = (current, Vector256.FusedMultiplyAdd(twice, current, Vector256.Create(coefficients[k]) - next));
                }

                Vector256.FusedMultiplyAdd(x, current, Vector256.Create(coefficients[0]) - next).StoreUnsafe(ref target, (nuint)i);
            }
        }

        for (; i < means.Length; i++)
        {
            double x = (means[i] - middle) * scale, next = 0, current = 0;
            for (int k = coefficients.Length - 1; k > 0; k--)
            {
                (next, current) = (current, Math.FusedMultiplyAdd(2 * x, current, coefficients[k] - next));
            }

            result[i] = Math.FusedMultiplyAdd(x, current, coefficients[0] - next);
        }
    }

    /// <summary>result[i] = Σ_q weights[q] φ(means[i] + deviation nodes[q])^power.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Average<TPower>(
        double[] nodes, double[] weights, ReadOnlySpan<double> means, double deviation, Span<double> result)
        where TPower : struct, IPower
    {
        ref double source = ref MemoryMarshal.GetReference(means);
        ref double target = ref MemoryMarshal.GetReference(result);
        int i = 0;
        if (SimdSupport.Widest == SimdWidth.Vector512)
        {
            for (; i <= means.Length - Vector512<double>.Count; i += Vector512<double>.Count)
            {
                Vector512<double> mean = Vector512.LoadUnsafe(ref source, (nuint)i);
                Vector512<double> sum = Vector512<double>.Zero;
                for (int q = 0; q < nodes.Length; q++)
                {
                    Vector512<double> value = TActivation.Invoke(mean + Vector512.Create(deviation * nodes[q]));
                    sum += Vector512.Create(weights[q]) * TPower.Raise(value);
                }

                sum.StoreUnsafe(ref target, (nuint)i);
            }
        }
        else if (SimdSupport.Widest == SimdWidth.Vector256)
        {
            for (; i <= means.Length - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                Vector256<double> mean = Vector256.LoadUnsafe(ref source, (nuint)i);
                Vector256<double> sum = Vector256<double>.Zero;
                for (int q = 0; q < nodes.Length; q++)
                {
                    Vector256<double> value = TActivation.Invoke(mean + Vector256.Create(deviation * nodes[q]));
                    sum += Vector256.Create(weights[q]) * TPower.Raise(value);
                }

                sum.StoreUnsafe(ref target, (nuint)i);
            }
        }

        for (; i < means.Length; i++)
        {
            double sum = 0;
            for (int q = 0; q < nodes.Length; q++)
            {
                sum += weights[q] * TPower.Raise(TActivation.Invoke(means[i] + deviation * nodes[q]));
            }

            result[i] = sum;
        }
    }

    private interface IPower
    {
        static abstract double Raise(double value);

        static abstract Vector256<double> Raise(Vector256<double> value);

        static abstract Vector512<double> Raise(Vector512<double> value);
    }

    private readonly struct First : IPower
    {
        public static double Raise(double value) => value;

        public static Vector256<double> Raise(Vector256<double> value) => value;

        public static Vector512<double> Raise(Vector512<double> value) => value;
    }

    private readonly struct Squared : IPower
    {
        public static double Raise(double value) => value * value;

        public static Vector256<double> Raise(Vector256<double> value) => value * value;

        public static Vector512<double> Raise(Vector512<double> value) => value * value;
    }
}
