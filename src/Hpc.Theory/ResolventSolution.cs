using System.Numerics;

namespace Hpc.Theory;

/// <summary>The deterministic equivalent of the resolvent at one z (theory.md section 4).</summary>
/// <param name="Z">Argument.</param>
/// <param name="Trace">g = (1/P) tr G(z).</param>
/// <param name="FeatureNoise">f = (1/N) tr(Vᵀ G V).</param>
/// <param name="ClassFeatureNoise">f_c = (1/N) tr(Vᵀ G V_c) = Δ(Tb)_c; f = Σ_c b_c f_c.</param>
/// <param name="SampleResponse">δ_c.</param>
/// <param name="Convergence">How it was reached.</param>
public sealed record ResolventSolution(
    Complex Z,
    Complex Trace,
    Complex FeatureNoise,
    IReadOnlyList<Complex> ClassFeatureNoise,
    IReadOnlyList<Complex> SampleResponse,
    Convergence Convergence);
