using System.Numerics;
using Hpc.Kernels.Covariance;
using Hpc.Kernels.Descent;
using Hpc.Kernels.Devices;
using Hpc.Numerics.LinearAlgebra;
using Hpc.Numerics.Simd;

namespace Hpc.Kernels;

/// <summary><see cref="IBackend"/> on an accelerator, which it owns.</summary>
/// <typeparam name="T">Precision: <see cref="float"/> or <see cref="double"/>.</typeparam>
/// <typeparam name="TActivation">φ.</typeparam>
public sealed class AcceleratorBackend<T, TActivation> : IBackend
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TActivation : struct, IElementwise<T>
{
    private readonly ComputeDevice device;
    private readonly KernelLibrary<T> library;

    /// <exception cref="DeviceException">The device lacks double precision and <typeparamref name="T"/> is double.</exception>
    public AcceleratorBackend(ComputeDevice device)
    {
        this.device = device;
        library = KernelLibrary<T>.Create(device);
    }

    public string Description => $"{device.Info.Name}: {device.Info.Description}, {device.Info.Driver}, {device.Info.Version}";

    public long MemoryBytes => device.Info.MemoryBytes;

    public long ScoreModelBytes(int features, int dimension, int samples, int tileSamples) =>
        AcceleratorScoreModel<T, TActivation>.Bytes(features, dimension, samples, tileSamples);

    public long FeatureCovarianceBytes(int features, int dimension, int orders) =>
        AcceleratorFeatureCovariance<T, TActivation>.Bytes(features, dimension, orders);

    public IScoreModel CreateScoreModel(ScoreModelProblem problem)
    {
        long needed = ScoreModelBytes(problem.FirstLayer.Rows, problem.FirstLayer.Columns, problem.Samples.Rows, problem.TileSamples);
        CheckMemory(needed, "lower features or samples");
        return new AcceleratorScoreModel<T, TActivation>(library, problem);
    }

    public IFeatureCovariance CreateFeatureCovariance(Matrix<double> firstLayer, double decay, int largestOrders)
    {
        CheckMemory(FeatureCovarianceBytes(firstLayer.Rows, firstLayer.Columns, largestOrders), "lower features, or use method=lanczos");
        return new AcceleratorFeatureCovariance<T, TActivation>(library, firstLayer, decay, largestOrders);
    }

    public void Dispose() => device.Dispose();

    private void CheckMemory(long needed, string remedy)
    {
        if (needed > MemoryBytes)
        {
            throw new DeviceException(
                $"device {device.Info.Name} has {MemoryBytes / 1e9:F1} GB and {needed / 1e9:F1} GB are needed: "
                + $"{remedy}, or take another device.");
        }
    }
}
