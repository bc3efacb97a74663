using System.Numerics;
using Hpc.Diffusion.Model;

namespace Hpc.Theory;

/// <summary>Chooses the quadrature over centroid projections by its effect on the resolvent.</summary>
public static class NodeSelection
{
    public const double DefaultTolerance = 1e-8;

    /// <summary>Smallest and largest order tried, by rank of Gram; above the tensor ranks, numbers of lattice points.</summary>
    private static readonly (int Smallest, int Largest)[] Orders = [(1, 1), (24, 400), (16, 120), (12, 48), (10, 24), (2048, 16384)];

    /// <summary>
    /// The smallest rule of a growing sequence whose g and f agree with those of the next to within <paramref name="tolerance"/> at points
    /// z = λe^{iπ/4} (those of the contour of section 5) from the noise floor to the largest eigenvalues; the largest rule when none does.
    /// </summary>
    public static CentroidQuadrature Choose(TheoryModel model, double tolerance) => Choose(model, tolerance, out _);

    /// <param name="error">Relative change of g and f between the chosen rule and the previous one: bounds the error of the chosen.</param>
    public static CentroidQuadrature Choose(TheoryModel model, double tolerance, out double error)
    {
        model.Validate();
        int rank = Gram.Factor(model.CentroidGram)[0].Length;
        (int order, int largest) = Orders[Math.Min(rank, CentroidQuadrature.LargestTensorRank + 1)];
        CentroidQuadrature quadrature = CentroidQuadrature.Create(model.CentroidGram, order);
        error = 0;
        if (rank == 0)
        {
            return quadrature;
        }

        Complex[] previous = Sample(model, quadrature);
        while (order < largest)
        {
            order = Math.Min(largest, (int)Math.Ceiling(1.4 * order));
            quadrature = CentroidQuadrature.Create(model.CentroidGram, order);
            Complex[] sample = Sample(model, quadrature);
            error = sample.Zip(previous, (a, b) => Complex.Abs(a - b) / Complex.Abs(a)).Max();
            if (error < tolerance)
            {
                break;
            }

            previous = sample;
        }

        return quadrature;
    }

    private static Complex[] Sample(TheoryModel model, CentroidQuadrature quadrature)
    {
        var equations = new ResolventEquations(model, quadrature);
        double mean = equations.MeanEigenvalue();
        var values = new List<Complex>();
        ResolventState? state = null;
        for (double scale = 10 * mean; scale > 1e-6 * mean; scale /= 10)
        {
            state = equations.SolveAbove(Complex.FromPolarCoordinates(scale, Math.PI / 4), state);
            values.Add(state.Trace);
            values.Add(state.TransferredWeights.Aggregate(Complex.Zero, (sum, value) => sum + value));
        }

        return [.. values];
    }

    /// <summary>Largest order of rotated nodes, by rank.</summary>
    private static readonly int[] LargestRotated = [1, 600, 170, 48, 22];

    /// <summary>
    /// The equations on rotated nodes, of an order at which λρ(λ) on the spectrum changes by less than <paramref name="tolerance"/>, or the largest.
    /// </summary>
    internal static ResolventEquations ChooseRotated(ResolventEquations equations, double tolerance, bool turns)
    {
        int largest = LargestRotated[equations.Quadrature.Rank];
        int order = Math.Min(largest, Math.Max(20, equations.Quadrature.Order));
        double low = SpectrumSupport.LowerBound(equations, 1e-4);
        double high = equations.MeanEigenvalue();
        ResolventEquations rotated = equations.Rotated(order, turns);
        double[]? previous = Sample(rotated);
        while (order < largest)
        {
            order = Math.Min(largest, (int)Math.Ceiling(1.3 * order));
            rotated = equations.Rotated(order, turns);
            double[]? sample = Sample(rotated);
            if (sample != null && previous != null && sample.Zip(previous, (a, b) => Math.Abs(a - b)).Max() < tolerance)
            {
                break;
            }

            previous = sample;
        }

        return rotated;

        // Null where the rule is so coarse that the equations have no physical solution.
        double[]? Sample(ResolventEquations candidate)
        {
            const int Count = 8;
            var values = new double[Count];
            ResolventState? near = null;
            for (int i = 0; i < Count; i++)
            {
                near = candidate.FindOnAxis(high * Math.Pow(low / high, i / (Count - 1.0)), near);
                if (near == null)
                {
                    return null;
                }

                values[i] = near.Z.Real * near.Trace.Imaginary / Math.PI;
            }

            return values;
        }
    }
}
