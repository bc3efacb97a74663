using System.Numerics;

namespace Hpc.Theory;

/// <summary>The right-hand sides of the resolvent equations (theory.md section 4) evaluated at one z and one set of unknowns.</summary>
internal sealed class ResolventState
{
    /// <param name="unknowns">δ_c, then E_ab for a ≤ b.</param>
    public ResolventState(ResolventEquations equations, Complex z, Complex[] unknowns)
    {
        NodeTable table = equations.Table;
        int classes = table.Classes;
        Z = z;
        Unknowns = unknowns;
        SampleFactor = new Complex[classes];
        var q = new Complex[classes];
        for (int c = 0; c < classes; c++)
        {
            SampleFactor[c] = Complex.Reciprocal(1 + unknowns[c]);
            q[c] = equations.Weight(c) * (equations.SignalVariance(c) * SampleFactor[c] + equations.NoiseLevel);
        }

        // Left = (1 + QE)^{-1}, R = Left·Q, T = E·Left.
        var e = new Complex[classes * classes];
        for (int p = 0; p < table.Pairs.Length; p++)
        {
            (int a, int b) = table.Pairs[p];
            e[a * classes + b] = e[b * classes + a] = unknowns[classes + p];
        }

        Left = new Complex[classes * classes];
        Reduced = new Complex[classes * classes];
        Transfer = new Complex[classes * classes];
        Coefficients = new Complex[table.Unknowns];
        Complex common = unknowns[classes + table.LargestGain];
        if (table.GainRatios is { } ratios)
        {
            for (int c = 0; c < classes; c++)
            {
                Spread += q[c] * ratios[c] * ratios[c];
            }

            Shrink = Complex.Reciprocal(1 + common * Spread);
            Spread *= Shrink;
            Coefficients[classes + table.LargestGain] = Spread;
        }
        else
        {
            Solve();
        }

        for (int a = 0; a < classes; a++)
        {
            for (int b = 0; b < classes; b++)
            {
                if (table.GainRatios is { } r)
                {
                    Left[a * classes + b] = (a == b ? 1 : 0) - common * Shrink * q[a] * r[a] * r[b];
                    Transfer[a * classes + b] = common * Shrink * r[a] * r[b];
                }
                else
                {
                    for (int c = 0; c < classes; c++)
                    {
                        Transfer[a * classes + b] += e[a * classes + c] * Left[c * classes + b];
                    }
                }

                Reduced[a * classes + b] = Left[a * classes + b] * q[b];
            }
        }

        LeftWeights = new Complex[classes];
        TransferredWeights = new Complex[classes];
        for (int a = 0; a < classes; a++)
        {
            for (int b = 0; b < classes; b++)
            {
                LeftWeights[a] += Left[a * classes + b] * equations.Weight(b);
                TransferredWeights[a] += Transfer[a * classes + b] * equations.Weight(b);
            }
        }

        for (int c = 0; c < classes; c++)
        {
            Coefficients[c] = equations.Weight(c) * SampleFactor[c];
        }

        for (int p = 0; p < table.Pairs.Length && table.GainRatios == null; p++)
        {
            (int a, int b) = table.Pairs[p];
            Coefficients[classes + p] = a == b
                ? Reduced[a * classes + a]
                : Reduced[a * classes + b] + Reduced[b * classes + a];
        }

        Real = new double[table.Nodes];
        Imaginary = new double[table.Nodes];
        for (int i = 0; i < table.Nodes; i++)
        {
            Real[i] = table.Floor[i].Real - z.Real;
            Imaginary[i] = table.Floor[i].Imaginary - z.Imaginary;
        }

        table.Accumulate(Coefficients, Real, Imaginary);
        LowestImaginary = double.PositiveInfinity;
        for (int i = 0; i < table.Nodes; i++)
        {
            double scale = 1 / (Real[i] * Real[i] + Imaginary[i] * Imaginary[i]);
            Real[i] *= scale;
            Imaginary[i] *= -scale;
            LowestImaginary = Math.Min(LowestImaginary, Imaginary[i]);
        }

        (double[] weightedReal, double[] weightedImaginary) = table.Weighted(Real, Imaginary);
        Trace = table.Moment(table.Features - 1, weightedReal, weightedImaginary);
        Moments = new Complex[table.Unknowns + classes];
        for (int f = 0; f < Moments.Length; f++)
        {
            Moments[f] = table.Moment(f, weightedReal, weightedImaginary);
        }

        Values = new Complex[table.Unknowns];
        for (int c = 0; c < classes; c++)
        {
            Values[c] = (equations.SignalVariance(c) * Transfer[c * classes + c] + equations.FeatureRatio * Moments[c])
                / equations.SampleRatio;
        }

        for (int p = 0; p < table.Pairs.Length; p++)
        {
            Values[classes + p] = equations.FeatureRatio * Moments[classes + p];
        }

        Residual = Math.Max(RelativeDifference(0, classes, 1), RelativeDifference(classes, table.Unknowns, 0));

        void Solve()
        {
            var system = new Complex[classes * classes];
            for (int a = 0; a < classes; a++)
            {
                for (int b = 0; b < classes; b++)
                {
                    system[a * classes + b] = q[a] * e[a * classes + b];
                }

                system[a * classes + a] += 1;
                Left[a * classes + a] = 1;
            }

            ComplexSystem.Solve(system, Left, classes, classes);
        }
    }

    private ResolventState(ResolventState other)
    {
        Z = Complex.Conjugate(other.Z);
        Unknowns = Conjugate(other.Unknowns);
        Values = Conjugate(other.Values);
        SampleFactor = Conjugate(other.SampleFactor);
        Left = Conjugate(other.Left);
        Reduced = Conjugate(other.Reduced);
        Transfer = Conjugate(other.Transfer);
        LeftWeights = Conjugate(other.LeftWeights);
        TransferredWeights = Conjugate(other.TransferredWeights);
        Coefficients = Conjugate(other.Coefficients);
        Shrink = Complex.Conjugate(other.Shrink);
        Spread = Complex.Conjugate(other.Spread);
        Moments = Conjugate(other.Moments);
        Real = other.Real;
        Imaginary = other.Imaginary.Select(x => -x).ToArray();
        LowestImaginary = Imaginary.Min();
        Trace = Complex.Conjugate(other.Trace);
        Residual = other.Residual;
    }

    public Complex Z { get; }

    public Complex[] Unknowns { get; }

    /// <summary>What the equations make of <see cref="Unknowns"/>; equal to them at a solution.</summary>
    public Complex[] Values { get; }

    /// <summary>1/(1 + δ_c).</summary>
    public Complex[] SampleFactor { get; }

    /// <summary>(1 + QE)^{-1}, K×K.</summary>
    public Complex[] Left { get; }

    /// <summary>R = (1 + QE)^{-1}Q, K×K.</summary>
    public Complex[] Reduced { get; }

    /// <summary>T = E(1 + QE)^{-1}, K×K.</summary>
    public Complex[] Transfer { get; }

    /// <summary>(1 + QE)^{-1} b.</summary>
    public Complex[] LeftWeights { get; }

    /// <summary>T b; Δ(Tb)_c is (1/N) tr(VᵀGV_c).</summary>
    public Complex[] TransferredWeights { get; }

    /// <summary>Coefficients of the features in 1/ĝ.</summary>
    public Complex[] Coefficients { get; }

    /// <summary>1/(1 + e κᵀQκ) where there is one node and E = e κκᵀ, κ in units of the largest; else 0.</summary>
    public Complex Shrink { get; }

    /// <summary>κᵀRκ, as <see cref="Shrink"/>.</summary>
    public Complex Spread { get; }

    /// <summary>E_u[feature ĝ] for v_c², κ_aκ_b and s_c².</summary>
    public Complex[] Moments { get; }

    /// <summary>Re ĝ(u) at each node.</summary>
    public double[] Real { get; }

    /// <summary>Im ĝ(u) at each node.</summary>
    public double[] Imaginary { get; }

    public double LowestImaginary { get; }

    /// <summary>g = E_u ĝ.</summary>
    public Complex Trace { get; }

    /// <summary>Largest difference between unknowns and values, relative to the largest 1 + |δ_c| and the largest |E_ab|.</summary>
    public double Residual { get; }

    /// <summary>The same solution at the conjugate of z.</summary>
    public ResolventState Conjugate() => new(this);

    private static Complex[] Conjugate(Complex[] values) => Array.ConvertAll(values, Complex.Conjugate);

    private double RelativeDifference(int from, int to, double offset)
    {
        double scale = offset;
        double difference = 0;
        for (int i = from; i < to; i++)
        {
            scale = Math.Max(scale, offset + Complex.Abs(Unknowns[i]));
            difference = Math.Max(difference, Complex.Abs(Values[i] - Unknowns[i]));
        }

        return scale == 0 ? difference : difference / scale;
    }
}
