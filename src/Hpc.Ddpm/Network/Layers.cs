using Hpc.Ddpm.Torch;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hpc.Ddpm.Network;

/// <summary>A product with a matrix, plus a bias: vectors of the inputs to vectors of the outputs.</summary>
internal sealed class Dense(ParameterLayout layout, string name, long inputs, long outputs)
{
    private readonly int weight = Counted(layout, layout.AddRandom($"{name}.weight", [outputs, inputs], inputs), inputs, outputs);
    private readonly int bias = layout.AddConstant($"{name}.bias", [outputs], 0);

    /// <param name="input">B × inputs.</param>
    /// <param name="parameters">All parameters of the network.</param>
    public Tensor Forward(Tensor input, Tensor[] parameters) => functional.linear(input, parameters[weight], parameters[bias]);

    private static int Counted(ParameterLayout layout, int number, long inputs, long outputs)
    {
        layout.AddCost(2.0 * inputs * outputs, outputs);
        return number;
    }
}

/// <summary>A convolution that keeps rows and columns, or halves them with stride 2.</summary>
internal sealed class Convolution
{
    /// <summary>
    /// Output channels are filled up with zeros to a multiple of this many: the processor kernels of libtorch 2.10 (oneDNN) take this many
    /// together, and their gradient with respect to the input is wrong where the last of them are missing.
    /// </summary>
    private const int Together = 16;

    private readonly long outputs;
    private readonly int weight;
    private readonly int bias;
    private readonly int kernel;
    private readonly int stride;

    /// <param name="layout">Where the parameters go.</param>
    /// <param name="name">Its name.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="side">Rows and columns of the output.</param>
    /// <param name="kernel">Rows and columns of the kernel: 1 or 3.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="zero">Begins with zeros, so that the block that it ends begins as the identity.</param>
    public Convolution(ParameterLayout layout, string name, long inputs, long outputs, int side, int kernel = 3, int stride = 1, bool zero = false)
    {
        (this.outputs, this.kernel, this.stride) = (outputs, kernel, stride);
        long[] shape = [outputs, inputs, kernel, kernel];
        weight = zero ? layout.AddConstant($"{name}.weight", shape, 0) : layout.AddRandom($"{name}.weight", shape, inputs * kernel * kernel);
        bias = layout.AddConstant($"{name}.bias", [outputs], 0);
        layout.AddCost(2.0 * kernel * kernel * inputs * outputs * side * side, (double)outputs * side * side);
    }

    /// <param name="input">B × inputs × rows × columns.</param>
    /// <param name="parameters">All parameters of the network.</param>
    public Tensor Forward(Tensor input, Tensor[] parameters)
    {
        long missing = (Together - outputs % Together) % Together;
        (Tensor weights, Tensor offsets) = (parameters[weight], parameters[bias]);
        if (missing > 0)
        {
            (weights, offsets) = (functional.pad(weights, [0, 0, 0, 0, 0, 0, 0, missing]), functional.pad(offsets, [0, missing]));
        }

        Tensor output = functional.conv2d(input, weights, offsets, strides: [stride, stride], padding: [kernel / 2, kernel / 2]);
        return missing > 0 ? output.narrow(1, 0, outputs) : output;
    }
}

/// <summary>Group normalization with a factor and an offset for each channel (Y. Wu, K. He, arXiv:1803.08494).</summary>
internal sealed class GroupNormalization
{
    private const double Epsilon = 1e-5;

    private readonly int weight;
    private readonly int bias;
    private readonly int groups;

    public GroupNormalization(ParameterLayout layout, string name, long channels, int side, int groups)
    {
        this.groups = groups;
        weight = layout.AddConstant($"{name}.weight", [channels], 1);
        bias = layout.AddConstant($"{name}.bias", [channels], 0);
        layout.AddCost(0, (double)channels * side * side);
    }

    public Tensor Forward(Tensor input, Tensor[] parameters) => functional.group_norm(input, groups, parameters[weight], parameters[bias], Epsilon);
}

/// <summary>
/// Two convolutions, each after normalization and SiLU, with the embedded diffusion time added between them, and the input added at the end,
/// through a 1×1 convolution where the number of channels changes.
/// </summary>
internal sealed class ResidualBlock
{
    private readonly GroupNormalization firstNorm;
    private readonly GroupNormalization secondNorm;
    private readonly Convolution first;
    private readonly Convolution second;
    private readonly Convolution? skip;
    private readonly Dense time;
    private readonly long outputs;

    public ResidualBlock(ParameterLayout layout, string name, long inputs, long outputs, int side, int groups, long timeWidth)
    {
        this.outputs = outputs;
        firstNorm = new GroupNormalization(layout, $"{name}.norm1", inputs, side, groups);
        first = new Convolution(layout, $"{name}.conv1", inputs, outputs, side);
        time = new Dense(layout, $"{name}.time", timeWidth, outputs);
        secondNorm = new GroupNormalization(layout, $"{name}.norm2", outputs, side, groups);
        second = new Convolution(layout, $"{name}.conv2", outputs, outputs, side, zero: true);
        skip = inputs == outputs ? null : new Convolution(layout, $"{name}.skip", inputs, outputs, side, kernel: 1);

        // What SiLU leaves.
        layout.AddCost(0, (double)(inputs + outputs) * side * side);
    }

    /// <param name="input">B × inputs × rows × columns.</param>
    /// <param name="embedding">B × timeWidth, after SiLU.</param>
    /// <param name="parameters">All parameters of the network.</param>
    public Tensor Forward(Tensor input, Tensor embedding, Tensor[] parameters)
    {
        Tensor hidden = first.Forward(functional.silu(firstNorm.Forward(input, parameters)), parameters);
        hidden = Tensors.Add(hidden, time.Forward(embedding, parameters).view(-1, outputs, 1, 1));
        hidden = second.Forward(functional.silu(secondNorm.Forward(hidden, parameters)), parameters);
        return Tensors.Add(hidden, skip?.Forward(input, parameters) ?? input);
    }
}

/// <summary>Self-attention with one head over all pixels, added to the input.</summary>
internal sealed class AttentionBlock
{
    private readonly GroupNormalization norm;
    private readonly Convolution queries;
    private readonly Convolution output;
    private readonly long channels;

    public AttentionBlock(ParameterLayout layout, string name, long channels, int side, int groups)
    {
        this.channels = channels;
        norm = new GroupNormalization(layout, $"{name}.norm", channels, side, groups);
        queries = new Convolution(layout, $"{name}.qkv", channels, 3 * channels, side, kernel: 1);
        output = new Convolution(layout, $"{name}.output", channels, channels, side, kernel: 1, zero: true);
        double pixels = (double)side * side;
        layout.AddCost(4 * pixels * pixels * channels, pixels * pixels + pixels * channels);
    }

    public Tensor Forward(Tensor input, Tensor[] parameters)
    {
        long rows = input.shape[2], columns = input.shape[3];
        Tensor[] parts = queries.Forward(norm.Forward(input, parameters), parameters).view(-1, 3, channels, rows * columns).transpose(2, 3).unbind(1);
        Tensor attended = functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]);
        return Tensors.Add(input, output.Forward(attended.transpose(1, 2).reshape(-1, channels, rows, columns), parameters));
    }
}
