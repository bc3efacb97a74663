namespace Hpc.Diffusion.Operators;

/// <summary>
/// The second moments of the features of one realization as operators: what <see cref="Covariance.IFeatureStatistics"/> gives as matrices.
/// </summary>
public interface IFeatureMoments : IDisposable
{
    /// <summary>Averages over all training samples.</summary>
    FeatureMoments TrainAll { get; }

    /// <summary>Averages over the training samples of a class.</summary>
    FeatureMoments Train(int c);

    /// <summary>Averages over fresh samples of a class.</summary>
    FeatureMoments Test(int c);
}
