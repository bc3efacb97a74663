namespace Hpc.Theory;

/// <summary>Bounds and outer edge of the spectrum.</summary>
internal static class SpectrumSupport
{
    /// <summary>
    /// A λ below which the mass is at most <paramref name="mass"/>: U is not below its diagonal noise part, so its eigenvalues are not below
    /// those of Σ_c b_c s_c².
    /// </summary>
    public static double LowerBound(ResolventEquations equations, double mass)
    {
        NodeTable table = equations.Table;
        int[] order = Enumerable.Range(0, table.Nodes).OrderBy(i => table.Floor[i].Real).ToArray();
        double below = 0;
        foreach (int i in order)
        {
            below += table.Weights[i];
            if (below > mass)
            {
                return table.Floor[i].Real;
            }
        }

        return table.Floor[order[^1]].Real;
    }

    /// <summary>A bound on the largest eigenvalue from the norms of Gaussian matrices (triangle inequality over classes and parts).</summary>
    public static double UpperBound(ResolventEquations equations)
    {
        NodeTable table = equations.Table;
        double features = Square(1 + Math.Sqrt(equations.FeatureRatio));
        double bound = 0;
        for (int c = 0; c < equations.Classes; c++)
        {
            double gain = 0;
            double sample = 0;
            double noise = 0;
            for (int i = 0; i < table.Nodes; i++)
            {
                gain = Math.Max(gain, table.Feature(equations.Classes + equations.PairIndex(c, c))[i]);
                sample = Math.Max(sample, table.Feature(c)[i]);
                noise = Math.Max(noise, table.Feature(table.Unknowns + c)[i]);
            }

            double weight = equations.Weight(c);
            double signal = gain * equations.SignalVariance(c) * features * Square(Math.Sqrt(weight) + 1 / Math.Sqrt(equations.SampleRatio));
            double fixedPart = sample * Square(Math.Sqrt(weight) + Math.Sqrt(equations.FeatureRatio / equations.SampleRatio));
            bound += Square(Math.Sqrt(signal) + Math.Sqrt(fixedPart)) + weight * (gain * equations.NoiseLevel * features + noise);
        }

        return bound;
    }

    /// <summary>Brackets the upper edge: real resolvent at Above, density at Below, Above/Below at most <paramref name="ratio"/>.</summary>
    public static (ResolventState Below, ResolventState Above) UpperEdge(ResolventEquations equations, double ratio)
    {
        ResolventState above = equations.SolveOnAxis(1.05 * UpperBound(equations));
        double step = 0.8;
        ResolventState below;
        while (true)
        {
            double next = step * above.Z.Real;
            below = equations.SolveOnAxis(next, above);
            if (!ResolventEquations.IsReal(below))
            {
                break;
            }

            above = below;
        }

        while (above.Z.Real > ratio * below.Z.Real)
        {
            ResolventState middle = equations.SolveOnAxis(Math.Sqrt(above.Z.Real * below.Z.Real), above);
            if (ResolventEquations.IsReal(middle))
            {
                above = middle;
            }
            else
            {
                below = middle;
            }
        }

        return (below, above);
    }

    private static double Square(double x) => x * x;
}
