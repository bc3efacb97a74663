namespace Hpc.Theory;

/// <summary>What the eigenvectors of a bulk mainly are (theory.md section 4).</summary>
public enum BulkKind
{
    /// <summary>Nonlinear features averaged over the noise: eigenvalues about Σ_c b_c s_c².</summary>
    NoiseFloor,

    /// <summary>Nonlinear features of the training samples of one class: eigenvalues about v_c² P/M.</summary>
    Memorization,

    /// <summary>Linear features: N directions.</summary>
    Generalization,
}

/// <summary>A connected piece of the spectrum of U.</summary>
/// <param name="From">Lower edge.</param>
/// <param name="To">Upper edge; equal to <paramref name="From"/> for an atom.</param>
/// <param name="Mass">Fraction of the P eigenvalues.</param>
/// <param name="Mean">Mean eigenvalue.</param>
/// <param name="Kind">The part of U with the largest share of the bulk.</param>
/// <param name="Class">Class with the largest share of a memorization bulk, otherwise −1.</param>
public sealed record Bulk(double From, double To, double Mass, double Mean, BulkKind Kind, int Class);
