namespace Hpc.Diffusion.Spec;

/// <summary>The nonlinearity φ of the random features.</summary>
public enum Activation
{
    Tanh,
    Erf,
    Relu,
}

/// <summary>One class of the Gaussian mixture (theory.md section 1).</summary>
/// <param name="Weight">b_c, the fraction of samples in the class; the weights of a mixture sum to 1.</param>
/// <param name="Variance">σ_c², the variance of every component within the class.</param>
public sealed record ClassSpec(double Weight, double Variance);

/// <summary>The random-features score model and the mixture that it learns (theory.md section 1).</summary>
public sealed record ModelSpec
{
    /// <summary>N, the dimension of the data.</summary>
    public required int Dimension { get; init; }

    /// <summary>P, the number of random features.</summary>
    public required int Features { get; init; }

    /// <summary>M, the number of training samples.</summary>
    public required int Samples { get; init; }

    /// <summary>φ.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    public required IReadOnlyList<ClassSpec> Classes { get; init; }

    /// <summary>Gram_cc' = m_c·m_c'/N, K×K, symmetric and positive semi-definite; all zeros when the spec omits it.</summary>
    public required double[][] CentroidGram { get; init; }

    /// <summary>χ_p = P/N.</summary>
    public double FeatureRatio => (double)Features / Dimension;

    /// <summary>χ_m = M/N.</summary>
    public double SampleRatio => (double)Samples / Dimension;
}
