namespace Hpc.Diffusion.Covariance;

/// <summary>
/// Averages of φ over a Gaussian pre-activation h + σz, z ~ N(0,1), for one activation (theory.md section 2):
/// C_k(h, σ) = E[φ(h + σz) He_k(z)]/√(k!) and E[φ(h + σz)²].
/// </summary>
public interface IPreactivationAverage
{
    /// <summary>Operations for one average, where an evaluation of φ or of another function counts as one.</summary>
    double OperationsPerValue { get; }

    /// <summary>C_k for every mean h.</summary>
    void HermiteCoefficient(int order, ReadOnlySpan<double> means, double deviation, Span<double> result);

    /// <summary>E[φ²] for every mean h.</summary>
    void SecondMoment(ReadOnlySpan<double> means, double deviation, Span<double> result);
}
