using Hpc.Numerics.Randomness;

namespace Hpc.Ddpm.Network;

/// <summary>
/// The parameters of a network, one after the other in one vector, and what one image costs on the way through it. Layers add theirs when
/// they are made.
/// </summary>
internal sealed class ParameterLayout
{
    private readonly List<Entry> entries = [];

    /// <summary>Number of parameters.</summary>
    public long Count { get; private set; }

    /// <summary>Floating-point operations of products for one image, forward (2 for each multiplication and addition).</summary>
    public double Flops { get; private set; }

    /// <summary>Numbers that one image leaves behind on the way forward, which the way back needs.</summary>
    public double Activations { get; private set; }

    /// <summary>Numbers of every parameter array, in order.</summary>
    public long[] Sizes => [.. entries.Select(e => e.Size)];

    /// <summary>Shape of every parameter array, in order.</summary>
    public IReadOnlyList<long[]> Shapes => [.. entries.Select(e => e.Shape)];

    /// <summary>Names and sizes of the parameter arrays.</summary>
    public IEnumerable<(string Name, long Size)> Names => entries.Select(e => (e.Name, e.Size));

    /// <summary>Adds an array that begins with one value.</summary>
    /// <returns>Its number.</returns>
    public int AddConstant(string name, long[] shape, float value) => Add(new Entry(name, shape, value, 0));

    /// <summary>Adds an array that begins with random numbers of variance 1/inputs.</summary>
    /// <returns>Its number.</returns>
    public int AddRandom(string name, long[] shape, long inputs) => Add(new Entry(name, shape, 0, inputs));

    /// <summary>Counts a layer that reads its input and leaves an output.</summary>
    /// <param name="flops">Operations for one image.</param>
    /// <param name="outputs">Numbers of its output for one image.</param>
    public void AddCost(double flops, double outputs) => (Flops, Activations) = (Flops + flops, Activations + outputs);

    /// <summary>The parameters at the beginning: uniform in ±√(3/inputs), or constant. Number i of the vector depends on the seed and i alone.</summary>
    public float[] Initial(uint seed)
    {
        double[] uniform = new double[Count];
        new RandomStream(seed, StreamPurpose.NetworkWeights).FillUniforms(0, 0, uniform);
        float[] values = new float[Count];
        long first = 0;
        foreach (Entry entry in entries)
        {
            double range = entry.Inputs > 0 ? Math.Sqrt(3.0 / entry.Inputs) : 0;
            for (long i = first; i < first + entry.Size; i++)
            {
                values[i] = (float)(entry.Constant + range * (2 * uniform[i] - 1));
            }

            first += entry.Size;
        }

        return values;
    }

    private int Add(Entry entry)
    {
        Count += entry.Size;
        entries.Add(entry);
        return entries.Count - 1;
    }

    private sealed record Entry(string Name, long[] Shape, float Constant, long Inputs)
    {
        public long Size => Shape.Aggregate(1L, (size, length) => size * length);
    }
}
