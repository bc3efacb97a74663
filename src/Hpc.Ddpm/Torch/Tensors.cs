using TorchSharp;
using static TorchSharp.torch;

namespace Hpc.Ddpm.Torch;

/// <summary>Numbers of tensors in memory, and arithmetic that is safe beside garbage collections.</summary>
/// <remarks>
/// TorchSharp turns a number given to an operation into a <see cref="Scalar"/>, which nothing refers to while libtorch reads it: a
/// garbage collection by another thread may free it before ("Expected false to be true … toFloat", once in some 10⁵ steps of two tasks side by
/// side). A sum of tensors and a power have such a number too. Scalars are therefore kept here or by <c>using</c> until the operation has ended.
/// </remarks>
internal static class Tensors
{
    /// <summary>1, the factor that sums have.</summary>
    public static readonly Scalar One = 1;

    public static Tensor Add(Tensor left, Tensor right) => left.add(right, One);

    public static Tensor Square(Tensor values) => values * values;

    /// <summary>factor · values.</summary>
    public static Tensor Scale(double factor, Tensor values)
    {
        using Scalar kept = factor;
        return values.mul(kept);
    }

    /// <summary>The numbers of a tensor of single precision, row-major, wherever it is.</summary>
    public static float[] ToArray(Tensor values)
    {
        using Tensor detached = values.detach(), here = detached.cpu(), packed = here.contiguous();
        return packed.data<float>().ToArray();
    }
}
