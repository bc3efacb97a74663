using System.Numerics;

namespace Hpc.Theory;

/// <summary>
/// The off-diagonal part of the resolvent equations over upper-triangular 2×2 matrices (theory.md section 5), between a state at z1 and
/// one at z2: affine in the K + K(K+1)/2 off-diagonal unknowns, x' = J x' + source. With both states the same it is the
/// linearization of section 4, which Newton's method and derivatives in z use.
/// </summary>
internal sealed class ResolventPerturbation
{
    private readonly ResolventEquations equations;
    private readonly ResolventState first;
    private readonly ResolventState second;
    private readonly Complex[] moments;

    public ResolventPerturbation(ResolventEquations equations, ResolventState first, ResolventState second)
    {
        this.equations = equations;
        this.first = first;
        this.second = second;
        NodeTable table = equations.Table;
        var real = new double[table.Nodes];
        var imaginary = new double[table.Nodes];
        for (int i = 0; i < table.Nodes; i++)
        {
            real[i] = first.Real[i] * second.Real[i] - first.Imaginary[i] * second.Imaginary[i];
            imaginary[i] = first.Real[i] * second.Imaginary[i] + first.Imaginary[i] * second.Real[i];
        }

        (real, imaginary) = table.Weighted(real, imaginary);
        moments = new Complex[table.Unknowns * table.Features];
        table.ProductMoments(real, imaginary, moments);
    }

    /// <summary>I − J, row-major.</summary>
    public Complex[] System()
    {
        NodeTable table = equations.Table;
        int size = table.Unknowns;
        var matrix = new Complex[size * size];
        var coefficients = new Complex[table.Features];
        var column = new Complex[size];
        for (int j = 0; j < size; j++)
        {
            Array.Clear(coefficients);
            Array.Clear(column);
            if (j < table.Classes)
            {
                Complex sampleFactor = -first.SampleFactor[j] * second.SampleFactor[j];
                AddSampleFactor(j, sampleFactor, coefficients, column);
            }
            else
            {
                AddCorrelation(table.Pairs[j - table.Classes], coefficients, column);
            }

            Average(coefficients, column);
            for (int i = 0; i < size; i++)
            {
                matrix[i * size + j] = (i == j ? 1 : 0) - column[i];
            }
        }

        return matrix;
    }

    /// <summary>Source of z' = 1, for derivatives in z.</summary>
    public Complex[] ArgumentSource()
    {
        NodeTable table = equations.Table;
        var coefficients = new Complex[table.Features];
        var source = new Complex[table.Unknowns];
        coefficients[table.Features - 1] = -1;
        Average(coefficients, source);
        return source;
    }

    /// <summary>Source of the population covariance of one class (test loss) and its part of (T')b·b, see <see cref="Functional"/>.</summary>
    public Complex TestSource(int c, Complex[] source)
    {
        NodeTable table = equations.Table;
        var coefficients = new Complex[table.Features];
        Array.Clear(source);
        Complex q = equations.TotalVariance(c);
        AddNoise(c, q, coefficients, source);
        coefficients[c] += 1;
        coefficients[table.Unknowns + c] += 1;
        Average(coefficients, source);
        return -first.TransferredWeights[c] * q * second.TransferredWeights[c];
    }

    /// <summary>Source of the empirical covariance of one class's training samples (train loss), as <see cref="TestSource"/>.</summary>
    public Complex TrainSource(int c, Complex[] source)
    {
        NodeTable table = equations.Table;
        var coefficients = new Complex[table.Features];
        Array.Clear(source);
        Complex sampleFactor = first.SampleFactor[c] * second.SampleFactor[c] / equations.Weight(c);
        AddSampleFactor(c, sampleFactor, coefficients, source);
        AddNoise(c, equations.NoiseLevel, coefficients, source);
        coefficients[table.Unknowns + c] += 1;
        Average(coefficients, source);
        Complex q = equations.Weight(c) * equations.SignalVariance(c) * sampleFactor + equations.NoiseLevel;
        return -first.TransferredWeights[c] * q * second.TransferredWeights[c];
    }

    /// <summary>Row h with b·T'b = h·x' + what the source returns.</summary>
    public Complex[] Functional()
    {
        NodeTable table = equations.Table;
        int classes = table.Classes;
        var row = new Complex[table.Unknowns];
        for (int c = 0; c < classes; c++)
        {
            Complex q = -equations.Weight(c) * equations.SignalVariance(c) * first.SampleFactor[c] * second.SampleFactor[c];
            row[c] = -first.TransferredWeights[c] * q * second.TransferredWeights[c];
        }

        if (table.GainRatios is { } ratios)
        {
            double overlap = 0;
            for (int c = 0; c < classes; c++)
            {
                overlap += ratios[c] * equations.Weight(c);
            }

            row[classes + table.LargestGain] = first.Shrink * second.Shrink * overlap * overlap;
            return row;
        }

        for (int p = 0; p < table.Pairs.Length; p++)
        {
            (int a, int b) = table.Pairs[p];
            Complex value = first.LeftWeights[a] * second.LeftWeights[b];
            if (a != b)
            {
                value += first.LeftWeights[b] * second.LeftWeights[a];
            }

            row[classes + p] = value;
        }

        return row;
    }

    /// <summary>Change of the coefficients of 1/ĝ that changed unknowns cause, without the source.</summary>
    public Complex[] CoefficientChange(Complex[] change)
    {
        NodeTable table = equations.Table;
        var coefficients = new Complex[table.Features];
        var ignored = new Complex[table.Unknowns];
        var single = new Complex[table.Features];
        for (int j = 0; j < table.Unknowns; j++)
        {
            Array.Clear(single);
            if (j < table.Classes)
            {
                AddSampleFactor(j, -first.SampleFactor[j] * second.SampleFactor[j], single, ignored);
            }
            else
            {
                AddCorrelation(table.Pairs[j - table.Classes], single, ignored);
            }

            for (int f = 0; f < single.Length; f++)
            {
                coefficients[f] += change[j] * single[f];
            }
        }

        return coefficients;
    }

    /// <summary>A change y'_c: through D, and through q'_c into R and T.</summary>
    private void AddSampleFactor(int c, Complex sampleFactor, Complex[] coefficients, Complex[] values)
    {
        coefficients[c] += equations.Weight(c) * sampleFactor;
        AddNoise(c, equations.Weight(c) * equations.SignalVariance(c) * sampleFactor, coefficients, values);
    }

    /// <summary>A change q'_c: R' = Left1 q' Left2ᵀ, T' = −T1 q' T2.</summary>
    private void AddNoise(int c, Complex q, Complex[] coefficients, Complex[] values)
    {
        NodeTable table = equations.Table;
        int classes = table.Classes;
        if (table.GainRatios is { } ratios)
        {
            coefficients[classes + table.LargestGain] += q * ratios[c] * ratios[c] * first.Shrink * second.Shrink;
        }

        for (int p = 0; p < table.Pairs.Length && table.GainRatios == null; p++)
        {
            (int a, int b) = table.Pairs[p];
            Complex reduced = first.Left[a * classes + c] * second.Left[b * classes + c];
            if (a != b)
            {
                reduced += first.Left[b * classes + c] * second.Left[a * classes + c];
            }

            coefficients[classes + p] += q * reduced;
        }

        for (int a = 0; a < classes; a++)
        {
            values[a] -= equations.SignalVariance(a) / equations.SampleRatio
                * first.Transfer[a * classes + c] * q * second.Transfer[c * classes + a];
        }
    }

    /// <summary>A unit change of E_ab = E_ba: R' = −R1 E' R2, T' = Left1ᵀ E' Left2.</summary>
    private void AddCorrelation((int First, int Second) changed, Complex[] coefficients, Complex[] values)
    {
        NodeTable table = equations.Table;
        int classes = table.Classes;
        (int i, int j) = changed;
        if (table.GainRatios is { } ratios)
        {
            // E is e κκᵀ, and e is that of the largest gain.
            if (i == j && i == table.Pairs[table.LargestGain].First)
            {
                coefficients[classes + table.LargestGain] -= first.Spread * second.Spread;
                for (int a = 0; a < classes; a++)
                {
                    values[a] += equations.SignalVariance(a) / equations.SampleRatio * ratios[a] * ratios[a] * first.Shrink * second.Shrink;
                }
            }

            return;
        }

        for (int p = 0; p < table.Pairs.Length; p++)
        {
            (int a, int b) = table.Pairs[p];
            Complex reduced = Sandwich(first.Reduced, second.Reduced, a, b);
            if (a != b)
            {
                reduced += Sandwich(first.Reduced, second.Reduced, b, a);
            }

            coefficients[classes + p] -= reduced;
        }

        for (int a = 0; a < classes; a++)
        {
            Complex transfer = first.Left[i * classes + a] * second.Left[j * classes + a];
            if (i != j)
            {
                transfer += first.Left[j * classes + a] * second.Left[i * classes + a];
            }

            values[a] += equations.SignalVariance(a) / equations.SampleRatio * transfer;
        }

        Complex Sandwich(Complex[] left, Complex[] right, int a, int b)
        {
            Complex sum = left[a * classes + i] * right[j * classes + b];
            return i == j ? sum : sum + left[a * classes + j] * right[i * classes + b];
        }
    }

    /// <summary>Adds the averages of ĝ' = −ĝ1 (change of 1/ĝ) ĝ2 to the values of δ and E.</summary>
    private void Average(Complex[] coefficients, Complex[] values)
    {
        NodeTable table = equations.Table;
        for (int i = 0; i < table.Unknowns; i++)
        {
            Complex sum = Complex.Zero;
            for (int f = 0; f < table.Features; f++)
            {
                sum += moments[i * table.Features + f] * coefficients[f];
            }

            values[i] -= (i < table.Classes ? equations.FeatureRatio / equations.SampleRatio : equations.FeatureRatio) * sum;
        }
    }
}
