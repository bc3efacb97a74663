using Hpc.Ddpm.Spec;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hpc.Ddpm.Network;

/// <summary>
/// The network that predicts the noise in an image (J. Ho, A. Jain, P. Abbeel, arXiv:2006.11239): a U-Net of residual blocks, with
/// self-attention on some levels. On the way down every residual block leaves its output for the residual block on the way up that mirrors
/// it; between levels a convolution of stride 2, on the way up a repetition of pixels and a convolution; at the bottom two residual blocks
/// with attention between them. The diffusion time enters every residual block as sines and cosines through two layers.
/// </summary>
internal sealed class UNet
{
    /// <summary>Width of the embedded time over the base width.</summary>
    private const int TimeWidthFactor = 4;

    private readonly Dense time1;
    private readonly Dense time2;
    private readonly Convolution input;
    private readonly Level[] down;
    private readonly Level[] up;
    private readonly ResidualBlock middle1;
    private readonly ResidualBlock middle2;
    private readonly AttentionBlock middleAttention;
    private readonly GroupNormalization outputNorm;
    private readonly Convolution output;

    /// <param name="spec">Widths, levels and blocks.</param>
    /// <param name="side">Rows and columns of an image: divisible by 2 for every level but the last.</param>
    public UNet(NetworkSpec spec, int side)
    {
        long width = spec.BaseWidth, timeWidth = TimeWidthFactor * width;
        int last = spec.Multipliers.Count - 1;
        time1 = new Dense(Layout, "time1", spec.TimeEmbedding, timeWidth);
        time2 = new Dense(Layout, "time2", timeWidth, timeWidth);
        input = new Convolution(Layout, "input", 1, width, side);
        (down, up) = (new Level[last + 1], new Level[last + 1]);
        long channels = width;
        for (int level = 0; level <= last; level++)
        {
            down[level] = MakeLevel($"down{level}", level, channels, Channels(level));
            channels = Channels(level);
            if (level < last)
            {
                down[level].Resize = new Convolution(Layout, $"down{level}.halve", channels, channels, side >> (level + 1), stride: 2);
            }
        }

        middle1 = new ResidualBlock(Layout, "middle1", channels, channels, side >> last, spec.Groups, timeWidth);
        middleAttention = new AttentionBlock(Layout, "middle.attention", channels, side >> last, spec.Groups);
        middle2 = new ResidualBlock(Layout, "middle2", channels, channels, side >> last, spec.Groups, timeWidth);
        for (int level = last; level >= 0; level--)
        {
            up[level] = MakeLevel($"up{level}", level, 2 * Channels(level), Channels(level), fromSkips: true);
            if (level > 0)
            {
                up[level].Resize = new Convolution(Layout, $"up{level}.double", Channels(level), Channels(level - 1), side >> (level - 1));
            }
        }

        outputNorm = new GroupNormalization(Layout, "output.norm", width * spec.Multipliers[0], side, spec.Groups);
        output = new Convolution(Layout, "output", width * spec.Multipliers[0], 1, side, zero: true);

        long Channels(int level) => width * spec.Multipliers[level];

        Level MakeLevel(string name, int level, long inputs, long outputs, bool fromSkips = false)
        {
            bool attends = spec.AttentionLevels.Contains(level);
            int size = side >> level;
            var made = new Level(new ResidualBlock[spec.ResidualBlocks], new AttentionBlock?[spec.ResidualBlocks]);
            for (int i = 0; i < spec.ResidualBlocks; i++)
            {
                made.Blocks[i] = new ResidualBlock(Layout, $"{name}.block{i}", i == 0 || fromSkips ? inputs : outputs, outputs, size, spec.Groups, timeWidth);
                made.Attention[i] = attends ? new AttentionBlock(Layout, $"{name}.attention{i}", outputs, size, spec.Groups) : null;
            }

            return made;
        }
    }

    /// <summary>Parameters and costs.</summary>
    public ParameterLayout Layout { get; } = new();

    /// <summary>Predicts the noise.</summary>
    /// <param name="images">Noised images, B × 1 × side × side.</param>
    /// <param name="times">Sines and cosines of their diffusion times, B × timeEmbedding.</param>
    /// <param name="parameters">The parameter arrays of <see cref="Layout"/>.</param>
    /// <returns>B × 1 × side × side.</returns>
    public Tensor Forward(Tensor images, Tensor times, Tensor[] parameters)
    {
        Tensor embedding = functional.silu(time2.Forward(functional.silu(time1.Forward(times, parameters)), parameters));
        Tensor hidden = input.Forward(images, parameters);
        var skips = new Stack<Tensor>();
        foreach (Level level in down)
        {
            for (int i = 0; i < level.Blocks.Length; i++)
            {
                hidden = level.Blocks[i].Forward(hidden, embedding, parameters);
                hidden = level.Attention[i]?.Forward(hidden, parameters) ?? hidden;
                skips.Push(hidden);
            }

            hidden = level.Resize?.Forward(hidden, parameters) ?? hidden;
        }

        hidden = middle1.Forward(hidden, embedding, parameters);
        hidden = middleAttention.Forward(hidden, parameters);
        hidden = middle2.Forward(hidden, embedding, parameters);
        foreach (Level level in up.Reverse())
        {
            for (int i = 0; i < level.Blocks.Length; i++)
            {
                hidden = level.Blocks[i].Forward(cat([hidden, skips.Pop()], 1), embedding, parameters);
                hidden = level.Attention[i]?.Forward(hidden, parameters) ?? hidden;
            }

            if (level.Resize is { } resize)
            {
                hidden = resize.Forward(functional.interpolate(hidden, scale_factor: [2, 2]), parameters);
            }
        }

        return output.Forward(functional.silu(outputNorm.Forward(hidden, parameters)), parameters);
    }

    private sealed record Level(ResidualBlock[] Blocks, AttentionBlock?[] Attention)
    {
        /// <summary>To the next level; null at the last.</summary>
        public Convolution? Resize { get; set; }
    }
}
