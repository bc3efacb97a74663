using Hpc.Numerics.Distribution;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;

namespace Hpc.Numerics.Krylov;

/// <summary>Finds out by two random vectors whether an operator is symmetric.</summary>
public static class SymmetryProbe
{
    private const double RoundingFactor = 64;

    private const double Rounding = 2.220446049250313e-16;

    /// <summary>Compares xᵀ(A y) with yᵀ(A x) for independent normal x and y.</summary>
    /// <remarks>
    /// Their difference is xᵀ(A − Aᵀ)y, of standard deviation ‖A − Aᵀ‖_F; it may be 64 √n ε (‖x‖ ‖A y‖ + ‖y‖ ‖A x‖), the rounding of
    /// the products with room for operators of several stages.
    /// </remarks>
    /// <param name="apply">The operator.</param>
    /// <param name="seed">Seed of the probe vectors.</param>
    /// <exception cref="ArgumentException">The operator is not symmetric, or gives numbers that are not finite.</exception>
    public static void Check(ISymmetricOperator apply, uint seed)
    {
        RowShare share = apply.Share;
        int n = share.Total;
        using Matrix<double> x = new(2, share.Count), y = new(2, share.Count);
        var stream = new RandomStream(seed, StreamPurpose.ProbeVectors);
        stream.FillNormals(long.MaxValue, share.First, x.Row(0));
        stream.FillNormals(long.MaxValue, n + share.First, x.Row(1));
        apply.Apply(x.Transposed, y.Transposed);
        double forth = share.Dot(x.Row(0), y.Row(1)), back = share.Dot(x.Row(1), y.Row(0));
        double scale = share.Norm(x.Row(0)) * share.Norm(y.Row(1)) + share.Norm(x.Row(1)) * share.Norm(y.Row(0));
        if (!double.IsFinite(scale))
        {
            throw new ArgumentException("The operator gives numbers that are not finite: check what it was built from.", nameof(apply));
        }

        if (Math.Abs(forth - back) > RoundingFactor * Math.Sqrt(n) * Rounding * scale)
        {
            throw new ArgumentException(
                $"The operator is not symmetric: xᵀAy = {forth:R} and yᵀAx = {back:R} for two random vectors. "
                + "Spectra and descent need a symmetric operator; fill both triangles alike.",
                nameof(apply));
        }
    }
}
