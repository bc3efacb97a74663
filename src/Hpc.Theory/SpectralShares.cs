using System.Numerics;

namespace Hpc.Theory;

/// <summary>
/// The spectral measure split by the parts of U. The equation for ĝ times ĝ, averaged over u, reads
/// 1 = Σ_c b_c E[v_c²ĝ]/(1+δ_c) + Σ E[κκ'ĝ]R_cc' + Σ_c b_c E[s_c²ĝ] − z g: Im/(πλ) of each term is the part's share of ρ(λ).
/// Entries: mass, first moment, then masses and first moments of samples of each class, linear part, noise part.
/// </summary>
internal static class SpectralShares
{
    public static int Length(int classes) => 2 * (classes + 3);

    public static int Sample(int c) => 2 * (c + 1);

    public static int Linear(int classes) => 2 * (classes + 1);

    public static int Noise(int classes) => 2 * (classes + 2);

    /// <summary>Complex shares (g and terms over z) at a state; each first moment follows its mass.</summary>
    public static Complex[] At(ResolventEquations equations, ResolventState state)
    {
        NodeTable table = equations.Table;
        int classes = table.Classes;
        var shares = new Complex[Length(classes)];
        shares[0] = state.Trace;
        for (int c = 0; c < classes; c++)
        {
            shares[Sample(c)] = state.Coefficients[c] * state.Moments[c] / state.Z;
            shares[Noise(classes)] += equations.Weight(c) * state.Moments[table.Unknowns + c] / state.Z;
        }

        for (int p = classes; p < table.Unknowns; p++)
        {
            shares[Linear(classes)] += state.Coefficients[p] * state.Moments[p] / state.Z;
        }

        for (int i = 0; i < shares.Length; i += 2)
        {
            shares[i + 1] = state.Z * shares[i];
        }

        return shares;
    }
}
