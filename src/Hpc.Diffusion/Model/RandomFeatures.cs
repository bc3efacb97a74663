using System.Numerics;
using Hpc.Diffusion.Spec;
using Hpc.Numerics.Activations;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;
using Hpc.Numerics.Threading;

namespace Hpc.Diffusion.Model;

/// <summary>The feature map φ(Wx/√N) (theory.md section 1).</summary>
public static class RandomFeatures
{
    /// <summary>Writes φ(W xᵀ/√N) to <paramref name="features"/>, the activation applied to each tile of the product while it is in cache.</summary>
    /// <param name="team">Threads to compute with.</param>
    /// <param name="activation">φ.</param>
    /// <param name="firstLayer">W, P×N.</param>
    /// <param name="inputs">x, n×N, one input a row.</param>
    /// <param name="features">Receives the features, P×n.</param>
    public static void Compute<T>(ThreadTeam team, Activation activation, MatrixView<T> firstLayer, MatrixView<T> inputs, MatrixView<T> features)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T scale = T.One / T.Sqrt(T.CreateChecked(firstLayer.Columns));
        switch (activation)
        {
            case Activation.Tanh:
                Compute<T, Tanh>(team, scale, firstLayer, inputs, features);
                break;
            case Activation.Erf:
                Compute<T, Erf>(team, scale, firstLayer, inputs, features);
                break;
            default:
                Compute<T, Relu>(team, scale, firstLayer, inputs, features);
                break;
        }
    }

    private static void Compute<T, TActivation>(
        ThreadTeam team, T scale, MatrixView<T> firstLayer, MatrixView<T> inputs, MatrixView<T> features)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TActivation : struct, IElementwise<T> =>
        Gemm.Multiply<T, TActivation>(team, scale, firstLayer, inputs.Transposed, T.Zero, features);
}
