using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Numerics.Krylov;

/// <summary>
/// The spectral density of a symmetric operator by Chebyshev moments with the Jackson kernel (Weisse, Wellein, Alvermann and Fehske, Rev.
/// Mod. Phys. 78, 2006).
/// </summary>
/// <remarks>
/// The kernel is positive and broadens to a standard deviation of at most π(upper − lower)/(2·moments) in the middle of the interval, less
/// towards its ends. The standard errors
/// are the spread over the probe vectors; the broadening is not in them.
/// </remarks>
public sealed class KernelPolynomial
{
    private readonly double[][] moments;
    private readonly double[] damping;

    private KernelPolynomial(double[][] moments, double lower, double upper)
    {
        this.moments = moments;
        (Lower, Upper) = (lower, upper);
        damping = ChebyshevSeries.JacksonKernel(moments[0].Length);
    }

    public double Lower { get; }

    public double Upper { get; }

    /// <summary>zᵀ T_j z of each probe.</summary>
    public IReadOnlyList<double[]> Moments => moments;

    /// <summary>Computes the moments; two for each product, by T_2j = 2T_j² − 1 and T_(2j+1) = 2T_j T_(j+1) − T_1.</summary>
    /// <param name="apply">The operator.</param>
    /// <param name="lower">Below the smallest eigenvalue.</param>
    /// <param name="upper">Above the largest eigenvalue; <see cref="BlockLanczos"/> finds both.</param>
    /// <param name="count">Number of moments, at least 2.</param>
    /// <param name="probes">Number of probe vectors, 1 to n.</param>
    /// <param name="seed">Seed of the probe vectors.</param>
    /// <param name="team">Threads for the vector operations.</param>
    /// <exception cref="ArgumentException">
    /// A count is out of range, the operator is not symmetric, or its spectrum leaves the interval.
    /// </exception>
    public static KernelPolynomial Compute(ISymmetricOperator apply, double lower, double upper, int count, int probes, uint seed,
        ThreadTeam team)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        if (!(lower < upper) || !double.IsFinite(upper - lower))
        {
            throw new ArgumentException($"The interval [{lower:G6}, {upper:G6}] is empty or infinite: give the range of the spectrum.");
        }

        RowShare share = apply.Share;
        int n = share.Count;
        using Matrix<double> first = ProbeVectors.Draw(probes, share, seed), second = new(probes, n), third = new(probes, n);
        SymmetryProbe.Check(apply, seed);
        double[][] moments = [.. Enumerable.Range(0, probes).Select(_ => new double[count])];
        Matrix<double>[] ring = [first, second, third];
        ChebyshevRecurrence.Next(apply, lower, upper, first.View, null, second.View, team);
        for (int p = 0; p < probes; p++)
        {
            moments[p][0] = 1;
            moments[p][1] = share.Dot(first.Row(p), second.Row(p));
        }

        for (int j = 1; 2 * j < count; j++)
        {
            Matrix<double> previous = ring[(j - 1) % 3], current = ring[j % 3], next = ring[(j + 1) % 3];
            if (2 * j + 1 < count)
            {
                ChebyshevRecurrence.Next(apply, lower, upper, current.View, previous.View, next.View, team);
            }

            for (int p = 0; p < probes; p++)
            {
                double square = share.Dot(current.Row(p), current.Row(p));

                // |T_j| ≤ 1 on the interval, so that a unit vector can only grow when an eigenvalue lies outside.
                if (!(square <= 1 + 1e-6))
                {
                    throw new ArgumentException(
                        $"The operator has eigenvalues outside [{lower:G6}, {upper:G6}]: widen the interval, "
                        + "for example to the extreme eigenvalues and their residuals.");
                }

                moments[p][2 * j] = 2 * square - 1;
                if (2 * j + 1 < count)
                {
                    moments[p][2 * j + 1] = 2 * share.Dot(current.Row(p), next.Row(p)) - moments[p][1];
                }
            }
        }

        return new KernelPolynomial(moments, lower, upper);
    }

    /// <summary>Spectral density at the given places; zero outside the interval.</summary>
    public SpectralEstimate[] Density(ReadOnlySpan<double> places)
    {
        var result = new SpectralEstimate[places.Length];
        for (int i = 0; i < result.Length; i++)
        {
            double x = Mapped(places[i]);
            if (x is > -1 and < 1)
            {
                double angle = Math.Acos(x), scale = 2 / ((Upper - Lower) * Math.PI * Math.Sqrt(1 - x * x));
                result[i] = SpectralEstimate.Of([.. moments.Select(m => scale * Sum(m, j => j == 0 ? 1 : 2 * Math.Cos(j * angle)))]);
            }
        }

        return result;
    }

    /// <summary>Part of the eigenvalues in [from, to]: the broadened density, integrated exactly.</summary>
    public SpectralEstimate Mass(double from, double to)
    {
        double a = Math.Acos(Math.Clamp(Mapped(from), -1, 1)), b = Math.Acos(Math.Clamp(Mapped(to), -1, 1));
        return SpectralEstimate.Of([.. moments.Select(
            m => Sum(m, j => j == 0 ? (a - b) / Math.PI : 2 * (Math.Sin(j * a) - Math.Sin(j * b)) / (j * Math.PI)))]);
    }

    private double Mapped(double place) => (2 * place - Lower - Upper) / (Upper - Lower);

    private double Sum(double[] moment, Func<int, double> basis)
    {
        double sum = 0;
        for (int j = 0; j < moment.Length; j++)
        {
            sum += damping[j] * moment[j] * basis(j);
        }

        return sum;
    }
}
