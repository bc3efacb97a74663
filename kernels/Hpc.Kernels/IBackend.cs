using Hpc.Numerics.LinearAlgebra;

namespace Hpc.Kernels;

/// <summary>What the solvers need from a device, for one activation and one precision.</summary>
public interface IBackend : IDisposable
{
    /// <summary>The device, as it is recorded with results.</summary>
    string Description { get; }

    /// <summary>Memory of the device in bytes.</summary>
    long MemoryBytes { get; }

    /// <summary>Memory that a score model takes, in bytes.</summary>
    long ScoreModelBytes(int features, int dimension, int samples, int tileSamples);

    /// <summary>Memory that a feature covariance takes while it is computed, in bytes.</summary>
    long FeatureCovarianceBytes(int features, int dimension, int orders);

    /// <summary>Copies a model to the device.</summary>
    /// <exception cref="Devices.DeviceException">The model does not fit into the memory of the device.</exception>
    IScoreModel CreateScoreModel(ScoreModelProblem problem);

    /// <summary>Copies a first layer to the device.</summary>
    /// <param name="firstLayer">W, P×N.</param>
    /// <param name="decay">e^{−t}.</param>
    /// <param name="largestOrders">Most orders of a series that will be asked for.</param>
    /// <exception cref="Devices.DeviceException">The covariance does not fit into the memory of the device.</exception>
    IFeatureCovariance CreateFeatureCovariance(Matrix<double> firstLayer, double decay, int largestOrders);
}
