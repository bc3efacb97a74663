using System.Collections.Concurrent;
using System.Numerics;
using System.Numerics.Tensors;
using Hpc.Diffusion.Spec;
using Hpc.Numerics;
using Hpc.Numerics.Quadrature;
using MathNet.Numerics;

namespace Hpc.Theory;

/// <summary>
/// The functions α_c, κ_c, v_c², s_c² of the projected centroid u for one class (theory.md section 3).
/// </summary>
/// <remarks>
/// With pre-activation e^{−t}u + Γz, correlation r = e^{−2t}σ²/Γ² between two noisings of one sample, and Hermite coefficients
/// c_k = E[φ He_k(z)]/√(k!): α = c_0, κ = c_1/Γ, v² = Σ_{k≥2} c_k² r^k, s² = Σ_{k≥2} c_k² (1 − r^k); no difference of large numbers.
/// tanh: Gauss–Hermite with 30 + 100Γ² nodes; the pole at distance π/(2Γ) bounds the error by about exp(−(π/Γ)√n).
/// erf and relu: Φ₂, the bivariate normal distribution, obeys ∂Φ₂/∂r = φ₂, which leaves one smooth integral over the angle asin r, done by
/// Gauss–Legendre with 48 nodes; kinks do not matter. Measured against adaptive integration for Γ in [0.04, 2], |u| ≤ 6: at most 1e-13 absolute.
/// </remarks>
public sealed class GaussianEquivalence
{
    private const int AngleNodes = 48;
    private const int MostNodes = 2000;

    /// <summary>Largest imaginary part of a pre-activation mean for which the continued coefficients are accurate.</summary>
    internal const double LargestImaginary = 0.5;

    private static readonly GaussLegendre AngleRule = new(AngleNodes);
    private static readonly ConcurrentDictionary<int, HermiteBasis> Bases = new();

    private readonly Activation activation;
    private readonly double decay;
    private readonly double deviation;
    private readonly double correlation;
    private readonly double noiseShare;

    /// <param name="variance">σ_c², non-negative.</param>
    /// <param name="diffusionTime">t, positive.</param>
    /// <exception cref="ArgumentException">A value is out of range, or the activation is not one whose moments are known.</exception>
    public GaussianEquivalence(Activation activation, double variance, double diffusionTime)
    {
        if (!(diffusionTime > 0 && double.IsFinite(diffusionTime)))
        {
            throw new ArgumentException($"The diffusion time is {diffusionTime}; the theory needs a positive finite time.", nameof(diffusionTime));
        }

        if (!(variance >= 0 && double.IsFinite(variance)))
        {
            throw new ArgumentException($"The class variance is {variance}; it must be finite and not negative.", nameof(variance));
        }

        if (!Enum.IsDefined(activation))
        {
            throw new ArgumentException(
                $"The theory has no Gaussian moments of the activation {activation}; choose one of {string.Join(", ", Enum.GetNames<Activation>())}.",
                nameof(activation));
        }

        this.activation = activation;
        decay = Math.Exp(-diffusionTime);
        double noiseLevel = -Elementary.ExpM1(-2 * diffusionTime);
        SignalVariance = decay * decay * variance;
        TotalVariance = SignalVariance + noiseLevel;
        deviation = Math.Sqrt(TotalVariance);
        correlation = SignalVariance / TotalVariance;
        noiseShare = noiseLevel / TotalVariance;
    }

    /// <summary>e^{−2t}σ_c².</summary>
    public double SignalVariance { get; }

    /// <summary>Γ_c² = e^{−2t}σ_c² + Δ.</summary>
    public double TotalVariance { get; }

    /// <summary>Coefficients of a neuron whose projected centroid is <paramref name="projection"/> = w·m_c/√N.</summary>
    public EquivalentCoefficients At(double projection)
    {
        double mean = decay * projection;
        return activation switch
        {
            Activation.Erf => ErfAt(mean),
            Activation.Relu => ReluAt(mean),
            _ => TanhAt(mean),
        };
    }

    /// <summary>
    /// Analytic continuation of κ_c, v_c² and s_c² to complex projections of imaginary part at most <see cref="LargestImaginary"/> e^t.
    /// </summary>
    internal (Complex Gain, Complex Sample, Complex Noise) At(Complex projection)
    {
        Complex mean = decay * projection;
        return activation switch
        {
            Activation.Erf => ErfAt(mean),
            Activation.Relu => ReluAt(mean),
            _ => TanhAt(mean),
        };
    }

    private (Complex Gain, Complex Sample, Complex Noise) TanhAt(Complex mean)
    {
        // The pole at distance π/2 comes nearer by Im m: the exponent of the quadrature error keeps its size with (1 − 2·0.5/π)^{-2} times the nodes.
        int order = Math.Min(MostNodes, 30 + (int)Math.Ceiling(220 * TotalVariance));
        HermiteBasis basis = Bases.GetOrAdd(order, static n => new HermiteBasis(n));
        Span<double> real = stackalloc double[order];
        Span<double> imaginary = stackalloc double[order];

        // tanh(a + ib) = (t(1 + τ²) + iτ(1 − t²))/(1 + t²τ²) with t = tanh a, τ = tan b.
        double tangent = Math.Tan(mean.Imaginary);
        double energy = 0;
        for (int i = 0; i < order; i++)
        {
            double t = Math.Tanh(mean.Real + deviation * basis.Nodes[i]);
            double scale = basis.RootWeights[i] / (1 + t * t * tangent * tangent);
            real[i] = t * (1 + tangent * tangent) * scale;
            imaginary[i] = tangent * (1 - t * t) * scale;
            energy += real[i] * real[i] + imaginary[i] * imaginary[i];
        }

        Complex gain = Coefficient(1, real, imaginary) / deviation;
        double remaining = energy - Square(Coefficient(0, real, imaginary)) - Square(gain * deviation);
        Complex sample = Complex.Zero;
        Complex noise = Complex.Zero;
        double logCorrelation = correlation > 0 ? Elementary.Log1P(-noiseShare) : double.NegativeInfinity;
        for (int k = 2; k < order && remaining > 1e-16 * energy; k++)
        {
            Complex coefficient = Coefficient(k, real, imaginary);
            sample += Math.Exp(k * logCorrelation) * coefficient * coefficient;
            noise -= Elementary.ExpM1(k * logCorrelation) * coefficient * coefficient;
            remaining -= Square(coefficient);
        }

        return (gain, sample, noise);

        Complex Coefficient(int k, ReadOnlySpan<double> re, ReadOnlySpan<double> im) =>
            new(TensorPrimitives.Dot(basis.Row(k), re), TensorPrimitives.Dot(basis.Row(k), im));
    }

    private (Complex Gain, Complex Sample, Complex Noise) ErfAt(Complex mean)
    {
        double spread = Math.Sqrt(1 + 2 * TotalVariance);
        Complex threshold = Math.Sqrt(2) * mean / spread;
        Complex square = threshold * threshold;
        double shared = Math.Asin(2 * SignalVariance / (1 + 2 * TotalVariance));
        double full = Math.Asin(2 * TotalVariance / (1 + 2 * TotalVariance));
        Complex Integrand(double angle)
        {
            (double sine, double cosine) = Math.SinCos(angle);
            return 2 / Math.PI * (Complex.Exp(-square / (1 + sine)) - Complex.Exp(-square) * cosine);
        }

        return (2 / Math.Sqrt(Math.PI) * Complex.Exp(-0.5 * square) / spread, Integrate(Integrand, 0, shared), Integrate(Integrand, shared, full));
    }

    private (Complex Gain, Complex Sample, Complex Noise) ReluAt(Complex mean)
    {
        Complex threshold = mean / deviation;
        Complex square = threshold * threshold;

        // Φ(a + ib) = Φ(a) + i∫_0^b φ(a + iy)dy.
        Complex gain = 0.5 * SpecialFunctions.Erfc(-threshold.Real / Math.Sqrt(2)) + Complex.ImaginaryOne / Math.Sqrt(2 * Math.PI)
            * Integrate(y => Complex.Exp(-0.5 * new Complex(threshold.Real, y) * new Complex(threshold.Real, y)), 0, threshold.Imaginary);
        double scale = TotalVariance / (2 * Math.PI);
        double shared = Math.Asin(correlation);
        Complex Kernel(double angle) => Complex.Exp(-square / (1 + Math.Sin(angle)));
        Complex sample = Integrate(angle => (correlation - Math.Sin(angle)) * Kernel(angle), 0, shared);
        Complex noise = noiseShare * Integrate(Kernel, 0, shared)
            + Integrate(angle => (1 - Math.Sin(angle)) * Kernel(angle), shared, Math.PI / 2);
        return (gain, scale * sample, scale * noise);
    }

    private static double Square(Complex value) => value.Real * value.Real + value.Imaginary * value.Imaginary;

    private static Complex Integrate(Func<double, Complex> function, double from, double to)
    {
        double half = 0.5 * (to - from);
        Complex sum = Complex.Zero;
        for (int i = 0; i < AngleNodes; i++)
        {
            sum += AngleRule.Weights[i] * function(from + half * (1 + AngleRule.Nodes[i]));
        }

        return half * sum;
    }

    private EquivalentCoefficients TanhAt(double mean)
    {
        int order = Math.Min(MostNodes, 30 + (int)Math.Ceiling(100 * TotalVariance));
        HermiteBasis basis = Bases.GetOrAdd(order, static n => new HermiteBasis(n));
        Span<double> values = stackalloc double[order];
        double energy = 0;
        for (int i = 0; i < order; i++)
        {
            values[i] = Math.Tanh(mean + deviation * basis.Nodes[i]) * basis.RootWeights[i];
            energy += values[i] * values[i];
        }

        double first = TensorPrimitives.Dot(basis.Row(0), values);
        double second = TensorPrimitives.Dot(basis.Row(1), values);
        double remaining = energy - first * first - second * second;
        double sample = 0;
        double noise = 0;

        // The logarithm keeps 1 − r^k exact to rounding when the noise is small.
        double logCorrelation = correlation > 0 ? Elementary.Log1P(-noiseShare) : double.NegativeInfinity;
        for (int k = 2; k < order && remaining > 1e-16 * energy; k++)
        {
            double coefficient = TensorPrimitives.Dot(basis.Row(k), values);
            double square = coefficient * coefficient;
            sample += square * Math.Exp(k * logCorrelation);
            noise -= square * Elementary.ExpM1(k * logCorrelation);
            remaining -= square;
        }

        return new EquivalentCoefficients(first, second / deviation, sample, noise);
    }

    /// <summary>
    /// erf(x) = 2Φ(√2 x) − 1, so E erf(X)erf(Y) = α² + 4∫_0^ρ φ₂(a, a; ·) with ρ = 2Γ²r/(1 + 2Γ²) and a = √2 m/√(1 + 2Γ²).
    /// </summary>
    private EquivalentCoefficients ErfAt(double mean)
    {
        double spread = Math.Sqrt(1 + 2 * TotalVariance);
        double threshold = Math.Sqrt(2) * mean / spread;
        double square = threshold * threshold;
        double shared = Math.Asin(2 * SignalVariance / (1 + 2 * TotalVariance));
        double full = Math.Asin(2 * TotalVariance / (1 + 2 * TotalVariance));
        Func<double, double> integrand = angle =>
        {
            (double sine, double cosine) = Math.SinCos(angle);
            return 2 / Math.PI * (Math.Exp(-square / (1 + sine)) - Math.Exp(-square) * cosine);
        };
        return new EquivalentCoefficients(
            SpecialFunctions.Erf(mean / spread),
            2 / Math.Sqrt(Math.PI) * Math.Exp(-mean * mean / (spread * spread)) / spread,
            Integrate(integrand, 0, shared),
            Integrate(integrand, shared, full));
    }

    /// <summary>
    /// E relu(X)relu(Y) has the second derivative Γ²φ₂(a, a; r) in r, a = m/Γ: it is α² + Γ²[rΦ(a)² + ∫_0^r (r − ρ)φ₂(a, a; ρ)dρ].
    /// </summary>
    private EquivalentCoefficients ReluAt(double mean)
    {
        double threshold = mean / deviation;
        double square = threshold * threshold;
        double gain = 0.5 * SpecialFunctions.Erfc(-threshold / Math.Sqrt(2));
        double density = Math.Exp(-0.5 * square) / Math.Sqrt(2 * Math.PI);
        double scale = TotalVariance / (2 * Math.PI);
        double shared = Math.Asin(correlation);
        Func<double, double> kernel = angle => Math.Exp(-square / (1 + Math.Sin(angle)));
        double sample = Integrate(angle => (correlation - Math.Sin(angle)) * kernel(angle), 0, shared);
        double noise = noiseShare * Integrate(kernel, 0, shared)
            + Integrate(angle => (1 - Math.Sin(angle)) * kernel(angle), shared, Math.PI / 2);
        return new EquivalentCoefficients(mean * gain + deviation * density, gain, scale * sample, scale * noise);
    }

    private static double Integrate(Func<double, double> function, double from, double to)
    {
        double half = 0.5 * (to - from);
        double sum = 0;
        for (int i = 0; i < AngleNodes; i++)
        {
            sum += AngleRule.Weights[i] * function(from + half * (1 + AngleRule.Nodes[i]));
        }

        return half * sum;
    }

    /// <summary>Rows p_k(x_i)√w_i, an orthogonal matrix: the discrete Hermite transform on Gauss–Hermite nodes.</summary>
    private sealed class HermiteBasis
    {
        private readonly double[] rows;

        public HermiteBasis(int order)
        {
            var rule = new GaussHermite(order);
            Nodes = rule.Nodes.ToArray();
            RootWeights = new double[order];
            rows = new double[order * order];
            for (int i = 0; i < order; i++)
            {
                double previous = 0;
                double value = RootWeights[i] = Math.Sqrt(rule.Weights[i]);
                for (int k = 0; k < order; k++)
                {
                    rows[k * order + i] = value;
                    (previous, value) = (value, (Nodes[i] * value - Math.Sqrt(k) * previous) / Math.Sqrt(k + 1));
                }
            }
        }

        public double[] Nodes { get; }

        public double[] RootWeights { get; }

        public ReadOnlySpan<double> Row(int degree) => rows.AsSpan(degree * Nodes.Length, Nodes.Length);
    }
}
