using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Diffusion.Covariance;

/// <summary>
/// Second moments of the features of one realization, averaged over the noise: U_c = E[φφᵀ] and V_c = E[φξᵀ] = √Δ diag(gain_c) W/√N
/// for the training samples of a class and for fresh ones (theory.md sections 1 to 3).
/// </summary>
public interface IFeatureStatistics
{
    /// <summary>U_c over the training samples of class <paramref name="c"/>, P×P; returns gain_c, length P.</summary>
    double[] Train(int c, Matrix<double> covariance);

    /// <summary>U over all training samples, P×P; returns the gain averaged over them.</summary>
    double[] TrainAll(Matrix<double> covariance);

    /// <summary>U_c over fresh samples of class <paramref name="c"/>, P×P; returns gain_c, length P.</summary>
    double[] Test(int c, Matrix<double> covariance);

    /// <summary>Largest order of a Mehler series that was summed so far; 0 when there is none.</summary>
    int SeriesOrder { get; }

    /// <summary>Largest bound on the spectral norm of what a series left out.</summary>
    double SeriesRemainder { get; }
}
