using System.Numerics.Tensors;
using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Randomness;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Operators;

/// <summary>
/// The Gaussian-equivalent features f^μ = α_c + D_κc e^{−t}σ_c W z^μ/√N + D_vc ω^μ of the training samples of one class (theory.md section
/// 3), made again
/// at every call from the streams that the dense equivalent statistics use.
/// </summary>
/// <param name="realization">W and x.</param>
/// <param name="forward">t.</param>
/// <param name="c">The class.</param>
/// <param name="coefficients">Its coefficients.</param>
/// <param name="team">Threads to compute with.</param>
public sealed class EquivalentFeatures(Realization realization, ForwardProcess forward, int c, NeuronCoefficients coefficients,
    ThreadTeam team) : IFeatureTiles
{
    private readonly RandomStream nonlinear = new(realization.Seed, StreamPurpose.EquivalentFeatures);
    private readonly double[] deviations = [.. coefficients.SampleVariance.Select(v => Math.Sqrt(Math.Max(v, 0)))];

    public int Features => realization.Features.Count;

    public int Count => realization.ClassSizes[c];

    public long MemoryBytes => 0;

    public double FlopsPerVector => 2.0 * realization.Features.Count * realization.Model.Dimension;

    public void Fill(int first, MatrixView<double> tile)
    {
        int start = realization.ClassStarts[c] + first, count = tile.Rows, dimension = realization.Model.Dimension;
        using Matrix<double> centered = new(count, dimension);
        for (int m = 0; m < count; m++)
        {
            TensorPrimitives.Subtract(realization.Samples.Row(start + m), realization.Centroids.Row(c), centered.Row(m));
        }

        Gemm.Multiply(team, forward.Decay / Math.Sqrt(dimension), centered.View, realization.FirstLayer.Transposed, 0, tile);
        team.For(Features, i =>
        {
            double[] omega = new double[count];
            nonlinear.FillNormals(realization.Features.First + i, start, omega);
            for (int m = 0; m < count; m++)
            {
                tile[m, i] = coefficients.MeanFeature[i] + coefficients.LinearGain[i] * tile[m, i] + deviations[i] * omega[m];
            }
        });
    }
}
