using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Descent;

/// <summary>
/// What the loss of one class is made of in the eigenbasis of U = EᵀΛE: with f_i = F(λ_i), tr(BᵀV_c) = Σ_i f_i Linear_i and
/// tr(BᵀU_cB) = fᵀ Quadratic f.
/// </summary>
/// <param name="Linear">(EV (EV_c)ᵀ)_ii, length P.</param>
/// <param name="Quadratic">(E U_c Eᵀ)∘(EV(EV)ᵀ), P×P.</param>
public sealed record ClassTerms(double[] Linear, Matrix<double> Quadratic) : IDisposable
{
    public void Dispose() => Quadratic.Dispose();
}
