using Hpc.Diffusion.Spec;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Profiling;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Model;

/// <summary>The feature map φ(Wx/√N) (theory.md section 1).</summary>
public static class RandomFeatures
{
    private static readonly Kernel Features = Kernel.Of<double>("features");

    /// <summary>Writes φ(W xᵀ/√N) to <paramref name="features"/>, the activation applied to each tile of the product while it is in cache.</summary>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="activation">φ.</param>
    /// <param name="firstLayer">W, P×N.</param>
    /// <param name="inputs">x, n×N, one input a row.</param>
    /// <param name="features">Receives the features, P×n.</param>
    public static void Compute(
        ThreadTeam team, Activation activation, MatrixView<double> firstLayer, MatrixView<double> inputs, MatrixView<double> features)
    {
        double results = (double)features.Rows * features.Columns;
        using KernelScope scope = Features.Enter(
            2 * results * inputs.Columns, sizeof(double) * (results + (double)(features.Rows + features.Columns) * inputs.Columns));
        switch (activation)
        {
            case Activation.Tanh:
                Compute<Tanh>(team, firstLayer, inputs, features);
                break;
            case Activation.Erf:
                Compute<Erf>(team, firstLayer, inputs, features);
                break;
            default:
                Compute<Relu>(team, firstLayer, inputs, features);
                break;
        }
    }

    private static void Compute<TActivation>(
        ThreadTeam team, MatrixView<double> firstLayer, MatrixView<double> inputs, MatrixView<double> features)
        where TActivation : struct, IElementwise<double> =>
        Gemm.Multiply<double, TActivation>(team, 1 / Math.Sqrt(firstLayer.Columns), firstLayer, inputs.Transposed, 0, features);
}
