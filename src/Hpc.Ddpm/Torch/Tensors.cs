using static TorchSharp.torch;

namespace Hpc.Ddpm.Torch;

/// <summary>Numbers of tensors in memory.</summary>
internal static class Tensors
{
    /// <summary>The numbers of a tensor of single precision, row-major, wherever it is.</summary>
    public static float[] ToArray(Tensor values)
    {
        using Tensor detached = values.detach(), here = detached.cpu(), packed = here.contiguous();
        return packed.data<float>().ToArray();
    }
}
