using Hpc.Diffusion.Model;
using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Operators;

/// <summary>V = √Δ diag(gain) W/√N by columns (Stein's lemma, theory.md section 2).</summary>
internal static class GainCorrelation
{
    public static CorrelationColumns Columns(Matrix<double> firstLayer, ForwardProcess forward, double[] gain)
    {
        double scale = Math.Sqrt(forward.NoiseLevel / firstLayer.Columns);
        return (first, block) =>
        {
            for (int i = 0; i < block.Rows; i++)
            {
                for (int n = 0; n < block.Columns; n++)
                {
                    block[i, n] = scale * gain[i] * firstLayer[i, first + n];
                }
            }
        };
    }
}
