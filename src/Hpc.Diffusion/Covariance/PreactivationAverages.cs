using Hpc.Diffusion.Spec;
using Hpc.Numerics.Activations;

namespace Hpc.Diffusion.Covariance;

/// <summary>Chooses how averages over the pre-activation are computed.</summary>
public static class PreactivationAverages
{
    /// <summary>Quadrature where the activation is analytic, closed forms where it has a kink.</summary>
    /// <param name="activation">φ.</param>
    /// <param name="largestOrder">Largest k that will be asked for.</param>
    /// <param name="largestDeviation">Largest σ that will be asked for.</param>
    public static IPreactivationAverage Create(Activation activation, int largestOrder, double largestDeviation) => activation switch
    {
        Activation.Tanh => new QuadratureAverage<Tanh>(largestOrder, largestDeviation),
        Activation.Erf => new QuadratureAverage<Erf>(largestOrder, largestDeviation),
        _ => new ReluAverage(),
    };
}
