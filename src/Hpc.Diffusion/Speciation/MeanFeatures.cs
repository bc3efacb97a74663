using System.Numerics.Tensors;
using Hpc.Diffusion.Covariance;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Speciation;

/// <summary>The mean features of the classes (theory.md section 3).</summary>
public static class MeanFeatures
{
    /// <summary>
    /// α_c[i] = E φ(e^{−t} w_i·m_c/√N + Γ_c n_i z) over fresh samples of class c and their noise, exact for the given W; K vectors of the features that are here.
    /// </summary>
    /// <param name="realization">W and the centroids.</param>
    /// <param name="forward">t.</param>
    /// <param name="team">Threads to compute with.</param>
    public static double[][] Exact(Realization realization, ForwardProcess forward, ThreadTeam team)
    {
        int features = realization.FirstLayer.Rows, dimension = realization.Model.Dimension, classes = realization.Model.Classes.Count;
        using var means = new Matrix<double>(features, classes);
        Gemm.Multiply(team, forward.Decay / Math.Sqrt(dimension), realization.FirstLayer.View, realization.Centroids.Transposed, 0, means.View);
        double[] norms = new double[features];
        team.For(features, i => norms[i] = TensorPrimitives.Norm<double>(realization.FirstLayer.Row(i)) / Math.Sqrt(dimension));
        double[] deviations = [.. realization.Model.Classes.Select(c => Math.Sqrt(forward.NoisedVariance(c.Variance)))];
        IPreactivationAverage average = PreactivationAverages.Create(realization.Model.Activation, 0, deviations.Max() * realization.Features.Largest(norms.Max()));
        double[][] result = [.. deviations.Select(_ => new double[features])];
        team.For(features, i =>
        {
            for (int c = 0; c < classes; c++)
            {
                average.HermiteCoefficient(0, means.Row(i).Slice(c, 1), deviations[c] * norms[i], result[c].AsSpan(i, 1));
            }
        });
        return result;
    }
}
