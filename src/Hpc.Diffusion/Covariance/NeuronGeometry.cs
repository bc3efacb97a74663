using System.Numerics.Tensors;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Covariance;

/// <summary>Norms and correlations of the rows of the first layer (theory.md section 2).</summary>
public sealed class NeuronGeometry : IDisposable
{
    /// <param name="firstLayer">W, P×N.</param>
    /// <param name="team">Threads to compute with.</param>
    public NeuronGeometry(Matrix<double> firstLayer, ThreadTeam team)
    {
        int features = firstLayer.Rows;
        Norms = new double[features];
        Correlations = new Matrix<double>(features, features);
        Syrk.Multiply(team, 1.0 / firstLayer.Columns, firstLayer.View, 0, Correlations.View);
        for (int i = 0; i < features; i++)
        {
            Norms[i] = Math.Sqrt(Correlations[i, i]);
        }

        team.For(features, i =>
        {
            Span<double> row = Correlations.Row(i);
            TensorPrimitives.Divide(row, Norms, row);
            TensorPrimitives.Divide(row, Norms[i], row);
            row[i] = 1;
        });
    }

    /// <summary>n_i = ‖w_i‖/√N, one per feature.</summary>
    public double[] Norms { get; }

    /// <summary>ρ_ij = w_i·w_j/(N n_i n_j), P×P, ones on the diagonal.</summary>
    public Matrix<double> Correlations { get; }

    public void Dispose() => Correlations.Dispose();
}
