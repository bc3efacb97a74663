using Hpc.Numerics.Profiling;

namespace Hpc.Diffusion.Measurement;

/// <summary>Running means and spreads (Welford), so that small spreads about large means keep their digits.</summary>
internal sealed class SampleMoments(int records, int classes, int samples)
{
    private static readonly Kernel Losses = Kernel.Of<double>("sample-losses");

    private readonly int[] counts = new int[records * classes];
    private readonly ClassLosses squares = new(records, classes);

    public ClassLosses Mean { get; } = new(records, classes);

    /// <summary>Begins the losses and score errors of a block of outputs, seven operations a component.</summary>
    /// <param name="components">Outputs times their components.</param>
    public static KernelScope Enter(long components) => Losses.Enter(7.0 * components, 3.0 * sizeof(double) * components);

    public void Add(int record, int c, double value)
    {
        ref double mean = ref Mean[record, c];
        double difference = value - mean;
        mean += difference / ++counts[record * classes + c];
        squares[record, c] += difference * (value - mean);
    }

    /// <summary>√(sample variance/n).</summary>
    public ClassLosses StandardError()
    {
        for (int i = 0; i < squares.Values.Length; i++)
        {
            squares.Values[i] = Math.Sqrt(squares.Values[i] / (samples - 1.0) / samples);
        }

        return squares;
    }
}
